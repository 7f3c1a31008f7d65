"""Writes the table of `docs/security.md`: in come the verdicts, out goes Markdown."""

import datetime as dt
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from benchmarks.hostile.attempt import MEMORY, SECONDS
from benchmarks.hostile.cases import Case
from benchmarks.hostile.openers import OPENERS

__all__ = ["fill", "table"]

_MARKED = re.compile(r"(<!-- measured: peers -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(page: str, text: str) -> str:
    """The page with the table between its marks."""
    filled, times = _MARKED.subn(lambda match: f"{match[1]}{text}{match[2]}", page)
    assert times == 1, "the page has one place for the table"
    return filled


def table(cases: Sequence[Case], verdicts: Mapping[str, Sequence[str]]) -> str:
    """The table, and under it what was called and which versions those are."""
    return "\n".join(_lines(cases, verdicts)) + "\n"


def _lines(cases: Sequence[Case], verdicts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"| the file has | {' | '.join(verdicts)} |"
    yield f"|---|{'---|' * len(verdicts)}"
    for index, case in enumerate(cases):
        cells = [case.title, *(column[index] for column in verdicts.values())]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""
    versions = f"CPython {platform.python_version()}, torch {version('torch')} and PyYAML {version('PyYAML')}"
    yield f"Measured on {dt.datetime.now(tz=dt.UTC).date()} with {versions}. A file has {SECONDS} s of CPU time, and"
    yield f"{MEMORY >> 30} GiB more than a process that has opened a harmless one:"
    yield ""
    yield from (f"- {name}: {opener.how}; {_versions(opener.packages)}" for name, opener in OPENERS.items())


def _versions(packages: Sequence[str]) -> str:
    return ", ".join(f"{package} {_version(package)}" for package in packages)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
