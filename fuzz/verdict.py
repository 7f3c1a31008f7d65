"""The verdict: in comes a piece of work on a stranger's bytes, out comes what it gave, or the promise that it broke."""

import resource
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import torch  # noqa: F401 - its import does what no spec may do, so it comes before the first verdict

from archspec.diagnostic import Diagnostic
from archspec.errors import ArchspecError, Fault, SpecError

__all__ = ["Finding", "judge"]

MOST_SECONDS = 5.0
MOST_BYTES = 1 << 30
KIB = 1 << 10

# What no spec and no checkpoint makes the interpreter do.
FORBIDDEN = (
    *("os.exec", "os.fork", "os.kill", "os.posix_spawn", "os.remove", "os.rename", "os.spawn", "os.system"),
    *("ctypes.dlopen", "pickle.find_class", "pty.", "shutil.", "socket.", "subprocess.", "urllib."),
)

_Result = TypeVar("_Result")


class Finding(Exception):
    """A promise that was broken; the text says which."""


class _Watch:
    """Notes what the interpreter does; an audit hook stays for as long as the process."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.seen is not None and event.startswith(FORBIDDEN):
            self.seen.append(f"{event} {arguments!r}"[:400])


_WATCH = _Watch()


def judge(work: Callable[[], _Result]) -> _Result | None:
    """What the work gives, or None where it refuses with an error of ours.

    Raises:
        Finding: it took too long or too much memory, did what nothing may do, or its error points nowhere or holds what
            a reader cannot see.
        Exception: whatever else the work raises.
    """
    _WATCH.seen, held, started = [], _most_held(), time.process_time()
    try:
        result = _judged(work)
    finally:
        seen, _WATCH.seen = _WATCH.seen, None
    if seen:
        raise Finding(f"it made the interpreter do {seen}")
    seconds, grown = time.process_time() - started, _most_held() - held
    if seconds > MOST_SECONDS or grown > MOST_BYTES:
        raise Finding(f"it took {seconds:.1f} s and {grown:,} bytes")
    return result


def _judged(work: Callable[[], _Result]) -> _Result | None:
    try:
        return work()
    except SpecError as error:
        _check_text(str(error))
        _check_diagnostics(error.diagnostics)
    except ArchspecError as error:
        _check_text(str(error))
    except Fault as fault:  # a stage that was called alone: in the compiler, its collector raises a SpecError
        _check_diagnostics([fault.diagnostic])
    return None


def _check_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    for diagnostic in diagnostics:
        _check_text(str(diagnostic))
        span = diagnostic.span
        if span is None:
            continue
        lines = span.source.lines()
        if not 1 <= span.line <= len(lines) or not 1 <= span.column <= len(lines[span.line - 1]) + 1:
            raise Finding(f"{diagnostic.code} points outside of the text, at {span}: {diagnostic.message}")


def _check_text(text: str) -> None:
    unseen = sorted({f"U+{ord(character):04X}" for character in text if not character.isprintable()} - {"U+000A"})
    if unseen:
        raise Finding(f"its error holds {', '.join(unseen)}: {text!a}")


def _most_held() -> int:
    """The most bytes that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else KIB)
