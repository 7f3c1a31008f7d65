"""The closest known name: in come a name nobody knows and the names that exist, out goes the one that was meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

MOST_CANDIDATES = 500
MOST_MISTAKES = 2

__all__ = ["closest", "did_you_mean", "typo_of"]


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name nearest to `name`, or None when none is near.

    >>> closest("kernel_sise", ["kernel_size", "stride"])
    'kernel_size'
    """
    candidates = list(known)[-MOST_CANDIDATES:]
    folded = {candidate.casefold().replace("_", ""): candidate for candidate in reversed(candidates)}
    exact = folded.get(name.casefold().replace("_", ""))
    if exact is not None:
        return exact
    letters = sorted(name.casefold())
    swapped = next((candidate for candidate in candidates if sorted(candidate.casefold()) == letters), None)
    if swapped is not None:
        return swapped
    near = get_close_matches(name, candidates, n=1, cutoff=0.6) or get_close_matches(
        name.casefold(), list(folded), n=1, cutoff=0.75
    )
    return folded.get(near[0], near[0]) if near else None


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that names the nearest known name, or `otherwise` when none is near.

    >>> did_you_mean("Conv2D", ["Conv2d"])
    'did you mean `Conv2d`?'
    """
    near = closest(name, known)
    return f"did you mean `{near}`?" if near is not None else otherwise


def typo_of(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is a typo of, where it can be no other; None where there is a doubt.

    Names that differ in case and underscores only are the same. Otherwise one letter in four may be wrong, two at
    most, and no digit: `conv3` is no typo of `conv2`.

    >>> typo_of("kernal_size", ["kernel_size", "stride"])
    'kernel_size'
    >>> typo_of("Conv", ["Conv1d", "Conv2d"])
    """
    candidates = set(known)
    if len(candidates) > MOST_CANDIDATES:
        return None
    same = [candidate for candidate in candidates if _folded(candidate) == _folded(name)]
    if not same:
        allowed = min(len(name) // 4, MOST_MISTAKES)
        same = [candidate for candidate in candidates if _is_near(name, candidate, allowed)]
    return same[0] if len(same) == 1 else None


def _folded(name: str) -> str:
    return name.casefold().replace("_", "")


def _is_near(name: str, other: str, allowed: int) -> bool:
    if abs(len(name) - len(other)) > allowed or _digits(name) != _digits(other):
        return False
    return mistakes(name, other) <= allowed


def _digits(name: str) -> list[str]:
    return re.findall(r"\d", name)


def mistakes(name: str, other: str) -> int:
    """How many letters are missing, too many, wrong, or swapped with the next: the optimal string alignment distance.

    >>> mistakes("dropuot", "dropout")
    1
    """
    earlier: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(name, 1):
        last, row = row, [i]
        for j, wanted in enumerate(other, 1):
            least = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and name[i - 2] == wanted:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
        earlier = last
    return row[-1]
