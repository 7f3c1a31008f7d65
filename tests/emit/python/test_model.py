"""model.py: plain PyTorch, which reads as if a person wrote it, and computes what archspec's own model computes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.compiler import Compilation
from archspec.emit.formats import Subject, write
from archspec.emit.python.model import emit_python
from archspec.errors import ExportError

Both = Callable[[str], tuple[nn.Module, nn.Module]]


class Doubled(nn.Module):
    """A layer of the caller's own."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Twice the input."""
        return 2 * input


def halved(input: torch.Tensor) -> torch.Tensor:
    """Half of the input."""
    return input / 2


@pytest.mark.parametrize("name", ["lenet", "alexnet", "resnet50", "vit_b_16"])
def test_golden(name: str, golden: Callable[[str], Path]) -> None:
    """The text of the four that people compare with torchvision's; UPDATE_GOLDEN=1 writes it anew."""
    text = emit_python(archspec.compile(name).graph)
    if os.environ.get("UPDATE_GOLDEN"):
        golden(name).write_text(text, encoding="utf-8")
    assert golden(name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("name", "most"), [("alexnet", 45), ("resnet50", 130), ("vit_b_16", 130)])
def test_it_is_short(name: str, most: int, golden: Callable[[str], Path]) -> None:
    """Equal blocks are one class and equal siblings one loop, so the files are about as long as those of people."""
    assert len(golden(name).read_text(encoding="utf-8").splitlines()) <= most


@pytest.mark.parametrize("name", ["resnet152", "densenet201"])
def test_it_is_quick(name: str, in_time: Callable[[float, float], bool]) -> None:
    """Writing a large model takes less than a second beyond compiling it; the processor's time, as others work too."""
    graph = archspec.compile(name).graph
    start = time.process_time()
    emit_python(graph)
    assert in_time(time.process_time() - start, 1)


def test_the_suffix_picks_it(tmp_path: Path, compiled: Callable[[str], Compilation]) -> None:
    """`build -o model.py` writes it, and neither builds a module for it nor runs the graph at other sizes."""
    graph = compiled("input: [N, 4]\nmodel: [{Linear: 2}]\n").graph
    path = tmp_path / "model.py"
    write(path, Subject(graph=graph, model=pytest.fail, varying=pytest.fail))  # type: ignore[arg-type] # are never called
    assert path.read_text(encoding="utf-8") == emit_python(graph)


def test_a_list_inherits_from_sequential(written: Callable[[str], str]) -> None:
    """A model that is a chain is an nn.Sequential, so its keys begin with numbers."""
    assert written("doc: Two layers.\ninput: [N, 4]\nmodel: [{Linear: 3}, ReLU]\n") == (
        "from torch import nn\n\n\n"
        "class Net(nn.Sequential):\n"
        '    """Two layers."""\n\n'
        "    def __init__(self) -> None:\n"
        "        super().__init__(nn.Linear(4, 3), nn.ReLU())\n"
    )


def test_one_layer(both: Both) -> None:
    """A model that is one layer inherits from it."""
    model, own = both("input: [N, 4]\nmodel: {Linear: {out_features: 3}}\ninit: [{match: Linear, bias: ones}]\n")
    assert isinstance(model, nn.Linear)
    assert torch.equal(model(torch.ones(1, 4)), own(torch.ones(1, 4)))


MODES = """
inputs: {x: [N, 4], task: str}
model:
  chained: {ModuleList: [{Linear: 4}, {Linear: 4}], from: x}
  branches: {ModuleList: [{Linear: 4}, [{Linear: 4}, ReLU]], mode: branch}
  zipped: {ModuleList: [{Linear: 4}, {ModuleList: [{Linear: 4}, ReLU]}], mode: zip}
  named: {ModuleDict: {a: {Linear: 4}, b: {Linear: 4}}, mode: branch, from: "zipped[0]"}
  picked: {ModuleDict: {left-hand: {Linear: 2}, right: {Linear: 2}}, select: task, from: "named[a]"}
  fixed: {ModuleDict: {left: {Linear: 4}, right: {Linear: 2}}, select: right, from: "named[b]"}
  sum: {add: , from: [picked, fixed]}
"""


def test_modes(both: Both) -> None:
    """Lists and dictionaries are walked as their modes say."""
    model, own = both(MODES)
    x = torch.randn(3, 4)
    for task in ("left-hand", "right"):
        assert torch.equal(model(x, task), own(x, task))


def test_a_list_among_others_leaves_its_input_alone(both: Both) -> None:
    """What a chain within a branch makes of the input is not what the next branch gets."""
    model, own = both(
        """
        input: [N, 4]
        model:
          all: {ModuleList: [{ModuleList: [{Linear: 4}, ReLU]}, {Linear: 4}], mode: branch}
          out: {add: , from: ["all[0]", "all[1]"]}
        """
    )
    x = torch.randn(3, 4)
    assert torch.equal(model(x), own(x))


def test_training_only(both: Both) -> None:
    """What runs in training only is returned in training only, and what stands in is used in evaluation."""
    model, own = both(
        """
        input: [N, 4]
        model:
          a: {Linear: 4}
          noisy: {compute: a + 1, only: train, else: a}
          aux: {Linear: 2, from: a, only: train}
          out: {Linear: 3, from: noisy}
        output: [out, aux]
        """
    )
    x = torch.randn(3, 4)
    for one, two in zip(model(x), own(x), strict=True):
        assert torch.equal(one, two)
    assert torch.equal(model.eval()(x), own.eval()(x))


def test_an_optional_input(both: Both) -> None:
    """An input that may be left out has the default None."""
    model, own = both(
        """
        inputs: {x: [N, T=5, 8], mask: {shape: [5, 5], optional: true}}
        model:
          attention: {scaled_dot_product_attention: , from: {query: x, key: x, value: x, attn_mask: mask}}
        """
    )
    x, mask = torch.randn(2, 5, 8), torch.randn(5, 5)
    assert torch.equal(model(x), own(x))
    assert torch.equal(model(x, mask), own(x, mask))


def test_tensors_of_its_own(both: Both) -> None:
    """Parameters, buffers that are kept or not, computed ones, infinities and other dtypes."""
    model, own = both(
        """
        input: [N, 4]
        model:
          scale: {Parameter: {shape: [4], init: {uniform: {a: -1, b: 2}}}}
          small: {Parameter: {shape: [2, 2], init: zeros, dtype: float16}}
          mask: {Buffer: {value: [.inf, -.inf, .nan, 1], persistent: false}}
          count: {Buffer: {value: 3}}
          flags: {Buffer: {value: [true, false], dtype: bool}}
          steps: {Buffer: {value: [0, 1, 2, 3], compute: value * value + 1, dtype: float32}}
          out: {compute: input * scale + steps + count}
          unused: {add: , from: [out, mask]}
        output: [out, unused]
        """
    )
    for (name, one), (_, two) in zip(model.named_buffers(), own.named_buffers(), strict=True):
        assert one.dtype == two.dtype, name
        assert torch.equal(one.nan_to_num(), two.nan_to_num()), name
    x = torch.randn(3, 4)
    assert torch.equal(model(x)[0], own(x)[0])


def test_rules_of_init(both: Both) -> None:
    """Rules for types, paths and patterns draw the same numbers in the same order, also those of blocks."""
    both(
        """
        input: [N, 8]
        model:
          first: {Linear: 8}
          block: Block
          blocks: [Block, Block]
          last: {Linear: {out_features: 4, bias: false}}
        init:
          - {match: Linear, weight: {normal: {std: 0.1}}, bias: {uniform: {a: 1, b: 2}}}
          - {match: last, weight: xavier_uniform}
          - {match: "blocks.*", scale: ones}
          - {match: LayerNorm, weight: {constant: 0.5}}
        blocks:
          Block:
            init: [{match: Linear, weight: {kaiming_normal: {mode: fan_out}}}]
            model:
              scale: {Parameter: {shape: [8], init: {normal: {std: 3}}}}
              fc: {Linear: 8}
              norm: LayerNorm
              out: {mul: , from: [norm, scale]}
        """
    )


def test_ties(both: Both) -> None:
    """Tied parameters are one."""
    model, _ = both(
        """
        inputs: {x: {shape: [N, 3], dtype: int64, max: 7}}
        model:
          embed: {Embedding: {num_embeddings: 7, embedding_dim: 4}}
          layers: [{Linear: {out_features: 7, bias: false}}]
        tie: {layers.0.weight: embed.weight}
        """
    )
    assert model.layers[0].weight is model.embed.weight


def test_a_block_whose_step_is_left_out(both: Both, written: Callable[[str], str]) -> None:
    """With and without a step, a block is one class."""
    text = """
        input: [N, 8]
        model: [{Block: 16}, {Block: 16}, {Block: 4}, {Block: 4}]
        blocks:
          Block:
            params: {width: int}
            model:
              fc: {Linear: $width}
              short: {Linear: $width, from: input, when: in_features != width}
              sum: {add: , from: [fc, short]}
              act: {relu: , when: width > 4}
        """
    assert written(text).count("class Block") == 1
    model, own = both(text)
    x = torch.randn(3, 8)
    assert torch.equal(model(x), own(x))


HOSTILE = r"""
doc: "Ends here.\"\"\" + __import__('os').system('x') #\\\" \\"
input: [N, 4]
params: {nn: 3}
model:
  torch: {Linear: 4}
  nn: {Linear: 4}
  self: {relu: , from: torch}
  F: {sin: , from: nn}
  super: {pad: {pad: [0, 1], value: .inf}, from: F}
  x: {cat: {dim: 1}, from: [self, super]}
  range: {Inner: {torch: 2}}
  tail: {Inner: {torch: 3}}
blocks:
  Inner:
    doc: 'Ends in a quote"'
    params: {torch: int, self: 1, module: 2, name: 1}
    model:
      value: {Linear: "$(torch * module * name * self)"}
      Tensor: {dropout: {p: 0.5}}
"""


def test_hostile_names_and_texts(both: Both) -> None:
    """Whatever a spec calls things, and whatever it says of them, the file is Python that does only what it should."""
    model, own = both(HOSTILE)
    assert type(model).__doc__ == "Ends here.\"\"\" + __import__('os').system('x') #\\\" \\"
    x = torch.randn(3, 4)
    assert torch.equal(model.eval()(x).nan_to_num(), own.eval()(x).nan_to_num())


@pytest.mark.parametrize("name", ["Tensor", "OrderedDict", "Exception", "nn"])
def test_the_name_of_the_model(name: str) -> None:
    """A model that is called as something that the file needs is called otherwise there."""
    text = emit_python(
        archspec.compile(f"archspec: 1\nname: {name}\ninput: [N, 4]\nmodel: {{a: [{{Linear: 2}}]}}\n").graph
    )
    assert f"class {name}2(nn.Module):" in text


def test_registered_classes_and_functions_are_imported() -> None:
    """What the caller registered is imported by the name it has where it is defined."""
    registry = Registry()
    registry.register(Doubled, name="Twice")
    registry.register(halved, name="half_of")
    spec = "archspec: 1\ninput: [N, 4]\nmodel: {a: Twice, b: half_of, c: {compute: half_of(b) + 1}}\n"
    spec += "init: [{match: Twice, weight: ones}]\n"
    compilation = archspec.compile(spec, registry=registry)
    text = emit_python(compilation.graph, registry=registry)
    assert f"from {__name__} import Doubled, halved\n" in text
    assert "self.a = Doubled()" in text
    assert "return halved(x) + 1" in text


def test_what_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    """The error names the node, its line and the class, and nothing is written."""

    class Local(nn.Module):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return input

    registry = Registry()
    registry.register(Local)
    graph = archspec.compile("archspec: 1\ninput: [N, 4]\nmodel:\n  a: [Local]\n", registry=registry).graph
    path = tmp_path / "model.py"
    message = r"`a\.0` \(line 4 of <text>\) needs `Local`, which a Python file cannot import: it is `.*<locals>\.Local`"
    with pytest.raises(ExportError, match=message):
        write(path, Subject(graph=graph, model=nn.Identity, registry=registry))
    assert [*tmp_path.iterdir()] == []


def test_the_page_shows_what_is_written(request: pytest.FixtureRequest) -> None:
    """The Python on docs/export.md is what is written of the spec above it."""
    page = (request.config.rootpath / "docs" / "export.md").read_text(encoding="utf-8")
    spec, python = (
        page.split(f"```{language}", 1)[1].split("\n", 1)[1].split("```", 1)[0] for language in ("yaml", "python")
    )
    assert emit_python(archspec.compile(spec).graph) == python


def test_a_block_that_grows(written: Callable[[str], str], both: Both) -> None:
    """Layers that each read all before them are a loop, as many of them as there are."""
    text = """
        input: [N, 4]
        model: [{Dense: 3}, {Dense: 5}]
        blocks:
          Dense:
            params: {layers: int}
            model:
              layers:
                for: i in range(layers)
                do:
                  joined$(i): {cat: {dim: 1}, from: [input, layer*]}
                  layer$(i): {Layer: {}}
              out: {cat: {dim: 1}, from: [input, layer*]}
          Layer: {model: {fc: {Linear: 2}, act: relu}}
        """
    assert 'self.add_module(f"layer{i}", Layer(in_features + 2 * i))' in written(text)
    model, own = both(text)
    x = torch.randn(3, 4)
    assert torch.equal(model(x), own(x))


LEFT_OUT = """\
input: [N, 4]
model: [{Block: false}, {Block: true}, {Block: true}]
blocks:
  Block:
    params: {dropped: bool}
    model:
      linear: {Linear: 4}
      dropped: {dropout: 0.5, when: dropped}
"""


def test_a_flag_is_called_as_its_step(written: Callable[[str], str]) -> None:
    """An operation is no attribute, so its name is free for the flag that says whether it runs."""
    text = written(LEFT_OUT)
    assert "self.dropped = dropped\n" in text
    assert "if self.dropped" in text
