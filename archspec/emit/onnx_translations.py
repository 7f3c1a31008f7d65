"""Corrects how torch's exporter translates operations: in comes nothing, out goes a table for `torch.onnx.export`.

onnxscript 0.7.2 drops the `divisor_override` of average pooling without a word (`aten_avg_pool2d` in its
`function_libs/torch_lib/ops/nn.py`), so the sums of four numbers would become their means.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

__all__ = ["translations"]


def translations() -> dict[Any, Callable[..., Any]]:
    """What to translate otherwise than onnxscript does, by the operation of torch."""
    import torch
    from onnxscript.function_libs.torch_lib.ops import nn

    aten = torch.ops.aten
    return {
        aten.avg_pool2d.default: _average_pool(nn.aten_avg_pool2d, axes=2),
        aten.avg_pool3d.default: _average_pool(nn.aten_avg_pool3d, axes=3),
    }


def _average_pool(usual: Callable[..., Any], *, axes: int) -> Callable[..., Any]:
    """Average pooling that heeds `divisor_override`: the mean over the whole window, times its size by the divisor."""
    from onnxscript import FLOAT
    from onnxscript import opset18 as opset

    op: Any = opset  # its stubs want a type of tensor that is known beforehand

    def average_pool(  # noqa: PLR0913 - the arguments of aten's
        self: FLOAT,
        kernel_size: Sequence[int],
        stride: Sequence[int] = (),
        padding: Sequence[int] = (0,) * axes,
        ceil_mode: bool = False,  # noqa: FBT001, FBT002 - as aten has it
        count_include_pad: bool = True,  # noqa: FBT001, FBT002
        divisor_override: int | None = None,
    ) -> Any:
        if divisor_override is None:
            return usual(self, kernel_size, stride, padding, ceil_mode, count_include_pad)
        if ceil_mode:
            raise NotImplementedError("ONNX has no average pooling with both divisor_override and ceil_mode")
        mean = usual(self, kernel_size, stride, padding, ceil_mode, count_include_pad=True)
        window = prod(kernel_size) if len(kernel_size) == axes else kernel_size[0] ** axes
        return op.Mul(mean, op.CastLike(op.Constant(value_float=window / divisor_override), mean))

    return average_pool
