"""ONNX: the file is the model, at every size that varies, as onnxruntime runs it."""

from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from archspec.emit import onnx as room
from archspec.emit.agreement import largest_difference
from archspec.emit.description import FINGERPRINT
from archspec.emit.fingerprint import fingerprint
from archspec.emit.onnx import onnx_session
from archspec.errors import ExportError, UsageError

NET = """\
archspec: 1
name: Net
input: [N, 3, H=8, 6]
model:
  conv: {Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}}
  norm: BatchNorm2d
  relu: ReLU
  aux: {Flatten: , from: relu, only: train}
  pool: {mean: {dim: [2, 3]}, from: relu}
  head: {Linear: 5}
output: [head, aux]
"""


@pytest.mark.slow
def test_a_file_gives_what_the_model_gives(tmp_path: Path) -> None:
    """At the checked sizes and at others; axes have the names of the spec, and the metadata says what model it is."""
    import onnx

    compilation = archspec.compile(NET)
    model = compilation.build(seed=0)
    path = compilation.export(tmp_path / "net.onnx", model).path
    assert list(tmp_path.iterdir()) == [path]
    session = onnx_session(path)
    for shape in ((2, 3, 8, 6), (7, 3, 11, 6), (1, 3, 8, 6)):
        image = torch.randn(shape)
        assert largest_difference([model.eval()(image).detach()], session(image)) < 1e-6
    loaded = onnx.load(path)
    dims = loaded.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_param or dim.dim_value for dim in dims] == ["N", 3, "H", 6]
    said = {item.key: item.value for item in loaded.metadata_props}
    assert said[FINGERPRINT] == fingerprint(compilation.graph)


@pytest.mark.slow
@pytest.mark.parametrize(("axes", "shape"), [(2, "[N, 3, 8, 8]"), (3, "[N, 3, 8, 8, 8]")])
def test_the_divisor_of_average_pooling_is_heeded(tmp_path: Path, axes: int, shape: str) -> None:
    """The exporter alone would drop it: sums, and means by any other divisor, would be means of the window."""
    pool = f"{{avg_pool{axes}d: {{kernel_size: 3, stride: 2, padding: 1, divisor_override: 2}}}}"
    compilation = archspec.compile(f"archspec: 1\ninput: {shape}\nmodel:\n  pool: {pool}\n")
    session = onnx_session(compilation.export(tmp_path / "pool.onnx").path)
    image = torch.rand(4, 3, *(8,) * axes)
    assert largest_difference([compilation.build()(image)], session(image)) < 1e-6


@pytest.mark.slow
def test_a_divisor_with_windows_beyond_the_edge_is_refused(tmp_path: Path) -> None:
    """ONNX would divide their sums by what of them is inside; the error names the layer."""
    text = (
        "archspec: 1\ninput: [N, 3, 7, 7]\nmodel:\n"
        "  pool: {AvgPool2d: {kernel_size: 2, ceil_mode: true, divisor_override: 3}}\n"
    )
    with pytest.raises(ExportError, match=r"`pool` \(AvgPool2d, <text>:4\): ONNX has no average pooling with both"):
        archspec.compile(text).export(tmp_path / "pool.onnx")
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and no model is built for it."""
    monkeypatch.setattr(room, "find_spec", lambda _: None)
    with pytest.raises(UsageError) as caught:
        archspec.compile(NET).export(tmp_path / "net.onnx")
    assert str(caught.value) == ".onnx needs onnx and onnxscript: pip install 'archspec-torch[onnx]'"
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file has room for 2 GiB; who needs more is told before anything is traced."""
    monkeypatch.setattr(room, "LARGEST", 100)
    with pytest.raises(ExportError) as caught:
        archspec.compile(NET).export(tmp_path / "net.onnx")
    assert str(caught.value) == "an ONNX file holds less than 2 GiB, and the tensors of this model take 620 bytes"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("input: [N, 4]\nmodel: {frequencies: fft}\n", "an output"),
        ("inputs: {x: {shape: [N, 4], dtype: complex64}}\nmodel: {size: {abs: , from: x}}\n", "an input"),
    ],
)
def test_complex_numbers_end_inside(tmp_path: Path, text: str, where: str) -> None:
    """In ONNX they are pairs of floats, so a file would give and take other shapes than the model."""
    with pytest.raises(ExportError, match=f"ONNX has no complex numbers, and {where} of this model is complex64; "):
        archspec.compile("archspec: 1\n" + text).export(tmp_path / "net.onnx")


def test_a_choice_at_run_time_is_refused(tmp_path: Path) -> None:
    """As for `.pt2`, by the name of the node."""
    text = "archspec: 1\ninputs: {x: [N, 4], act: str}\nmodel:\n  act1: {ModuleDict: {r: ReLU}, from: x, select: act}\n"
    with pytest.raises(
        ExportError, match=r"an ONNX model takes no choices at run time, and `act1` \(ModuleDict, <text>:4"
    ):
        archspec.compile(text).export(tmp_path / "net.onnx")


@pytest.mark.slow
def test_random_numbers_are_no_difference(tmp_path: Path) -> None:
    """A model that draws some in evaluation is written, though no two runs of it agree."""
    text = "archspec: 1\ninput: [N, 4]\nmodel:\n  noise: {randn_like: }\n  sum: {add: , from: [noise, input]}\n"
    assert archspec.compile(text).export(tmp_path / "net.onnx").bytes > 0


POOLED = """\
archspec: 1
input: [N, 3, 16, 16]
model:
  conv: {Conv2d: {out_channels: 8, kernel_size: 3}}
  relu: relu
  pool: {avg_pool2d: {kernel_size: 3, padding: 1, ARGUMENT}}
  flatten: {flatten: 1}
  norm: LayerNorm
  hidden: {Linear: 32}
  head: {Linear: 5}
"""


@pytest.mark.slow
@pytest.mark.parametrize("argument", ["divisor_override: 8", "count_include_pad: false"])
def test_an_argument_that_the_exporter_drops_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    """Layers behind it leave of the fault a part of what it was, and that is more than floats differ by."""
    import onnxscript.function_libs.torch_lib.ops.nn as usual

    def dropped(self: Any, kernel_size: Any, stride: Any = (), padding: Any = (0, 0), *_: object) -> Any:
        return usual.aten_avg_pool2d(self, kernel_size, stride, padding)

    monkeypatch.setattr(room, "translations", lambda: {torch.ops.aten.avg_pool2d.default: dropped})
    with pytest.raises(ExportError, match="the ONNX model gives something else than the model, by"):
        archspec.compile(POOLED.replace("ARGUMENT", argument)).export(tmp_path / "pool.onnx")
