"""`python -m benchmarks.exports [--all] [NAME …]`: writes presets in every format, and the table in docs/export.md."""

import argparse
import json
import subprocess
import sys
from collections.abc import Collection

from benchmarks.exports.cells import FORMATS
from benchmarks.exports.table import Rows, alike, fill, read
from benchmarks.measure import ROOT, environment

__all__ = ["main"]

PAGE = ROOT / "docs" / "export.md"


def main() -> None:
    """Measure what the table lacks, row by row; each is written as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description="Write presets in every format.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="presets to measure; by default every one")
    parser.add_argument("--formats", default=",".join(FORMATS), help="the columns to measure; by default all")
    parser.add_argument("--all", action="store_true", help="measure anew what the table has already")
    options = parser.parse_args()
    every = alike()
    unknown = set(options.names).difference(*every)
    if unknown:
        parser.error(f"nothing that ships is called {', '.join(sorted(unknown))}")
    groups = [names for wanted in options.names for names in every if wanted in names] or every
    suffixes = [suffix for suffix in FORMATS if suffix in options.formats.split(",")]
    if not options.names:
        _keep(groups)
    for names in groups:
        known = {} if options.all else read(PAGE.read_text(encoding="utf-8")).get(names, {})
        missing = [suffix for suffix in suffixes if suffix not in known]
        if missing:
            _measure(names, missing)


def _keep(groups: Collection[tuple[str, ...]]) -> None:
    """Leave out the rows of what does not ship any more, or not under the same names."""
    _rewrite({names: cells for names, cells in read(PAGE.read_text(encoding="utf-8")).items() if names in groups})


def _measure(names: tuple[str, ...], suffixes: list[str]) -> None:
    """In a process of its own, whose memory is given back; what fails is said, and stays without a cell."""
    command = [sys.executable, "-m", "benchmarks.exports.row", names[0], *suffixes]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{names[0]}: failed with exit code {done.returncode}", file=sys.stderr)
        return
    found = json.loads(done.stdout)
    print(names[0], *found.values(), sep=" | ", flush=True)
    rows = read(PAGE.read_text(encoding="utf-8"))
    _rewrite({**rows, names: {**rows.get(names, {}), **found}})


def _environment() -> dict[str, str]:
    """One thread: then sums have one order, in every process."""
    return {**environment(), "OMP_NUM_THREADS": "1"}


def _rewrite(rows: Rows) -> None:
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
