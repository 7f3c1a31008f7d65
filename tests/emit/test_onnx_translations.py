"""What torch's exporter would translate wrongly: it is right in the file, or it is refused with its reason."""

from pathlib import Path

import pytest
import torch

import archspec
from archspec.emit.agreement import largest_difference
from archspec.emit.onnx import onnx_session
from archspec.errors import ExportError

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_the_scales_of_an_antialiased_interpolation_are_heeded(tmp_path: Path, mode: str) -> None:
    """Of 9 pixels, 0.6 leave 5: the exporter alone would take 5/9 for the scale."""
    step = f"{{interpolate: {{scale_factor: 0.6, mode: {mode}, antialias: true}}}}"
    compilation = archspec.compile(f"archspec: 1\ninput: [N, 3, 9, 9]\nmodel:\n  smaller: {step}\n")
    session = onnx_session(compilation.export(tmp_path / "smaller.onnx").path)
    image = torch.rand(4, 3, 9, 9)
    assert largest_difference([compilation.build()(image)], session(image)) < 1e-5


ATTENTION = """\
archspec: 1
inputs: {x: [N, 2, 6, 8], mask: {shape: [6, 6], dtype: DTYPE}}
model:
  attention: {scaled_dot_product_attention: , from: [x, x, x, mask]}
"""


@pytest.mark.parametrize("dtype", ["bool", "float32"])
def test_a_mask_that_leaves_nothing_gives_zeros(tmp_path: Path, dtype: str) -> None:
    """As torch does; the exporter alone would give the mean of all values, or no number."""
    compilation = archspec.compile(ATTENTION.replace("DTYPE", dtype))
    session = onnx_session(compilation.export(tmp_path / "attention.onnx").path)
    mask = torch.ones(6, 6, dtype=torch.bool).tril(-1)  # the first row is empty
    given = mask if dtype == "bool" else torch.zeros(6, 6).masked_fill(~mask, float("-inf"))
    x = torch.randn(3, 2, 6, 8)
    expected = compilation.build()(x, given)
    assert not expected[:, :, 0].any()
    assert largest_difference([expected], session(x, given)) < 1e-5


SMALLER = """\
input: [N, 3, 9, 9]
model:
  smaller: {interpolate: {size: 5, mode: bilinear, antialias: true, align_corners: true}}
"""
LOSS = "inputs: {x: [N, 5], target: TARGET}\nmodel:\n  loss: {cross_entropy: ARGUMENTS, from: [x, target]}\n"
CLASSES, SHARES = "{shape: [N], dtype: int64, max: 5}", "[N, 5]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            SMALLER,
            "`smaller` (<text>:4): ONNX has no interpolation with both antialias and align_corners",
        ),
        (
            LOSS.replace("TARGET", CLASSES).replace("ARGUMENTS", "{label_smoothing: 0.1}"),
            "`loss` (<text>:4): ONNX has no cross-entropy with label_smoothing",
        ),
        (
            LOSS.replace("TARGET", SHARES).replace("ARGUMENTS", ""),
            "`loss` (<text>:4): ONNX has no cross-entropy of probabilities: its targets are integers",
        ),
        (
            "input: [N, 5, 8]\nmodel:\n  memory: {LSTM: {hidden_size: 6, proj_size: 3}}\n",
            "`memory` (LSTM, <text>:4): ONNX has no LSTM with proj_size",
        ),
    ],
)
def test_what_onnx_does_not_have_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """The error names the node, its line and the argument, and nothing is written."""
    with pytest.raises(ExportError) as caught:
        archspec.compile("archspec: 1\n" + text).export(tmp_path / "net.onnx")
    assert str(caught.value) == f"torch.onnx cannot express {reason}"
    assert list(tmp_path.iterdir()) == []
