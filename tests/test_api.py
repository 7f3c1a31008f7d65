"""The Python API: what `build`, `compile`, `check` and `register` take, give and refuse."""

import gc
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry, default_registry
from archspec.errors import LimitError, SpecError, UsageError

TEXT = "archspec: 1\nname: Tiny\nparams: {width: 3}\ninput: [N, 4]\nmodel:\n  fc: {Linear: $width}\n  act: ReLU\n"


@pytest.fixture
def _registered() -> Iterator[None]:
    """Whatever a test registers is forgotten again."""
    registry = default_registry()
    before = registry.copy()
    yield
    registry._layers, registry._operations = before._layers, before._operations


def test_public_names_are_listed() -> None:
    """`__all__` names what the package offers, and all of it is there."""
    public = {name for name in vars(archspec) if not name.startswith("_")}
    offered = set(archspec.__all__) - {"__version__"}
    assert offered <= public
    assert all(getattr(archspec, name) is not None for name in archspec.__all__)


def test_importing_archspec_imports_nothing_heavy() -> None:
    """Neither torch nor Pydantic nor PyYAML is loaded before a function needs it."""
    code = (
        "import sys, archspec; print([n for n in ('torch', 'pydantic', 'yaml', 'typer', 'rich') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("form", ["path", "text", "mapping", "string path"])
def test_a_spec_is_given_in_any_form(tmp_path: Path, form: str) -> None:
    """A path, a path as text, YAML text and a mapping make the same model."""
    path = tmp_path / "tiny.yaml"
    path.write_text(TEXT)
    mapping = {
        "archspec": 1,
        "name": "Tiny",
        "params": {"width": 3},
        "input": ["N", 4],
        "model": {"fc": {"Linear": "$width"}, "act": "ReLU"},
    }
    spec = {"path": path, "text": TEXT, "mapping": mapping, "string path": str(path)}[form]
    assert repr(archspec.build(spec)) == repr(archspec.build(TEXT))


def test_shipped_architectures_are_found_by_name_and_preset() -> None:
    """`resnet50` is a preset of the shipped `resnet`."""
    compilation = archspec.compile("resnet50")
    assert compilation.preset == "resnet50"
    assert compilation.graph.parameters == 25_557_032


def test_an_unknown_name_is_a_usage_error() -> None:
    """The nearest shipped name is suggested."""
    with pytest.raises(UsageError) as caught:
        archspec.build("resnet5O")
    assert str(caught.value) == "no spec is called `resnet5O`: did you mean `resnet50`?"


def test_params_are_keywords_of_build() -> None:
    """A keyword sets a param; an unknown one is refused with a suggestion."""
    assert archspec.build(TEXT, width=7).fc.out_features == 7
    with pytest.raises(SpecError) as caught:
        archspec.build(TEXT, widht=7)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.hint) == ("E0406", "did you mean `width`?")


def test_every_fault_in_the_nodes_that_params_get_is_told() -> None:
    """A param that holds a node is read as strictly as the file: no misspelt argument or layer is lost."""
    spec = "archspec: 1\nparams: {norm: {type: module}, act: {type: module}}\ninput: [N, 4]\nmodel: [$norm, $act]\n"
    with pytest.raises(SpecError) as caught:
        archspec.build(spec, norm={"LayerNorm": {"epz": 1e-6, "bais": False}}, act="RELU")
    found = [(diagnostic.code, diagnostic.message) for diagnostic in caught.value.diagnostics]
    assert found == [
        ("E0302", "LayerNorm has no argument `epz`"),
        ("E0302", "LayerNorm has no argument `bais`"),
        ("E0301", "there is no layer or block `RELU`"),
    ]


def test_stages_are_computed_once() -> None:
    """Each stage is kept, and each build is a new module."""
    compilation = archspec.compile(TEXT)
    assert compilation.graph is compilation.graph
    assert compilation.spec is compilation.spec
    assert compilation.build() is not compilation.build()


def test_sizes_and_shapes_of_inputs_can_be_set() -> None:
    """Named dimensions and whole shapes change what the check runs, not what the model is."""
    assert archspec.compile(TEXT, sizes={"N": 9}).graph.output.shape == (9, 3)
    assert archspec.compile(TEXT, inputs={"input": (5, 4)}).graph.output.shape == (5, 3)
    with pytest.raises(UsageError, match="has no dimension `B`: its named dimensions are N"):
        archspec.compile(TEXT, sizes={"B": 9})
    with pytest.raises(UsageError, match="has no input `x`: it has input"):
        archspec.compile(TEXT, inputs={"x": (5, 4)})


def test_a_size_that_a_param_gives_can_be_set() -> None:
    """`T=$length` is a named dimension like any other."""
    text = "archspec: 1\nparams: {length: 8}\ninput: [N, T=$length, 4]\nmodel: [{Linear: 3}]\n"
    assert archspec.compile(text).graph.output.shape == (2, 8, 3)
    assert archspec.compile(text, sizes={"T": 5}).graph.output.shape == (2, 5, 3)


def test_fixed_dimensions_say_what_fixed_them() -> None:
    """A dimension that the compiled model does not take at another size is named with the node that refused it."""
    text = "archspec: 1\ninput: [N, 3, H=8, W=8]\nmodel:\n  flat: {flatten: 1}\n  fc: {Linear: 2}\n"
    compilation = archspec.compile(text)
    assert sorted(compilation.fixed_dimensions) == ["H", "W"]
    assert compilation.fixed_dimensions["H"].path == "fc"


def test_check_never_raises_for_a_bad_spec() -> None:
    """Errors and warnings come back as data."""
    assert archspec.check(TEXT) == ()
    assert [item.code for item in archspec.check("archspec: 1\nmodle: []\n")] == ["E0201"]
    assert [item.severity for item in archspec.check(TEXT.replace("width: 3", "width: 3, more: 1"))] == ["warning"]


def test_a_mapping_with_objects_is_refused() -> None:
    """Only plain data can be written down."""
    with pytest.raises(SpecError, match="a spec given as a mapping holds plain data only"):
        archspec.build({"archspec": 1, "model": nn.ReLU()})


@pytest.mark.usefixtures("_registered")
def test_registered_classes_and_operations_can_be_named() -> None:
    """A class is a layer and a function an operation; a spec names them like any other."""

    @archspec.register
    class Scale(nn.Module):
        def __init__(self, factor: float = 2.0) -> None:
            super().__init__()
            self.factor = factor

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.factor

    @archspec.register
    def plus_one(x: torch.Tensor) -> torch.Tensor:
        return x + 1

    model = archspec.build("archspec: 1\ninput: [N, 4]\nmodel:\n  s: {Scale: 3}\n  p: plus_one\n")
    assert torch.equal(model(torch.ones(1, 4)), torch.full((1, 4), 4.0))


def test_names_of_torch_cannot_be_registered() -> None:
    """A registered class cannot stand in for a layer of torch.nn."""
    with pytest.raises(ValueError, match="has a meaning of its own"):
        Registry().register(type("Linear", (nn.Module,), {}))


def test_a_seed_is_manual_seed_and_leaves_the_callers_state_alone() -> None:
    """`seed=` gives what torch.manual_seed gives, and the caller's next random number is what it would have been."""
    torch.manual_seed(5)
    plain = archspec.build(TEXT).fc.weight
    before = torch.random.get_rng_state()
    seeded = archspec.build(TEXT, seed=5).fc.weight
    assert torch.equal(plain, seeded)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("text", [TEXT, "archspec: 1\nmodel: ["], ids=["good", "bad"])
def test_the_garbage_collector_is_put_back(text: str) -> None:
    """The collector is paused while trees are built, and runs again afterwards whatever happened."""
    gc.enable()
    archspec.check(text)
    assert gc.isenabled()
    gc.disable()
    archspec.check(text)
    assert not gc.isenabled()
    gc.enable()


def test_errors_are_one_tree() -> None:
    """A caller can catch everything, or the kind that matters, and errors can be pickled."""
    import pickle

    assert issubclass(LimitError, SpecError)
    assert issubclass(SpecError, archspec.errors.ArchspecError)
    with pytest.raises(SpecError) as caught:
        archspec.build("archspec: 1\nmodel: [Conv2D]\ninput: [N]\n")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.diagnostics == caught.value.diagnostics


def test_device_meta_allocates_nothing_and_draws_nothing() -> None:
    """A model that no machine could hold is built on meta, and the random state does not move."""
    torch.manual_seed(random.randrange(100))
    before = torch.random.get_rng_state()
    model = archspec.build("archspec: 1\ninput: [N, 100000]\nmodel: [{Linear: 1000000}]\n", device="meta")
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
    assert torch.equal(before, torch.random.get_rng_state())
