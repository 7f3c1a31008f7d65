"""Exported programs: a `.pt2` is the model, at every size that varies, and is read without archspec."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.compiler import Compilation
from archspec.emit import exported_program as room
from archspec.errors import ExportError, UsageError

NET = """\
archspec: 1
name: Net
input: [N, 3, H=8, 6]
model:
  conv: {Conv2d: {out_channels: 4, kernel_size: 3, padding: 1}}
  norm: BatchNorm2d
  relu: ReLU
  drop: Dropout
  aux: {Flatten: , from: relu, only: train}
  pool: {mean: {dim: [2, 3]}, from: drop}
  head: {Linear: 5}
output: [head, aux]
"""

ALONE = """
import sys
sys.modules["archspec"] = None
import torch
print(tuple(torch.export.load(sys.argv[1]).module()(torch.ones(5, 3, 9, 6)).shape))
"""


def _written(text: str, path: Path) -> tuple[nn.Module, nn.Module]:
    """A model, and what is read of its file."""
    compilation = archspec.compile(text)
    model = compilation.build(seed=0)
    compilation.export(path, model)
    return model.eval(), torch.export.load(path).module()


def test_a_program_gives_what_the_model_gives(tmp_path: Path) -> None:
    """Read again, it agrees at the checked sizes, at others, and with a batch of one; training has no part in it."""
    model, program = _written(NET, tmp_path / "net.pt2")
    for shape in ((2, 3, 8, 6), (7, 3, 11, 6), (1, 3, 8, 6)):
        image = torch.randn(shape)
        assert torch.equal(program(image), model(image))


def test_dimensions_that_are_numbers_stay(tmp_path: Path) -> None:
    """What the spec fixes, the program refuses to vary."""
    _, program = _written(NET, tmp_path / "net.pt2")
    with pytest.raises(AssertionError, match=r"size\(\)\[3\] == 6"):
        program(torch.randn(2, 3, 8, 7))


def test_a_program_is_read_without_archspec(tmp_path: Path) -> None:
    """Whoever has torch has the model."""
    _written(NET, tmp_path / "net.pt2")
    command = [sys.executable, "-c", ALONE, str(tmp_path / "net.pt2")]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "(5, 5)\n"


def test_the_state_has_the_names_of_the_spec(tmp_path: Path) -> None:
    """The keys are those of the model."""
    model, _ = _written(NET, tmp_path / "net.pt2")
    assert set(torch.export.load(tmp_path / "net.pt2").state_dict) == set(model.state_dict())


def test_the_model_is_left_as_it_was(tmp_path: Path) -> None:
    """A model in training is exported in evaluation and goes on training, a frozen part of it frozen."""
    compilation = archspec.compile(NET)
    model = compilation.build()
    model.norm.eval()
    compilation.export(tmp_path / "net.pt2", model)
    assert (model.training, model.norm.training, model.conv.training) == (True, False, True)


def test_a_model_in_another_dtype_is_tried_in_it(tmp_path: Path) -> None:
    """What it is traced and compared with has the dtype of its parameters."""
    compilation = archspec.compile(NET)
    compilation.export(tmp_path / "net.pt2", compilation.build(dtype=torch.bfloat16))
    program = torch.export.load(tmp_path / "net.pt2").module()
    assert program(torch.ones(3, 3, 8, 6, dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_a_dimension_checked_at_one_varies(tmp_path: Path) -> None:
    """A size of 1 is one that never changes to torch, so such a dimension is traced with another."""
    compilation = archspec.compile(NET, sizes={"N": 1})
    compilation.export(tmp_path / "net.pt2", compilation.build(seed=0))
    assert torch.export.load(tmp_path / "net.pt2").module()(torch.ones(4, 3, 8, 6)).shape == (4, 5)


def test_a_choice_at_run_time_is_refused(tmp_path: Path) -> None:
    """A program is one path through the model; the node that has several is named, with the way out."""
    text = """\
archspec: 1
name: Net
inputs: {x: [N, 4], act: str}
model:
  first: {Linear: 4, from: x}
  act1: {ModuleDict: {relu: ReLU, gelu: GELU}, select: act}
"""
    with pytest.raises(ExportError) as caught:
        archspec.compile(text).export(tmp_path / "net.pt2")
    assert str(caught.value) == (
        "an exported program takes no choices at run time, and `act1` (ModuleDict, <text>:6) is one, by `select: act`;"
        " write a file for each key (relu, gelu), of a spec that names it: `select: relu`"
    )
    assert list(tmp_path.iterdir()) == []


class Untraceable(nn.Module):
    """A layer whose author says that it cannot be traced."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Hand on what is given, but to an exporter."""
        return untraceable(x)


def untraceable(x: torch.Tensor) -> torch.Tensor:
    """Do the same as an operation."""
    if torch.compiler.is_exporting():
        raise NotImplementedError("it looks at the values\nadvice for who wrote it")
    return x


LAYER = """\
archspec: 1
name: Net
input: [N, 4]
model:
  body:
    Sequential:
      first: {Linear: 4}
      second: Untraceable
"""

OPERATION = """\
archspec: 1
name: Net
input: [N, 4]
model:
  body:
    Graph:
      first: {Linear: 4}
      second: {untraceable: }
      third: {Linear: 4}
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [(LAYER, "`body.second` (Untraceable, <text>:8)"), (OPERATION, "`body.second` (<text>:8)")],
    ids=["layer", "operation"],
)
def test_what_cannot_be_traced_is_named(tmp_path: Path, text: str, named: str) -> None:
    """The error has the path of the node, its line and what was said first; no file is left."""
    registry = Registry()
    registry.register(Untraceable)
    registry.register(untraceable)
    with pytest.raises(ExportError) as caught:
        Compilation(text, registry=registry).export(tmp_path / "net.pt2")
    assert str(caught.value) == f"torch.export cannot express {named}: it looks at the values"
    assert list(tmp_path.iterdir()) == []


LSTM = """\
archspec: 1
name: Net
input: [N, T=5, 4]
model:
  lstm: {LSTM: {hidden_size: 3, batch_first: true}}
  last: {compute: "lstm[0]"}
"""


def test_a_node_that_fixes_a_dimension_is_named(tmp_path: Path) -> None:
    """Traced, an LSTM is as long as it was; the error says so and how the model is written all the same."""
    compilation = archspec.compile(LSTM)
    with pytest.raises(ExportError) as caught:
        compilation.export(tmp_path / "net.pt2")
    assert str(caught.value) == (
        "torch.export cannot express `lstm` (LSTM, <text>:5) with other sizes: traced, it fixes T; write the model"
        " at the sizes that were checked with --static T, or static=['T']"
    )
    assert list(tmp_path.iterdir()) == []
    compilation.export(tmp_path / "net.pt2", static=["T"])
    assert torch.export.load(tmp_path / "net.pt2").module()(torch.ones(7, 5, 4)).shape == (7, 5, 3)


def test_a_dimension_that_stays_must_exist(tmp_path: Path) -> None:
    """A misspelt one would leave the other to vary."""
    with pytest.raises(UsageError, match=r"Net has no dimension `M`: its named dimensions are N, H"):
        archspec.compile(NET).export(tmp_path / "net.pt2", static=["M"])


def test_a_program_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is part of the writing: what is not the model leaves no file."""

    class Broken:
        def module(self) -> Callable[..., torch.Tensor]:
            return lambda x: torch.zeros(x.shape[0], 5)

    monkeypatch.setattr(room, "exported_program", lambda *_, **__: Broken())
    with pytest.raises(ExportError, match=r"the exported program gives something else than the model, by .* at N=2"):
        archspec.compile(NET).export(tmp_path / "net.pt2")
    assert list(tmp_path.iterdir()) == []
