"""The emitted module: stock containers, one class a graph, tensors, ties, first weights, and where they live."""

import copy
import gc
import pickle
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry, default_registry
from archspec.emit import module as emit
from archspec.emit.program import Program

Build = Callable[..., nn.Module]

FLAT = """
input: [N, 4]
model:
  fc: {Linear: 3}
  act: ReLU
"""


class Scale(nn.Module):
    """A layer of the caller's own."""

    def __init__(self, factor: float) -> None:
        """Remember the factor."""
        super().__init__()
        self.factor = factor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Multiply."""
        return input * self.factor


def mixed_up(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """An operation of the caller's own."""
    return x - 2 * y


OWN = """
input: [N, 4]
model:
  fc: {Linear: 4}
  scaled: {Scale: 3.0}
  mixed: {mixed_up: {}, from: [scaled, fc]}
  out: {compute: "mixed_up(mixed, fc)"}
"""


@pytest.fixture
def registered() -> Iterator[None]:
    """The layer and the operation above are registered while a test runs."""
    archspec.register(Scale)
    archspec.register(mixed_up)
    yield
    for name in ("Scale", "mixed_up"):
        default_registry().unregister(name)


def test_containers_are_stock(build: Build) -> None:
    """Containers are PyTorch's own, with the names of the spec; nothing wraps them, at the root neither."""
    model = build("input: [N, 4]\nmodel: [{Linear: 3}, [ReLU, {Sequential: {last: Tanh}}]]")
    assert [(path, type(module)) for path, module in model.named_modules()] == [
        ("", nn.Sequential),
        ("0", nn.Linear),
        ("1", nn.Sequential),
        ("1.0", nn.ReLU),
        ("1.1", nn.Sequential),
        ("1.1.last", nn.Tanh),
    ]


def test_a_model_of_one_layer(build: Build) -> None:
    """A model that is one layer is that layer."""
    assert type(build("input: [N, 4]\nmodel: {Linear: 3}")) is nn.Linear


def test_the_class_of_a_graph(build: Build) -> None:
    """A graph is an instance of a class that has the block's name and doc."""
    model = build(
        """
        doc: A net of two layers.
        input: [N, 4]
        model: {block: Inner, act: ReLU}
        blocks:
          Inner: {doc: One layer., model: {fc: {Linear: 3}}}
        """
    )
    assert [type(module).__name__ for module in (model, model.block)] == ["Net", "Inner"]
    assert [type(module).__doc__ for module in (model, model.block)] == ["A net of two layers.", "One layer."]
    assert repr(model).splitlines()[:2] == ["Net(", "  (block): Inner("]


def test_one_class_for_each_distinct_graph() -> None:
    """Blocks that do the same share a class, whatever the sizes of their layers; others have one of their own."""
    model = archspec.build("resnet18", device="meta")
    blocks = [block for path in ("layer1", "layer2", "layer3") for block in model.get_submodule(path)]
    assert {type(block).__name__ for block in blocks} == {"BasicBlock"}
    plain, fitted = type(model.layer1[0]), type(model.layer2[0])
    assert plain is not fitted
    assert [type(block) for block in blocks] == [plain, plain, fitted, plain, fitted, plain]


def test_builds_share_classes(build: Build) -> None:
    """Two builds of one spec, and of two equal texts, are instances of one class."""
    compilation = archspec.compile("resnet18")
    first, second = compilation.build(device="meta"), archspec.build("resnet18", num_classes=7, device="meta")
    assert [type(module) for module in first.modules()] == [type(module) for module in second.modules()]
    assert type(build(FLAT)) is type(build(FLAT))


def test_the_latest_classes_are_kept() -> None:
    """A model that is built again shares its class although the first is gone: to write a `forward` takes long."""
    program = _class_alone("model: {act: ReLU}")
    gc.collect()
    assert program in _known()


def test_classes_do_not_gather() -> None:
    """A program that builds many different specs does not grow without end."""
    program = _class_alone("model: {act: ReLU}")
    most = emit._LATEST.maxlen
    assert most is not None
    for number in range(most):
        _class_alone(f"model: {{act{number}: ReLU}}")
    gc.collect()
    assert program not in _known()
    assert len(emit._LATEST) == most


@pytest.mark.usefixtures("registered")
def test_classes_that_call_functions_of_the_caller_do_not_outlive_their_use() -> None:
    """Who registers a function anew, in a notebook, has the old one freed, with all that it holds."""
    program = _class_alone("model: {mixed: {mixed_up: {}, from: [input, input]}}")
    gc.collect()
    assert program not in _known()


def test_long_classes_do_not_outlive_their_use() -> None:
    """What is kept is bounded in bytes too."""
    layers = ", ".join(f"act{number}: ReLU" for number in range(1000))
    program = _class_alone(f"model: {{{layers}}}")
    gc.collect()
    assert program not in _known()


def _class_alone(model: str) -> Program:
    """The program of a model that is gone."""
    return type(archspec.build(f"archspec: 1\nname: Fleeting\ninput: [N]\n{model}"))._program  # type: ignore[attr-defined]


def _known() -> set[Program]:
    return {known for known, *_ in emit._CLASSES}


def test_layers_can_be_replaced(build: Build) -> None:
    """A layer that is assigned after building is run in place of the first, as in transfer learning."""
    model, x = build(FLAT), torch.randn(2, 4)
    model.fc = nn.Linear(4, 7)
    model.note = "anything"
    assert torch.equal(model(x), torch.relu(model.fc(x)))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_parameters_stay_tied(build: Build, copied: Callable[[nn.Module], nn.Module]) -> None:
    """`tie` makes two names one parameter, in copies too, and its gradient is that of both uses."""
    model = build(
        """
        inputs: {tokens: {shape: [N, T=3], dtype: int64, max: 10}}
        model:
          wte: {Embedding: {num_embeddings: 10, embedding_dim: 4}}
          head: {Linear: {out_features: 10, bias: false}}
        tie: {head.weight: wte.weight}
        """
    )
    tokens = torch.tensor([[1, 2, 3]])
    for tied in (model, copied(model)):
        assert tied.head.weight is tied.wte.weight
        assert [name for name, _ in tied.named_parameters()] == ["wte.weight"]
        assert list(tied.state_dict()) == ["wte.weight", "head.weight"]
        assert torch.equal(tied(tokens), tied.wte.weight[tokens] @ tied.wte.weight.T)
        tied(tokens).sum().backward()
        assert torch.all(tied.wte.weight.grad != 0)


def test_parameters_and_buffers(build: Build) -> None:
    """`Parameter` and `Buffer` are PyTorch's, with the value, the dtype and the persistence that are written."""
    model = build(
        """
        input: [N, 4]
        model:
          gain: {Parameter: {shape: [4], init: {constant: 2.0}}}
          table: {Buffer: {value: [[1, 2], [3, 4]]}}
          mask: {Buffer: {value: [true, false, true, true]}}
          step: {Buffer: {shape: [], init: zeros, dtype: int64, persistent: false}}
          out: {compute: "input * gain * mask + step + table[0][1]"}
        """
    )
    assert isinstance(model.gain, nn.Parameter)
    assert model.gain.tolist() == [2.0] * 4
    assert (model.table.tolist(), model.table.dtype) == ([[1, 2], [3, 4]], torch.int64)
    assert model.mask.dtype == torch.bool
    assert (model.step.item(), model.step.dtype) == (0, torch.int64)
    assert list(model.state_dict()) == ["gain", "table", "mask"]
    assert [name for name, _ in model.named_buffers()] == ["table", "mask", "step"]
    assert model(torch.ones(1, 4)).tolist() == [[4.0, 2.0, 4.0, 4.0]]


def test_dtype(build: Build) -> None:
    """`dtype=` goes before a floating-point dtype that the spec writes; integers keep theirs."""
    text = """
    input: [N, 4]
    model:
      norm: {BatchNorm1d: 4}
      gain: {Parameter: {shape: [4], init: ones, dtype: float64}}
      ids: {Buffer: {value: [1, 2]}}
      out: {compute: "norm * gain + ids[0]"}
    """
    dtypes = {key: value.dtype for key, value in build(text, dtype=torch.float16).state_dict().items()}
    assert dtypes.pop("ids") == dtypes.pop("norm.num_batches_tracked") == torch.int64
    assert set(dtypes.values()) == {torch.float16}


RULES = """
input: [N, 3, 8, 8]
init:
  - {match: Conv2d, weight: {constant: 1.0}, bias: {constant: 2.0}}
  - {match: BatchNorm2d, weight: zeros, running_mean: {constant: 5.0}}
  - {match: stem.*, bias: {constant: 3.0}}
  - {match: Inner, act.weight: {constant: 4.0}}
model:
  stem: [{Conv2d: {out_channels: 4, kernel_size: 3}}, BatchNorm2d]
  plain: {Conv2d: {out_channels: 4, kernel_size: 1, bias: false}}
  inner: Inner
  own: Own
blocks:
  Inner: {model: {act: PReLU}}
  Own:
    init: [{match: Linear, weight: {constant: 7.0}, bias: {constant: 8.0}}]
    model: {flat: {flatten: {start_dim: 1}}, fc: {Linear: 3}}
"""


def test_init_rules(build: Build) -> None:
    """Rules match by layer, by block and by path; later ones win; a parameter that is not there is passed over."""
    state = {key: set(value.flatten().tolist()) for key, value in build(RULES).state_dict().items()}
    del state["stem.1.num_batches_tracked"]
    assert state == {
        "stem.0.weight": {1.0},
        "stem.0.bias": {3.0},
        "stem.1.weight": {0.0},
        "stem.1.bias": {3.0},
        "stem.1.running_mean": {5.0},
        "stem.1.running_var": {1.0},
        "plain.weight": {1.0},
        "inner.act.weight": {4.0},
        "own.fc.weight": {7.0},
        "own.fc.bias": {8.0},
    }


def test_init_draws_as_a_constructor_would(build: Build) -> None:
    """Random numbers are drawn in the order of PyTorch code written by hand, first by the layers, then by the rules."""
    model = build(
        """
        input: [N, 4]
        init: [{match: Linear, weight: {normal: {std: 0.5}}, bias: uniform}]
        model: [{Linear: 5}, ReLU, {Linear: 3}]
        """,
        seed=9,
    )
    torch.manual_seed(9)
    by_hand = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    for layer in (by_hand[0], by_hand[2]):
        nn.init.normal_(layer.weight, std=0.5)
        nn.init.uniform_(layer.bias)
    assert [torch.equal(*pair) for pair in zip(model.parameters(), by_hand.parameters(), strict=True)] == [True] * 4


def test_the_callers_random_state(build: Build) -> None:
    """With a seed the model is the same every time, and torch's and Python's random states are left as they were."""
    states = torch.get_rng_state(), random.getstate()
    first, second, other = (build(FLAT, seed=seed).fc.weight for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]


def test_without_a_seed_the_callers_state_is_used(build: Build) -> None:
    """Without a seed the caller's generator is drawn from, so two builds differ."""
    first, second = (build(FLAT, seed=None).fc.weight for _ in range(2))
    assert not torch.equal(first, second)


def test_meta_allocates_nothing(build: Build) -> None:
    """On meta even a model of a tebibyte is made at once."""
    text = "input: [N, 4]\nmodel: [{Linear: 100000000}, {Linear: {out_features: 3000, bias: false}}]"
    model = build(text, device="meta")
    assert sum(parameter.nbytes for parameter in model.parameters()) > 2**40
    assert all(parameter.is_meta for parameter in model.parameters())


def test_memory_is_limited(build: Build) -> None:
    """Elsewhere it is refused before anything is allocated, and in half the width twice as much is allowed."""
    limits = archspec.Limits(parameter_bytes=100)
    text = "input: [N, 4]\nmodel: [{Linear: {out_features: 8, bias: false}}]"
    with pytest.raises(archspec.errors.LimitError) as raised:
        build(text, compile={"limits": limits})
    assert [diagnostic.message for diagnostic in raised.value.diagnostics] == [
        "bytes of parameters to allocate: 128 is over the limit of 100 (`parameter_bytes`)"
    ]
    assert build(text, compile={"limits": limits}, dtype=torch.float16)[0].weight.nbytes == 64


def test_memory_of_buffers_is_limited(build: Build) -> None:
    """They are counted in the dtype that they will have; integers keep theirs."""
    text = "input: [N, 3]\nmodel: {norm: BatchNorm1d}"  # four tensors of 3 numbers, and the count of batches, an int64
    assert build(text, compile={"limits": archspec.Limits(parameter_bytes=32)}, dtype=torch.float16)
    with pytest.raises(archspec.errors.LimitError, match="bytes of parameters to allocate: 32 is over the limit of 31"):
        build(text, compile={"limits": archspec.Limits(parameter_bytes=31)}, dtype=torch.float16)


def test_device(build: Build) -> None:
    """A device is named by text or as an object."""
    for device in ("cpu", torch.device("cpu")):
        assert build(FLAT, device=device).fc.weight.device == torch.device("cpu")


@pytest.mark.usefixtures("registered")
def test_registered_modules_and_operations(build: Build) -> None:
    """Layers and operations of the caller's own run, are copied, pickled, compiled and exported like torch's."""
    model, x = build(OWN), torch.randn(2, 4)
    fc = model.fc(x)
    expected = mixed_up(mixed_up(fc * 3.0, fc), fc)
    assert torch.equal(model(x), expected)
    assert torch.equal(copy.deepcopy(model)(x), expected)
    assert torch.equal(pickle.loads(pickle.dumps(model))(x), expected)
    assert torch.equal(torch.compile(model, fullgraph=True, backend="eager")(x), expected)
    assert torch.equal(torch.export.export(model, (x,)).module()(x), expected)


@pytest.mark.usefixtures("registered")
def test_an_operation_that_is_registered_anew(build: Build) -> None:
    """After an operation was changed, as in a notebook, new models use the new one and earlier models the old."""
    old, x = build(OWN), torch.randn(2, 4)
    before = old(x)
    default_registry().unregister("mixed_up")
    default_registry().register(_ones, name="mixed_up")
    assert torch.equal(build(OWN)(x), torch.ones(2, 4))
    assert torch.equal(old(x), before)
    assert torch.equal(copy.deepcopy(old)(x), before)


def _ones(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(x + y)


@pytest.mark.usefixtures("registered")
def test_loading_without_a_registered_operation(build: Build) -> None:
    """A model that calls an operation which the loading program has not registered says which."""
    dumped = pickle.dumps(build(OWN))
    default_registry().unregister("mixed_up")
    try:
        with pytest.raises(LookupError, match=r"^no operation is called 'mixed_up'; register it before building$"):
            pickle.loads(dumped)
    finally:
        archspec.register(mixed_up)


def test_a_registry_of_its_own() -> None:
    """A model made with a registry of its own can be copied, class and all."""
    registry = Registry()
    registry.register(Scale)
    registry.register(mixed_up)
    model = archspec.compile(f"archspec: 1\nname: Net{OWN}", registry=registry).build()
    copied, x = copy.deepcopy(model), torch.randn(2, 4)
    assert type(copied) is type(model)
    assert torch.equal(copied(x), model(x))


def test_a_name_that_a_container_needs() -> None:
    """A name that would hide a method of PyTorch's container is refused with the spec's line."""
    acts = "\n    ModuleDict: {relu: ReLU, keys: Tanh}\n    select: relu\n"
    text = f"archspec: 1\nname: Net\ninput: [N]\nmodel:\n  acts:{acts}"
    with pytest.raises(archspec.errors.SpecError) as raised:
        archspec.build(text)
    assert str(raised.value).strip() == (
        "<text>:6:30: error[E0205]: "
        "`keys` cannot be the name of a node here: every nn.ModuleDict has a `keys` already\n"
        "  |\n"
        "6 |     ModuleDict: {relu: ReLU, keys: Tanh}\n"
        "  |                              ^^^^\n"
        "  = help: call it something else"
    )


def test_a_parameter_of_integers() -> None:
    """A parameter that could have no gradient is refused with the spec's line."""
    parameter = "{Parameter: {shape: [1], init: zeros, dtype: int64}}"
    text = f"archspec: 1\nname: Net\ninput: [N]\nmodel:\n  p: {parameter}\n  sum: {{compute: input + p}}\n"
    with pytest.raises(archspec.errors.SpecError) as raised:
        archspec.build(text)
    assert str(raised.value).strip() == (
        "<text>:5:51: error[E0304]: Parameter: `dtype` has a wrong value\n"
        "  |\n"
        "5 |   p: {Parameter: {shape: [1], init: zeros, dtype: int64}}\n"
        "  |                                                   ^^^^^\n"
        "  = found: `int64`\n"
        "  = expected: a floating-point or complex dtype: only these have gradients\n"
        "  = help: integers that are no parameters are a Buffer"
    )


def test_a_head_for_training_can_be_switched_off() -> None:
    """With `when` false, an `only: train` node is not there, and `output` returns the rest as if it had never been."""
    text = (
        "archspec: 1\nparams: {aux: true}\ninput: [N, 4]\nmodel:\n  body: {Linear: 4}\n"
        "  side: {Linear: 3, only: train, when: aux}\n  head: {Linear: 2, from: body}\noutput: [head, side]\n"
    )
    model = archspec.build(text).train()
    assert [value.shape[1] for value in model(torch.ones(1, 4))] == [2, 3]
    assert model.eval()(torch.ones(1, 4)).shape == (1, 2)
    without = archspec.build(text, aux=False)
    assert not hasattr(without, "side")
    assert without.train()(torch.ones(1, 4)).shape == (1, 2)


def test_a_later_init_rule_wins_wherever_it_stands() -> None:
    """A rule that names a parameter from further up comes after an earlier rule for the layer itself."""
    text = (
        "archspec: 1\ninput: [N, 4]\nmodel: {a: Inner}\nblocks: {Inner: {model: {fc: {Linear: 2}, act: ReLU}}}\n"
        "init: [{match: Linear, weight: ones}, {match: Inner, fc.weight: zeros}]\n"
    )
    assert torch.equal(archspec.build(text).a.fc.weight, torch.zeros(2, 4))


def test_a_file_that_python_cannot_tokenize_compiles(tmp_path: Path) -> None:
    """TorchDynamo reads the file of what it traces as Python; a layout that Python does not have must not stop it."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\ninput: [N, 4]\nmodel:\n  body:\n    - Inner: {}\n  head: {Linear: 2}\n"
        "blocks:\n  Inner:\n    model:\n      act: ReLU\n      sum:\n          add:\n"
        "          from: [input, act]\n      chain:\n        - Sequential:\n"
        "            - ReLU\n          when: true\n"
    )
    compiled = torch.compile(archspec.build(path), backend="eager", fullgraph=True)
    assert compiled(torch.ones(1, 4)).shape == (1, 2)


def test_equal_numbers_of_other_types_do_not_share_a_class() -> None:
    """1 and 1.0 are equal, and a tensor of integers times them is not the same."""
    text = (
        "archspec: 1\ninputs: {x: {shape: [N, 4], dtype: int64}}\n"
        "blocks: {B: {params: {k: null}, model: {m: {mul: {other: $k}}}}}\n"
        "model: {a: {B: {k: 1}, from: x}, c: {B: {k: 1.0}, from: x}}\noutput: [a, c]\n"
    )
    values = archspec.build(text)(torch.ones(1, 4, dtype=torch.int64))
    assert [value.dtype for value in values] == [torch.int64, torch.float32]


def test_in_features_are_those_of_the_first_input_declared() -> None:
    """However the inputs of a block are written at the call."""
    text = (
        "archspec: 1\ninputs: {a: [N, 8], b: [N, 4]}\n"
        "blocks: {B: {inputs: {x: [N, 8], y: [N, 4]}, model: {f: {Linear: $in_features, from: x}}}}\n"
        "model: {c: {B: {}, from: {y: b, x: a}}}\n"
    )
    assert archspec.build(text).c.f.out_features == 8


def test_ties_across_files_are_one_parameter(tmp_path: Path) -> None:
    """What a used file ties, and what is tied from outside, are the same parameter in the end."""
    (tmp_path / "a.yaml").write_text(
        "archspec: 1\nname: A\ninput: [N, 4]\nmodel: {p: {Linear: 4}, q: {Linear: 4}}\ntie: {p.weight: q.weight}\n"
    )
    (tmp_path / "m.yaml").write_text(
        "archspec: 1\nuse: {A: ./a.yaml}\ninput: [N, 4]\nmodel: {a: A, z: {Linear: 4}}\ntie: {a.q.weight: z.weight}\n"
    )
    model = archspec.build(tmp_path / "m.yaml")
    assert model.a.p.weight is model.a.q.weight is model.z.weight


def test_seeds_hold_in_threads() -> None:
    """Models with one seed are the same, however many threads make them."""
    compilation = archspec.compile("archspec: 1\ninput: [N, 64]\nmodel: [{Linear: 64}, {Linear: 64}]\n")
    expected = compilation.build(seed=0)[1].weight
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: compilation.build(seed=0)[1].weight, range(40)))
    assert all(torch.equal(weight, expected) for weight in made)
