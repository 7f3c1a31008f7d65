"""Names: in comes the one that is wanted, out goes one that nothing else has."""

import builtins
import keyword
from collections.abc import Container
from itertools import count

__all__ = ["unused"]

_KEPT = frozenset(
    {
        "F",
        "OrderedDict",
        "Tensor",
        "stochastic_depth",
        "rearrange",
        "reduce",
        "repeat",
        "einops",
        "fnmatchcase",
        "init",
        "nn",
        "self",
        "torch",
    }
)


def unused(wanted: str, taken: Container[str]) -> str:
    """The name that is wanted, or the first one after it that nothing has and that means nothing else in Python.

    >>> unused("Block", {"Block"})
    'Block2'
    """
    if _is_free(wanted, taken):
        return wanted
    return next(name for number in count(2) if _is_free(name := f"{wanted}{number}", taken))


def _is_free(name: str, taken: Container[str]) -> bool:
    reserved = name in _KEPT or keyword.iskeyword(name) or hasattr(builtins, name)
    return not reserved and name not in taken
