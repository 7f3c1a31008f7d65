"""Corrects how torch's exporter translates operations: in comes nothing, out goes a table for `torch.onnx.export`.

onnxscript 0.7.2 (`function_libs/torch_lib/ops/nn.py` and `core.py`) does without a word:

- drop `divisor_override` of average pooling, so the sums of four numbers would become their means;
- drop the scales of an interpolation with `antialias`, where sizes that were rounded down stand for others;
- drop `label_smoothing` of cross-entropy;
- give the mean of all values where a mask of attention leaves none: torch gives zeros;
- make an LSTM with projections of one without, which onnxruntime then refuses.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

__all__ = ["translations"]


def translations() -> dict[Any, Callable[..., Any]]:
    """What to translate otherwise than onnxscript does, by the operation of torch."""
    import torch
    from onnxscript.function_libs.torch_lib.ops import core, nn

    aten = torch.ops.aten
    return {
        aten.avg_pool2d.default: _average_pool(nn.aten_avg_pool2d, axes=2),
        aten.avg_pool3d.default: _average_pool(nn.aten_avg_pool3d, axes=3),
        aten._upsample_bilinear2d_aa.default: _antialiased(nn.aten__upsample_bilinear2d_aa, mode="linear"),  # noqa: SLF001
        aten._upsample_bicubic2d_aa.default: _antialiased(nn.aten__upsample_bicubic2d_aa, mode="cubic"),  # noqa: SLF001
        aten.cross_entropy_loss.default: _cross_entropy(nn.aten_cross_entropy_loss),
        aten.scaled_dot_product_attention.default: _attention(nn.aten_scaled_dot_product_attention),
        aten.lstm.input: _lstm(core.aten_lstm),
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


def _cross_entropy(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Cross-entropy of classes; what ONNX does not have is refused."""
    from onnxscript import FLOAT

    def cross_entropy(  # noqa: PLR0913 - the arguments of aten's
        self: FLOAT,
        target: Any,
        weight: FLOAT | None = None,
        reduction: int = 1,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
    ) -> Any:
        if label_smoothing:
            raise NotImplementedError("ONNX has no cross-entropy with label_smoothing")
        if target.dtype.is_floating_point():
            raise NotImplementedError("ONNX has no cross-entropy of probabilities: its targets are integers")
        return usual(self, target, weight, reduction, ignore_index)

    return cross_entropy


def _attention(usual: Callable[..., Any]) -> Callable[..., Any]:
    """Attention that gives zeros where its mask leaves nothing to attend to, as torch does."""
    from onnxscript import BOOL, FLOAT
    from onnxscript import opset18 as opset

    op: Any = opset

    def attention(  # noqa: PLR0913 - the arguments of aten's
        query: FLOAT,
        key: FLOAT,
        value: FLOAT,
        attn_mask: Any = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,  # noqa: FBT001, FBT002 - as aten has it
        scale: float | None = None,
        enable_gqa: bool = False,  # noqa: FBT001, FBT002
    ) -> Any:
        given = usual(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)
        if attn_mask is None:
            return given
        left = op.Not(op.IsInf(attn_mask, detect_positive=0)) if attn_mask.dtype.is_floating_point() else attn_mask
        any_left = op.ReduceMax(op.Cast(left, to=FLOAT.dtype), op.Constant(value_ints=[-1]), keepdims=1)
        zero = op.CastLike(op.Constant(value_float=0.0), given)
        return op.Where(op.Cast(any_left, to=BOOL.dtype), given, zero)

    return attention


def _lstm(usual: Callable[..., Any]) -> Callable[..., Any]:
    """An LSTM; projections, which ONNX does not have, are refused."""

    def lstm(  # noqa: PLR0913 - the arguments of aten's
        input: Any,
        hx: Sequence[Any],
        params: Sequence[Any],
        has_biases: bool,  # noqa: FBT001 - as aten has it
        num_layers: int,
        dropout: float,
        train: bool,  # noqa: FBT001
        bidirectional: bool,  # noqa: FBT001
        batch_first: bool,  # noqa: FBT001
    ) -> Any:
        one = 4 if has_biases else 2  # of the hidden state and of the input; a projection is one more
        if len(params) != one * num_layers * (2 if bidirectional else 1):
            raise NotImplementedError("ONNX has no LSTM with proj_size")
        return usual(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)

    return lstm
