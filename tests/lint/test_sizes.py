"""What strides leave over."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from archspec.lint.sizes import _Window

Lint = Callable[..., list[tuple[str, int]]]


@pytest.mark.parametrize("size", range(7, 16))
@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation"), [(2, 2, 0, 1), (3, 2, 1, 1), (3, 4, 0, 1), (5, 3, 2, 1)]
)
def test_lost_positions_are_those_without_a_gradient(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    """PyTorch agrees: no gradient reaches them, nor the gaps that a stride larger than the kernel leaves."""
    image = torch.ones(1, 1, size, requires_grad=True)
    conv = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
    nn.init.ones_(conv.weight)
    conv(image).sum().backward()
    assert image.grad is not None
    read = [index for index, value in enumerate(image.grad[0, 0].tolist()) if value]
    gap = max(0, stride - dilation * (kernel - 1) - 1)
    window = _Window(size=size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    assert window.lost == max(0, size - 1 - read[-1] - gap)


@pytest.mark.parametrize(
    "layer", ["MaxPool2d: 2", "AvgPool2d: 2", "Conv2d: {out_channels: 4, kernel_size: 2, stride: 2}"]
)
def test_a_stride_that_cuts_off_a_tenth(lint: Lint, layer: str) -> None:
    """Of 7 rows and columns the last is never read."""
    assert lint(f"- {layer}", given="input: [N, 8, 7, 7]") == [("W0205", 1)]


def test_operations_cut_off_too(lint: Lint) -> None:
    """The functional forms slide as the layers do, with weights that come as a tensor."""
    assert lint("a: {max_pool2d: 2}", given="input: [N, 8, 7, 7]") == [("W0205", 1)]
    model = "w: {Parameter: {shape: [4, 8, 2, 2], init: zeros}}\na: {conv2d: {stride: 2}, from: [input, w]}"
    assert lint(model, given="input: [N, 8, 7, 7]") == [("W0205", 2)]


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        ("MaxPool2d: {kernel_size: 2, ceil_mode: true}", 7),
        ("MaxPool2d: {kernel_size: 3, stride: 2, padding: 1}", 8),
        ("MaxPool2d: 2", 21),  # one of 21 is less than a tenth
        ("Conv2d: {out_channels: 4, kernel_size: 1, stride: 2}", 4),  # it skips every second position on purpose
        ("Conv2d: {out_channels: 4, kernel_size: 3, padding: same}", 7),
    ],
)
def test_a_stride_that_fits(lint: Lint, layer: str, size: int) -> None:
    """Nothing is cut off, or too little to speak of."""
    assert lint(f"- {layer}", given=f"input: [N, 8, {size}, {size}]") == []


def test_sizes_that_nobody_chose(lint: Lint) -> None:
    """Where a dimension has a name and no size, what the check ran at says nothing."""
    model = "- MaxPool2d: 2\n- Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}"
    assert lint(model, given="input: [N, 8, H, W]") == []
    assert lint(model, given="input: [N, 8, H=3, W=3]") == [("W0205", 1), ("W0206", 2)]


@pytest.mark.parametrize("before", ["MaxPool2d: 16", "AdaptiveAvgPool2d: 1"])
def test_a_convolution_of_one_position(lint: Lint, before: str) -> None:
    """Its kernel meets padding but for one weight; only the first is told of."""
    conv = "Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}"
    assert lint(f"- {before}\n- {conv}\n- {conv}") == [("W0206", 2)]


@pytest.mark.parametrize(
    "model",
    [
        "- AdaptiveAvgPool2d: 1\n- Conv2d: {out_channels: 4, kernel_size: 1}",
        "- Conv2d: {out_channels: 4, kernel_size: 16}",  # it gives one position, and reads them all
        "- AdaptiveAvgPool2d: {output_size: [1, 16]}\n- Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}",
        "- AdaptiveAvgPool2d: 1\n- ConvTranspose2d: {out_channels: 4, kernel_size: 4}",
    ],
)
def test_convolutions_that_see_enough(lint: Lint, model: str) -> None:
    """A kernel of 1 misses nothing, and a transposed convolution makes an image of one position."""
    assert lint(model) == []
