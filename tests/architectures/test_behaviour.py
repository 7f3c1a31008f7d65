"""What people do with a PyTorch model works on the model of every shipped spec, as if it were written by hand."""

import copy
import io
import pickle
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from archspec.compiler import Compilation
from archspec.elaborate.shapes import of_value
from archspec.graph.graph import Leaf, ModuleDict, ModuleList, walk
from archspec.graph.types import describe

# In evaluation without gradients PyTorch's encoder layer runs as one kernel, which rounds otherwise than its steps do.
ONE_KERNEL = {"transformer"}
# PyTorch's own layers ask what their inputs hold, and Swin how large they are, which a trace warns of.
ASKING = {"alexnet_2012", "swin", "swin_v2", "text_classifier", "transformer"}
# An LSTM keeps a list of its weights, which the exporter warns of.
LISTING = {"text_classifier"}
# PyTorch's LocalResponseNorm averages in three dimensions, for which there is no kernel in bfloat16 on a CPU.
NO_BFLOAT16 = {"alexnet_2012"}


class Small(Protocol):
    """A small variant of a shipped spec; the fixture `small` goes through all of them."""

    name: str
    compilation: Compilation

    def build(self, **options: Any) -> nn.Module:
        """A new model, the same every time."""
        ...

    def inputs(self, *, batch: int | None = None, seed: int = 0) -> tuple[Any, ...]:
        """Inputs, the same for the same seed."""
        ...


def test_the_module_tree_is_the_spec(small: Small) -> None:
    """Each node of the spec is the module of the same path, and nothing else is; only layers have insides."""
    paths = [path for path, _ in walk(small.compilation.graph.root)]
    inside = tuple(f"{path}." for path, node in walk(small.compilation.graph.root) if isinstance(node, Leaf))
    found = [path for path, _ in small.build().named_modules()]
    leaves = [path for path in found if path not in paths]
    assert [path for path in found if path in paths] == paths
    assert [path for path in leaves if not path.startswith(inside)] == []


def test_the_state_is_the_graphs(small: Small) -> None:
    """The graph foretells the keys of `state_dict`, their order, shapes and dtypes."""
    told = [(key, state.shape, state.dtype) for key, state in small.compilation.graph.state() if state.persistent]
    found = [
        (key, tuple(value.shape), str(value.dtype).removeprefix("torch."))
        for key, value in small.build().state_dict().items()
    ]
    assert found == told


def test_deepcopy(small: Small) -> None:
    """A copy has the same classes and gives the same output, and has weights of its own."""
    model, inputs = small.build(), small.inputs()
    copied = copy.deepcopy(model)
    assert [type(module) for module in copied.modules()] == [type(module) for module in model.modules()]
    assert _equal(copied(*inputs), model(*inputs))
    assert not {id(tensor) for tensor in copied.parameters()} & {id(tensor) for tensor in model.parameters()}


@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_pickle(small: Small, protocol: int) -> None:
    """A pickled model comes back with the same classes and gives the same output."""
    model, inputs = small.build(), small.inputs()
    loaded = pickle.loads(pickle.dumps(model, protocol))
    assert [type(module) for module in loaded.modules()] == [type(module) for module in model.modules()]
    assert _equal(loaded(*inputs), model(*inputs))


def test_save_and_load(small: Small) -> None:
    """`torch.save` of the whole model and `torch.load` work."""
    model, inputs = small.build(), small.inputs()
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    assert _equal(torch.load(file, weights_only=False)(*inputs), model(*inputs))


@pytest.fixture
def _lstm_too() -> Iterator[None]:
    """TorchDynamo captures an LSTM if it is asked to."""
    with torch._dynamo.config.patch(allow_rnn=True):
        yield


@pytest.mark.usefixtures("_lstm_too")
def test_compile(small: Small) -> None:
    """`torch.compile(fullgraph=True)` captures the whole forward as one graph, at several batch sizes."""
    model = small.build()
    torch.compiler.reset()
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    with torch.no_grad():
        for batch in (2, 3):
            inputs = small.inputs(batch=batch)
            output, expected = compiled(*inputs), model(*inputs)
            if small.name in ONE_KERNEL:
                torch.testing.assert_close(output, expected)
            else:
                assert _equal(output, expected)


@pytest.mark.usefixtures("_lstm_too")
def test_compile_for_training(small: Small) -> None:
    """Forward and backward are captured too, and give the same gradients."""
    gradients = []
    for wrap in (lambda model: model, lambda model: torch.compile(model, fullgraph=True, backend="aot_eager")):
        torch.compiler.reset()
        model = small.build()
        _sum(wrap(model)(*small.inputs())).backward()
        gradients.append([parameter.grad for parameter in model.parameters() if parameter.grad is not None])
    assert len(gradients[0]) == len(gradients[1]) > 0
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_export(small: Small) -> None:
    """`torch.export` takes the model, and the exported program gives the same output."""
    model, inputs = small.build(), small.inputs()
    with torch.no_grad(), warnings.catch_warnings():
        if small.name in LISTING:
            warnings.simplefilter("ignore", UserWarning)
        exported = torch.export.export(model, inputs).module()
        torch.testing.assert_close(exported(*inputs), model(*inputs))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_trace(small: Small) -> None:
    """`torch.jit.trace` takes the model, and the traced module takes other inputs."""
    model, inputs = small.build(), small.inputs()
    bound = _OnTensors(model, inputs)
    with torch.no_grad(), warnings.catch_warnings():
        if small.name in ASKING:
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
        traced = torch.jit.trace(bound, bound.tensors(inputs))
        other = small.inputs(seed=1)
        torch.testing.assert_close(traced(*bound.tensors(other)), tuple(tree_leaves(model(*other))))


class _OnTensors(nn.Module):
    """A model as a function from tensors to tensors: a trace has no strings and no dictionaries."""

    def __init__(self, model: nn.Module, inputs: tuple[Any, ...]) -> None:
        super().__init__()
        self.model = model
        self.rest = {index: value for index, value in enumerate(inputs) if not isinstance(value, torch.Tensor)}

    @staticmethod
    def tensors(inputs: tuple[Any, ...]) -> tuple[torch.Tensor, ...]:
        """The tensors among the inputs."""
        return tuple(value for value in inputs if isinstance(value, torch.Tensor))

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Call the model with the other inputs in their places."""
        left = iter(tensors)
        count = len(tensors) + len(self.rest)
        inputs = (self.rest[index] if index in self.rest else next(left) for index in range(count))
        return tuple(tree_leaves(self.model(*inputs)))


def test_functional_call(small: Small) -> None:
    """`functional_call` runs the model with other weights and leaves its own alone."""
    model, other, inputs = small.build(), small.build(seed=1), small.inputs()
    before = model(*inputs)
    weights = dict(other.named_parameters()) | dict(other.named_buffers())  # those that are tied once
    assert _equal(torch.func.functional_call(model, weights, inputs), other(*inputs))
    assert _equal(model(*inputs), before)


def test_to_dtype(small: Small) -> None:
    """`.to(dtype)` reaches every parameter, and the model then computes in that dtype."""
    model = small.build().to(torch.float64)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float64}
    output = model(*_converted(small.inputs(), torch.float64))
    assert {tensor.dtype for tensor in tree_leaves(output)} == {torch.float64}


def _converted(inputs: tuple[Any, ...], dtype: torch.dtype) -> tuple[Any, ...]:
    """The inputs with floating-point ones in another dtype."""
    return tuple(
        value.to(dtype) if isinstance(value, torch.Tensor) and value.is_floating_point() else value for value in inputs
    )


def test_to_device(small: Small) -> None:
    """`.to(device)` reaches every tensor, buffers too, and the model then computes there."""
    model = small.build().to("meta")
    inputs = [value.to("meta") if isinstance(value, torch.Tensor) else value for value in small.inputs()]
    assert {tensor.device.type for tensor in model.state_dict().values()} <= {"meta"}
    assert {tensor.device.type for tensor in tree_leaves(model(*inputs))} == {"meta"}


def test_build_on_meta(small: Small) -> None:
    """`device="meta"` allocates no tensor, draws no random number, and gives the shapes that were proved."""
    state = torch.get_rng_state()
    model = small.compilation.build(device="meta")
    assert torch.equal(torch.get_rng_state(), state)
    inputs = [value.to("meta") if isinstance(value, torch.Tensor) else value for value in small.inputs()]
    assert all(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))
    assert describe(of_value(model(*inputs))) == describe(small.compilation.graph.output)


def test_build_in_bfloat16(small: Small) -> None:
    """`dtype=` is what `.to(dtype)` after building would give, for integers too."""
    model = small.build(dtype=torch.bfloat16)
    expected = small.build().to(torch.bfloat16)
    assert [value.dtype for value in model.state_dict().values()] == [
        value.dtype for value in expected.state_dict().values()
    ]
    if small.name in NO_BFLOAT16:
        return
    output = model(*_converted(small.inputs(), torch.bfloat16))
    assert {tensor.dtype for tensor in tree_leaves(output)} == {torch.bfloat16}


def test_train_and_eval(small: Small) -> None:
    """`train` and `eval` reach every module."""
    model = small.build()
    assert {module.training for module in model.modules()} == {False}
    assert {module.training for module in model.train().modules()} == {True}


def test_hooks(small: Small) -> None:
    """In training, where all is run, hooks before and after every module are called."""
    graph, model = small.compilation.graph, small.build().train()
    fired: set[tuple[str, str]] = set()
    for path, module in model.named_modules():
        module.register_forward_pre_hook(_record(fired, "before", path))
        module.register_forward_hook(_record(fired, "after", path))
    model(*small.inputs())
    containers = [(path, node) for path, node in walk(graph.root) if isinstance(node, (ModuleList, ModuleDict))]
    never_called = {path for path, _ in containers}
    for path, node in containers:
        if isinstance(node, ModuleDict):
            never_called |= {f"{path}.{name}" for name, _ in node.children[1:]}
    expected = {path for path, _ in walk(graph.root)} - never_called
    assert {path for when, path in fired if when == "before"} >= expected
    assert {path for when, path in fired if when == "after"} >= expected


def _record(fired: set[tuple[str, str]], when: str, path: str) -> Callable[..., None]:
    return lambda *_: fired.add((when, path))


def test_backward(small: Small) -> None:
    """Every parameter that the forward uses gets a gradient."""
    model = small.build().train()
    _sum(model(*small.inputs())).backward()
    unused = {"activations.prelu.weight"} if small.name == "choices" else set()
    assert {name for name, parameter in model.named_parameters() if parameter.grad is None} == unused


def _equal(some: Any, others: Any) -> bool:
    """Whether two outputs are bitwise the same, of whatever form."""
    return all(torch.equal(one, other) for one, other in zip(tree_leaves(some), tree_leaves(others), strict=True))


def _sum(output: Any) -> torch.Tensor:
    """All numbers of an output, of whatever form."""
    return sum(tensor.sum() for tensor in tree_leaves(output))


def test_seed(small: Small) -> None:
    """`seed=` gives the weights of `torch.manual_seed` and leaves the caller's random state as it was."""
    state = torch.get_rng_state()
    seeded = small.compilation.build(seed=5).state_dict()
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(5)
    drawn = small.compilation.build().state_dict()
    assert all(torch.equal(value, drawn[key]) for key, value in seeded.items())
