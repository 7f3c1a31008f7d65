"""Corrects how torch's exporter translates operations: in comes nothing, out goes a table for `torch.onnx.export`.

onnxscript 0.7.2 drops these arguments without a word (`function_libs/torch_lib/ops/nn.py`):

- `divisor_override` of average pooling, so the sums of four numbers would become their means;
- the scales of an interpolation with `antialias`, where sizes that were rounded down stand for others.
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
        aten._upsample_bilinear2d_aa.default: _antialiased(nn.aten__upsample_bilinear2d_aa, mode="linear"),  # noqa: SLF001
        aten._upsample_bicubic2d_aa.default: _antialiased(nn.aten__upsample_bicubic2d_aa, mode="cubic"),  # noqa: SLF001
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


def _antialiased(usual: Callable[..., Any], *, mode: str) -> Callable[..., Any]:
    """Interpolation with `antialias` that heeds the scales it was given, and not those of the rounded sizes."""
    from onnxscript import FLOAT, INT64
    from onnxscript import opset18 as opset

    op: Any = opset

    def antialiased(
        self: FLOAT,
        output_size: INT64,
        align_corners: bool,  # noqa: FBT001 - as aten has it
        scales_h: float | None = None,
        scales_w: float | None = None,
    ) -> Any:
        if align_corners:  # torch then has scales that fit the corners, at places that do not: kernel by kernel its own
            raise NotImplementedError("ONNX has no interpolation with both antialias and align_corners")
        if scales_h is None or scales_w is None:
            return usual(self, output_size, align_corners)
        scales = op.Constant(value_floats=[1.0, 1.0, scales_h, scales_w])
        return op.Resize(
            self, None, scales, mode=mode, antialias=1, exclude_outside=1, cubic_coeff_a=-0.5, nearest_mode="floor"
        )

    return antialiased
