"""Stand-ins for modules of torch that its meta kernels load and do not need: while in place, nothing loads them.

Two questions are asked by nearly every meta kernel. "Do not compile me" imports `torch._dynamo`, and "is this size
symbolic?" imports `torch.fx.experimental.symbolic_shapes`: with SymPy, together, as long as `import torch` itself. But
while nobody has imported the first, nothing is being compiled; while nobody has imported the second, no size is
symbolic. So both questions have plain answers, and the stand-ins give them.
"""

import functools
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["stand_ins"]

_COMPILER = "torch._dynamo"
_SYMBOLS = "torch.fx.experimental.symbolic_shapes"

# Where `torch._compile` keeps, on each function that is not to be compiled, what `torch._dynamo.disable` made of it.
_MARK = "__dynamo_disable"


@contextmanager
def stand_ins() -> Iterator[None]:
    """Let meta kernels run without loading a compiler. Where it is loaded already, nothing is changed."""
    marked: list[Callable[..., object]] = []

    def disable(function: Callable[..., object], *_: object, **__: object) -> Callable[..., object]:
        marked.append(function)
        return function

    placed = [_StandIn(_COMPILER, {"disable": disable}), _StandIn(_SYMBOLS, _PLAIN)]
    for stand_in in placed:
        sys.modules.setdefault(stand_in.__name__, stand_in)
    try:
        yield
    finally:
        for stand_in in placed:
            stand_in.withdraw()
        for function in marked:
            vars(function).pop(_MARK, None)


class _StandIn(ModuleType):
    """Answers for a module that is not loaded. Whoever asks it for anything else gets the real one."""

    def __init__(self, name: str, answers: Mapping[str, object]) -> None:
        super().__init__(name)
        vars(self).update(answers)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and self.__name__ != _COMPILER:
            raise AttributeError(name)  # the import system looks for `__path__`, which only a package has
        self.withdraw()
        return getattr(import_module(self.__name__), name)

    def withdraw(self) -> None:
        """Make way for the real module, if it is not there yet."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]


def _same(value: bool) -> bool:  # noqa: FBT001 - as the kernels call it
    return value


def _all(*values: bool) -> bool:
    return functools.reduce(operator.and_, values)


def _any(*values: bool) -> bool:
    return functools.reduce(operator.or_, values)


# What the functions of `symbolic_shapes` give for plain numbers and booleans.
_PLAIN: Mapping[str, Callable[..., object]] = {
    "expect_true": _same,
    "guard_or_false": _same,
    "guard_or_true": _same,
    "guard_size_oblivious": _same,
    "statically_known_true": _same,
    "sym_and": _all,
    "sym_or": _any,
}
