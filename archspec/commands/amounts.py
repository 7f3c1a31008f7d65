"""Amounts and lists in words: in come numbers and names, out goes the text that tables and summaries show."""

from collections.abc import Sequence

__all__ = ["count", "listed", "memory", "short"]

STEP = 1024
THOUSAND = 1000
LETTERS = ("", "K", "M", "G", "T", "P")


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


def short(number: int) -> str:
    """A number in three digits and the letter of its size.

    >>> short(4_089_184_256)
    '4.09G'
    """
    if number < THOUSAND:
        return str(number)
    digits, exponent = f"{number:.2e}".split("e")
    size = min(int(exponent) // 3, len(LETTERS) - 1)
    left = int(exponent) - 3 * size  # of the decimal places that the letter does not stand for
    return f"{float(digits) * 10**left:.{max(0, 2 - left)}f}{LETTERS[size]}"
