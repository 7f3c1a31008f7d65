"""Amounts and lists in words: in come numbers and names, out goes the text that tables and summaries show."""

from collections.abc import Sequence

__all__ = ["count", "listed", "memory"]

STEP = 1024


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(2, "error")
    '2 errors'
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["N", "H", "W"])
    'N, H and W'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def memory(size: float) -> str:
    """Bytes in the largest unit that leaves a number of one or more.

    >>> memory(248_024)
    '242.2 KiB'
    """
    if size < STEP:
        return f"{size:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        size /= STEP
        if size < STEP:
            return f"{size:,.1f} {unit}"
    return f"{size / STEP:,.1f} TiB"
