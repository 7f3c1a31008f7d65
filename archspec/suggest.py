"""The closest known name: in come a name nobody knows and the names that exist, out goes the one that was meant."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_CANDIDATES = 500

__all__ = ["closest", "did_you_mean"]


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
