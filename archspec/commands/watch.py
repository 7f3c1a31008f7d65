"""`archspec check --watch`: in come specs, out goes a check of them, and a new one when one of their files changes."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.text import Text

from archspec.commands.amounts import count
from archspec.commands.check import run as check
from archspec.commands.console import console, printable
from archspec.commands.reports.result import path_of
from archspec.commands.settings import STDIN, Settings, read_limits
from archspec.errors import SpecError, UsageError
from archspec.spec.files import files_of
from archspec.spec.given import source_of

__all__ = ["run"]

INTERVAL = 0.3  # seconds: people do not notice it, and a few `stat` calls cost nothing

State = Mapping[Path, tuple[int, int, int] | None]


def run(
    requests: Sequence[Settings],
    *,
    every_preset: bool = False,
    quiet: bool = False,
    wait: Callable[[], None] = lambda: time.sleep(INTERVAL),
) -> int:
    """Check specs, and again whenever a file changes that they are made of, until Ctrl-C.

    Args:
        requests: the specs.
        every_preset: whether each preset of a spec is checked too.
        quiet: whether nothing is said about what is good.
        wait: returns when it is time to look again.

    Returns:
        The exit code: 0.

    Raises:
        UsageError: no spec is called that, or none is in a file that could change.
    """
    paths = [path for settings in requests if (path := _path(settings)) is not None]
    if not paths:
        raise UsageError("--watch needs a spec in a file: what ships does not change")
    try:
        while True:
            # Looked at before the check: what is saved while it runs is seen after it.
            before = _state(_files(paths, requests))
            _begin()
            check(requests, every_preset=every_preset, quiet=quiet)
            _tell(f"Watching {count(len(before), 'file')}; Ctrl-C ends")
            changed = _changed(before, wait)
            _tell(f"\nChanged: {', '.join(map(str, changed))}")
    except KeyboardInterrupt:
        return 0


def _path(settings: Settings) -> Path | None:
    """The file of a spec; None for what ships."""
    if settings.spec == STDIN:
        raise UsageError("--watch cannot watch `-`: name a file")
    try:
        source, _ = source_of(settings.spec, read_limits(settings.limits))
    except SpecError:  # it may be there, or be readable, later
        return path_of(settings.spec)
    return None if source.path is None or source.name != settings.spec else source.path


def _files(paths: Sequence[Path], requests: Sequence[Settings]) -> set[Path]:
    """What the specs are made of."""
    limits = read_limits(requests[0].limits)
    return {file for path in paths for file in files_of(path, limits)}


def _changed(before: State, wait: Callable[[], None]) -> list[Path]:
    """Wait until files are otherwise, and stay so while one waits once more: some editors save in several steps."""
    last, current = before, before
    while current == before or current != last:
        wait()
        last, current = current, _state(before)
    return [path for path in before if before[path] != current[path]]


def _state(files: Iterable[Path]) -> State:
    """When each file was written and how long it is; None for one that is not there."""
    return {path: _stamp(path) for path in sorted(files)}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _begin() -> None:
    """A terminal shows one check at a time; a pipe gets one after the other."""
    screen = console()
    if screen.is_terminal:
        screen.clear()


def _tell(text: str) -> None:
    console().print(Text(printable(text), "dim"))
    sys.stdout.flush()
