"""Filling a model: every tensor is that of the checkpoint, nothing is copied that need not be, ties stay ties."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save, save_file
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.compiler import Compilation
from archspec.emit.weights import save_weights
from archspec.errors import LimitError, UsageError, WeightsError

State = dict[str, torch.Tensor]
TOKENS = torch.arange(10).reshape(2, 5)


def reference(compilation: Compilation, state: State) -> nn.Module:
    """The same model, loaded the way PyTorch does it."""
    model = compilation.build(seed=1)
    model.load_state_dict(state, strict=True)
    return model.eval()


def without_tie(state: State) -> State:
    """The state as safetensors stores it: what is tied once."""
    return {key: value for key, value in state.items() if key != "head.weight"}


@pytest.fixture(params=["net.safetensors", "net.pth", "legacy.pth"])
def path(request: pytest.FixtureRequest, tmp_path: Path, state: State) -> Path:
    """A checkpoint of the small model in each format."""
    path = tmp_path / request.param
    if path.suffix == ".safetensors":
        save_file(without_tie(state), path)
    else:
        tied = state | {"head.weight": state["embed.weight"]}
        torch.save(tied, path, _use_new_zipfile_serialization=path.stem != "legacy")
    return path


@pytest.fixture
def tied(state: State) -> State:
    """The state with the two names of one parameter the same."""
    return state | {"head.weight": state["embed.weight"]}


def test_a_loaded_model_is_the_saved_one(compilation: Compilation, tied: State, path: Path) -> None:
    """The same keys in the same order, bitwise the same tensors and outputs, buffers that no file holds included."""
    model = compilation.build(weights=path, allow_pickle=True)
    expected = reference(compilation, tied)
    assert list(model.state_dict()) == list(expected.state_dict())
    for key, value in expected.state_dict().items():
        assert torch.equal(model.state_dict()[key], value), key
    assert [name for name, _ in model.named_buffers()] == [name for name, _ in expected.named_buffers()]
    assert torch.equal(model.get_buffer("offset"), torch.arange(8.0))
    assert torch.equal(model.eval()(TOKENS), expected(TOKENS))


def test_a_loaded_model_trains_like_any_other(compilation: Compilation, tied: State, path: Path) -> None:
    """All learns, what is tied is one parameter, and a step changes the model and not the file."""
    before = path.read_bytes()
    models = [compilation.build(weights=path, allow_pickle=True), reference(compilation, tied)]
    assert models[0].get_parameter("head.weight") is models[0].get_parameter("embed.weight")
    for model in models:
        assert all(parameter.requires_grad and parameter.is_leaf for parameter in model.parameters())
        optimizer = torch.optim.SGD(model.train().parameters(), lr=0.1)
        model(TOKENS).sum().backward()
        optimizer.step()
    for first, second in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(first, second)
    assert path.read_bytes() == before


def test_no_random_numbers_are_drawn(compilation: Compilation, path: Path) -> None:
    """The caller's random state is left as it was."""
    before = torch.get_rng_state()
    compilation.build(weights=path, allow_pickle=True)
    assert torch.equal(torch.get_rng_state(), before)


def test_tensors_of_a_file_are_used_as_they_lie_there(compilation: Compilation, path: Path) -> None:
    """Nothing is copied but what lies where PyTorch would put no tensor: there kernels give other last digits."""
    checkpoint = compilation.checkpoint(path, allow_pickle=True)
    model = compilation.build(weights=checkpoint)
    used = []
    for key, tensor in model.state_dict().items():
        assert tensor.data_ptr() % 64 == 0, key
        given = checkpoint.tensors.get(key)
        if given is not None and given.data_ptr() % 64 == 0:
            assert tensor.data_ptr() == given.data_ptr(), key
            used.append(key)
    assert used or path.suffix == ".safetensors"


def test_aligned_safetensors_are_not_copied(tmp_path: Path) -> None:
    """Who writes a file so that its tensors are aligned has them mapped into memory."""
    data = save({"0.weight": torch.rand(16, 16), "0.bias": torch.rand(16)})
    length = int.from_bytes(data[:8], "little")
    padding = -(8 + length) % 64
    header = (length + padding).to_bytes(8, "little") + data[8 : 8 + length] + b" " * padding
    (tmp_path / "net.safetensors").write_bytes(header + data[8 + length :])
    compilation = archspec.compile("archspec: 1\ninput: [N, 16]\nmodel:\n  - Linear: 16\n")
    checkpoint = compilation.checkpoint(tmp_path / "net.safetensors")
    model = compilation.build(weights=checkpoint)
    for key, tensor in checkpoint.tensors.items():
        assert model.state_dict()[key].data_ptr() == tensor.data_ptr()


def test_other_precisions_are_converted(compilation: Compilation, tied: State, tmp_path: Path) -> None:
    """As `load_state_dict` does: half of the file becomes float of the model, and the other way around."""
    path = tmp_path / "half.safetensors"
    save_file(
        {key: value.bfloat16() if value.is_floating_point() else value for key, value in without_tie(tied).items()},
        path,
    )
    model = compilation.build(weights=path)
    assert model.get_parameter("gain").dtype == torch.float32
    assert torch.equal(model.get_parameter("gain"), tied["gain"].bfloat16().float())
    half = compilation.build(weights=path, dtype=torch.float16)
    assert {tensor.dtype for tensor in half.parameters()} == {torch.float16}
    assert half.get_parameter("head.weight") is half.get_parameter("embed.weight")


def test_counters_of_batch_norms_may_be_missing(compilation: Compilation, tied: State, tmp_path: Path) -> None:
    """Checkpoints from before PyTorch 0.4.1 have none; they are then 0, and everything else must be there."""
    path = tmp_path / "old.safetensors"
    counter = "norm.num_batches_tracked"
    save_file({key: value for key, value in without_tie(tied).items() if key != counter}, path)
    assert compilation.build(weights=path).state_dict()[counter] == 0
    save_file({key: value for key, value in without_tie(tied).items() if key not in (counter, "scale")}, path)
    with pytest.raises(WeightsError, match=r"does not fit this model\nmissing: [^\n]* \(1\)\n  `scale`$"):
        compilation.build(weights=path)


def test_a_prefix_is_said_once(compilation: Compilation, tied: State, tmp_path: Path) -> None:
    """And nothing else, where nothing else is wrong: what may be missing is so under the names of the model."""
    path = tmp_path / "wrapped.safetensors"
    save_file({f"module.{key}": value for key, value in without_tie(tied).items()}, path)
    with pytest.raises(WeightsError) as caught:
        compilation.build(weights=path)
    assert str(caught.value).splitlines()[1:] == [
        "the keys of the file begin with `module.`, as DistributedDataParallel writes them:",
        "  save `model.module.state_dict()` instead, or remove `module.` from each key",
    ]


@pytest.mark.parametrize("kept", ["head.weight", "embed.weight"])
def test_one_name_of_a_tie_is_enough(compilation: Compilation, tied: State, tmp_path: Path, kept: str) -> None:
    """Whichever of the two the file has."""
    path = tmp_path / "one.safetensors"
    left_out = {"head.weight", "embed.weight"} - {kept}
    save_file({key: value for key, value in tied.items() if key not in left_out}, path)
    model = compilation.build(weights=path)
    assert torch.equal(model.get_parameter("head.weight"), tied["embed.weight"])
    assert model.get_parameter("head.weight") is model.get_parameter("embed.weight")


def test_two_values_for_one_parameter_are_refused(compilation: Compilation, state: State, tmp_path: Path) -> None:
    """Taking either would be another model than the one that was saved."""
    path = tmp_path / "untied.safetensors"
    save_file(state | {"head.weight": state["embed.weight"] + 1}, path)
    with pytest.raises(WeightsError) as caught:
        compilation.build(weights=path)
    assert str(caught.value) == (
        f"`embed.weight` and `head.weight` are one parameter of this model (`tie`) and differ in `{path}`"
    )


@pytest.mark.parametrize("value", [float("nan"), -0.0])
def test_tied_values_are_the_same_where_no_number_equals_itself(
    compilation: Compilation, state: State, tmp_path: Path, value: float
) -> None:
    """A model that was saved when its training had failed opens, so that one can look at it."""
    path = tmp_path / "untied.safetensors"
    broken = torch.full_like(state["embed.weight"], value)
    save_file(state | {"embed.weight": broken, "head.weight": broken.clone()}, path)
    model = compilation.build(weights=path)
    assert model.get_parameter("head.weight").isnan().all() == broken.isnan().all()
    save_file(state | {"embed.weight": broken, "head.weight": broken + 1 if value == 0 else broken.nan_to_num()}, path)
    with pytest.raises(WeightsError, match="are one parameter of this model"):
        compilation.build(weights=path)


def test_names_of_one_memory_become_tensors_of_their_own(tmp_path: Path) -> None:
    """A file of torch.save keeps what its model shared; a model without the tie must not train both at once."""
    layer = "  - Linear: {out_features: 3, bias: false}\n"
    spec = f"archspec: 1\ninput: [N, 3]\nmodel:\n{layer}{layer}"
    whole = torch.rand(2, 3, 3)
    weights = {
        "shared": {"0.weight": whole[0], "1.weight": whole[0]},
        "parts": {"0.weight": whole[0], "1.weight": whole[1]},
        "turned": {"0.weight": whole[0].T, "1.weight": whole[1]},
        "spread": {"0.weight": torch.rand(3, 1).expand(3, 3), "1.weight": whole[1]},
    }
    for name, state in weights.items():
        torch.save(state, tmp_path / f"{name}.pth")
        model: Any = archspec.build(spec, weights=tmp_path / f"{name}.pth", allow_pickle=True)
        first, second = model[0].weight, model[1].weight
        assert torch.equal(first, state["0.weight"]), name
        assert torch.equal(second, state["1.weight"]), name
        assert first.is_contiguous(), name
        assert first.untyped_storage().nbytes() == 36, name
        assert first.untyped_storage().data_ptr() != second.untyped_storage().data_ptr(), name


class Doubling(nn.Module):
    """A class of a caller's: a buffer that no file holds, a plain attribute, and two names for one parameter."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(width, width, bias=False)
        self.second = nn.Linear(width, width, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("factor", torch.tensor(2.0), persistent=False)
        self.start = torch.ones(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Both layers, doubled."""
        return self.second(self.first(x + self.start.to(x.device))) * self.factor


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry that knows the class."""
    registry = Registry()
    registry.register(Doubling)
    return registry


def test_classes_of_the_caller_are_made_and_load_their_own_state(registry: Registry, tmp_path: Path) -> None:
    """What archspec cannot see in them is there, ties inside them hold, and layers around them are filled as usual."""
    compilation = archspec.compile(
        "archspec: 1\ninput: [N, 4]\nmodel:\n  - Linear: 4\n  - Doubling: 4\n  - BatchNorm1d\n", registry=registry
    )
    saved: Any = compilation.build(seed=1)
    save_weights(saved, tmp_path / "net.safetensors", name="Net")
    torch.save(saved.state_dict(), tmp_path / "net.pth")
    x = torch.rand(3, 4)
    for name in ("net.safetensors", "net.pth"):
        model: Any = compilation.build(seed=2, weights=tmp_path / name, allow_pickle=True)
        assert model[1].first.weight is model[1].second.weight
        assert torch.equal(model.eval()(x), saved.eval()(x))


class Counting(nn.Module):
    """A class of a caller's whose state is more than tensors."""

    def get_extra_state(self) -> int:
        """Keep a number."""
        return 5

    def set_extra_state(self, state: int) -> None:
        """Take it back."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The input."""
        return x


def test_state_that_no_checkpoint_holds_is_named(registry: Registry, tmp_path: Path) -> None:
    """As when it is written."""
    registry.register(Counting)
    compilation = archspec.compile("archspec: 1\ninput: [N, 4]\nmodel:\n  - Counting\n", registry=registry)
    torch.save({}, tmp_path / "net.pth")
    with pytest.raises(WeightsError) as caught:
        compilation.build(weights=tmp_path / "net.pth", allow_pickle=True)
    assert str(caught.value) == "`0._extra_state` of this model is a int, and checkpoints hold only tensors"


def test_nothing_is_loaded_onto_meta(compilation: Compilation, path: Path) -> None:
    """There are no numbers there."""
    with pytest.raises(UsageError) as caught:
        compilation.build(weights=path, allow_pickle=True, device="meta")
    assert str(caught.value) == "a model on the device meta has no weights; build it on another device"


def test_the_limit_of_memory_holds(path: Path) -> None:
    """A model that is too large is refused as without weights."""
    with pytest.raises(LimitError):
        archspec.build("lenet", weights=path, allow_pickle=True, limits=archspec.Limits(parameter_bytes=1_000))


def test_a_registered_layer_may_be_tied_to_a_stock_one(tmp_path: Path) -> None:
    """Its parameter is the one of the stock layer, with the weights of the file, and nothing stays on meta."""

    class Mine(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(4, 4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ self.weight

    registry = Registry()
    registry.register(Mine)
    spec = {
        "archspec": 1,
        "name": "Net",
        "input": ["N", 4],
        "model": {"a": {"Linear": {"out_features": 4, "bias": False}}, "m": "Mine"},
        "tie": {"m.weight": "a.weight"},
    }
    compilation = Compilation(spec, registry=registry)
    saved, path = compilation.build(seed=0), tmp_path / "tied.safetensors"
    save_file({"a.weight": saved.get_parameter("a.weight").detach()}, path)
    model = compilation.build(weights=path)
    assert model.get_parameter("m.weight") is model.get_parameter("a.weight")
    images = torch.ones(2, 4)
    assert torch.equal(model(images), saved(images))


def test_a_state_dict_is_no_file(compilation: Compilation, tied: State) -> None:
    """PyTorch's own function takes one."""
    message = "`weights` is a file or a name; a state_dict goes to `model.load_state_dict`"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        compilation.build(weights=tied)  # type: ignore[arg-type]
