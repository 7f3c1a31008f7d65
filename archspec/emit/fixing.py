"""Which node fixes a dimension: in come a module and what traces it, out goes the first after which a size is a number.

An exporter says only when all is traced that a dimension which should vary does not. So the model is traced once more,
and after each module the symbols of the inputs are looked at.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

__all__ = ["fixing_module"]


def fixing_module(model: "nn.Module", trace: Callable[[], object]) -> tuple[str, list[tuple[int, int]]]:
    """The path of the first module that makes numbers of symbols, and which axes of which inputs these are.

    Args:
        model: what is traced.
        trace: traces it; what it raises is no news.

    Returns:
        The path, empty where none was seen to, and pairs of the number of an input and of its axis.
    """
    watch = _Watch()
    handles = [model.register_forward_pre_hook(watch.begin)]
    for path, module in model.named_modules():
        handles.append(module.register_forward_hook(watch.after(path)))
    try:
        with suppress(Exception):
            trace()
    finally:
        for handle in handles:
            handle.remove()
    return watch.path, watch.fixed


class _Watch:
    def __init__(self) -> None:
        self.symbols: dict[tuple[int, int], Any] = {}
        self.path = ""
        self.fixed: list[tuple[int, int]] = []

    def begin(self, _module: "nn.Module", inputs: tuple[Any, ...]) -> None:
        """Note the sizes of the inputs that are symbols."""
        import torch

        for number, value in enumerate(inputs):
            for axis, size in enumerate(value.shape if isinstance(value, torch.Tensor) else ()):
                if type(size) is not int:  # a `torch.SymInt`
                    self.symbols[number, axis] = size

    def after(self, path: str) -> Callable[..., None]:
        """What looks, after a module has run, whether a symbol has become a number."""

        def look(*_: object) -> None:
            before = bool(self.fixed)
            self.fixed = [place for place, size in self.symbols.items() if size.node.expr.is_number]
            if self.fixed and not before:
                self.path = path

        return look
