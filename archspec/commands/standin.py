"""A stand-in for TorchDynamo, which torch's meta kernels load and do not need: while it is in place, nothing does.

Nearly every meta kernel is marked as not to be compiled, and the mark imports `torch._dynamo` when the kernel first
runs. That takes as long as `import torch` itself. But while nobody has imported it nothing is being compiled, so the
function that "disables" compiling has nothing to do, and the stand-in says so. The command line, whose process is its
own, puts it in place; the library leaves its callers' processes alone.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["without_compiler", "without_triton"]

_COMPILER = "torch._dynamo"
_TRITON = "triton.runtime.jit"

# Where `torch._compile` keeps, on each function that is not to be compiled, what `torch._dynamo.disable` made of it.
_MARK = "__dynamo_disable"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Run meta kernels without loading TorchDynamo. Where it is loaded already, nothing is changed."""
    import torch  # noqa: F401 - all of it is loaded first: the stand-in is for its kernels alone

    stand_in = _StandIn(_COMPILER)
    sys.modules.setdefault(_COMPILER, stand_in)
    try:
        yield
    finally:
        stand_in.withdraw()


@contextmanager
def without_triton() -> Iterator[None]:
    """Load torch's flop counter without Triton, a tenth of a second, of which it only wants to know the kernels."""
    stand_in = ModuleType(_TRITON)
    vars(stand_in)["JITFunction"] = type("JITFunction", (), {})
    sys.modules.setdefault(_TRITON, stand_in)
    try:
        yield
    finally:
        if sys.modules[_TRITON] is stand_in:
            del sys.modules[_TRITON]


class _StandIn(ModuleType):
    """Leaves functions as they are. Whoever asks it for anything else gets the real module, which takes its place."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._left: list[Callable[..., object]] = []

    def disable(self, function: Any = None, recursive: bool = True, *, wrapping: bool = True, **more: Any) -> Any:  # noqa: FBT001, FBT002 - as in torch
        """Leave a function of torch (they are not wrapped) as it is, until the stand-in is withdrawn."""
        if wrapping:
            return self.__getattr__("disable")(function, recursive, **more)
        self._left.append(function)
        return function

    def withdraw(self) -> None:
        """Make way for the real module, and let it be asked about each function anew."""
        if sys.modules.get(_COMPILER) is self:
            del sys.modules[_COMPILER]
        for function in self._left:
            vars(function).pop(_MARK, None)

    def __getattr__(self, name: str) -> Any:
        self.withdraw()
        return getattr(import_module(_COMPILER), name)
