"""`archspec.catalog.registry`: what the caller registers can be named, and nothing else is run or hidden by it."""

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from archspec.catalog import registry as module
from archspec.catalog.modules import torch_layers
from archspec.catalog.registry import ENTRY_POINT_GROUP, Registry, default_registry


class Scale(nn.Module):
    """Multiplies by a factor."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply."""
        return x * self.factor


class Shift(Scale):
    """Another class."""


def twofold(x: torch.Tensor) -> torch.Tensor:
    """Twice the input."""
    return x * 2


def plug_in(name: str, target: str) -> EntryPoint:
    """An entry point as an installed package declares it; `here:x` is an attribute of this file."""
    return EntryPoint(name=name, value=target, group=ENTRY_POINT_GROUP)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """An empty registry on a machine without plug-ins."""
    monkeypatch.setattr(module, "entry_points", lambda group: ())  # noqa: ARG005 - called by keyword
    return Registry()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """The plug-ins of this machine, for a test to fill; the module `plug_in_for_tests` is one."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(module, "entry_points", lambda group: found if group == ENTRY_POINT_GROUP else [])
    monkeypatch.setitem(sys.modules, "plug_in_for_tests", SimpleNamespace(Scale=Scale, twofold=twofold))  # type: ignore[misc]
    return found


def test_torch_layers_are_known_from_the_start(registry: Registry) -> None:
    """An empty registry knows torch.nn, and only that."""
    assert registry.layer("Conv2d") is torch_layers()["Conv2d"]
    assert registry.layer("Conv2D") is None
    assert registry.layer_names() == sorted(torch_layers())
    assert dict(registry.operation_functions) == {}


def test_a_class_is_registered_by_call(registry: Registry) -> None:
    """The plain call hands back the class, and the name leads to it."""
    assert registry.register(Scale) is Scale
    layer = registry.layer("Scale")

    assert layer is not None
    assert (layer.name, layer.cls) == ("Scale", Scale)
    assert "Scale" in registry.layer_names()


def test_a_class_is_registered_under_another_name(registry: Registry) -> None:
    """Two packages may both have a `Scale`."""
    registry.register(Scale, name="MyScale")

    assert registry.layer("Scale") is None
    assert registry.layer("MyScale") is not None


def test_register_is_a_decorator(registry: Registry) -> None:
    """With and without a name, and what it decorates stays what it is."""

    @registry.register
    def triple(x: torch.Tensor) -> torch.Tensor:
        return x * 3

    @registry.register(name="four_times")
    def quadruple(x: torch.Tensor) -> torch.Tensor:
        return x * 4

    assert dict(registry.operation_functions) == {"triple": triple, "four_times": quadruple}
    assert registry.operation_function("triple") is triple
    assert registry.operation_function("quadruple") is None


@pytest.mark.parametrize(
    ("target", "name", "message"),
    [
        (Scale, "Conv2d", "'Conv2d' has a meaning of its own in a spec; register the class by another name"),
        (Scale, "Sequential", "'Sequential' has a meaning of its own in a spec; register the class by another name"),
        (Scale, "Parameter", "'Parameter' has a meaning of its own in a spec; register the class by another name"),
        (Scale, "Graph", "'Graph' has a meaning of its own in a spec; register the class by another name"),
        (Scale, "scale", "a layer's name must be PascalCase, and 'scale' is not"),
        (Scale, "My.Scale", "a layer's name must be PascalCase, and 'My.Scale' is not"),
        (Scale, "Scale\n", "a layer's name must be PascalCase, and 'Scale\\n' is not"),
        (twofold, "relu", "'relu' has a meaning of its own in a spec; register the function by another name"),
        (twofold, "call", "'call' has a meaning of its own in a spec; register the function by another name"),
        (twofold, "Double", "an operation's name must be snake_case, and 'Double' is not"),
        (lambda x: x, None, "an operation's name must be snake_case, and '<lambda>' is not"),
    ],
)
def test_bad_names_are_refused(registry: Registry, target: type, name: str | None, message: str) -> None:
    """A name must be one that a spec can write and that has no other meaning there."""
    with pytest.raises(ValueError, match=r".") as caught:
        registry.register(target, name=name)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (int, "<class 'int'> is no subclass of torch.nn.Module"),
        (3, "3 is neither a class nor a function"),
    ],
)
def test_bad_targets_are_refused(registry: Registry, target: type, message: str) -> None:
    """Only modules and functions can run in a model."""
    with pytest.raises(TypeError) as caught:
        registry.register(target, name="Thing" if isinstance(target, type) else "thing")

    assert str(caught.value) == message


def test_a_name_is_never_taken_over_in_silence(registry: Registry) -> None:
    """The same target again is nothing new; another one under the name is an error."""
    registry.register(Scale)
    registry.register(Scale)
    with pytest.raises(ValueError, match=rf"^'Scale' is registered already, for {__name__}\.Scale$"):
        registry.register(Shift, name="Scale")
    registry.register(twofold)
    with pytest.raises(ValueError, match=r"^'twofold' is registered already, for <function twofold"):
        registry.register(lambda x: x, name="twofold")


def test_unregister_forgets(registry: Registry) -> None:
    """A name can be given up, and only one that was taken."""
    registry.register(Scale)
    registry.register(twofold)
    registry.unregister("Scale")
    registry.unregister("twofold")

    assert registry.layer("Scale") is None
    assert registry.operation_function("twofold") is None
    with pytest.raises(KeyError):
        registry.unregister("Scale")


def test_a_copy_changes_on_its_own(registry: Registry) -> None:
    """A test, or a caller, can try names without touching the registry of the process."""
    registry.register(Scale)
    other = registry.copy()
    other.register(Shift)
    registry.unregister("Scale")

    assert other.layer("Scale") is not None
    assert registry.layer("Shift") is None


def test_plug_ins_are_loaded_on_the_first_unknown_name(installed: list[EntryPoint]) -> None:
    """A spec of known layers loads nothing; an unknown name loads what is installed, once."""
    registry = Registry()
    installed.append(plug_in("PluggedIn", "plug_in_for_tests:Scale"))
    installed.append(plug_in("plugged_in", "plug_in_for_tests:twofold"))

    assert registry.layer("Conv2d") is not None
    assert not registry._loaded
    layer = registry.layer("PluggedIn")
    assert layer is not None
    assert layer.cls is Scale
    assert registry.operation_functions["plugged_in"] is twofold
    installed.append(plug_in("TooLate", "plug_in_for_tests:Scale"))
    assert registry.layer("TooLate") is None


@pytest.mark.parametrize("lookup", [Registry.layer_names, lambda registry: registry.operation_function("plugged_in")])
def test_every_view_of_the_names_knows_the_plug_ins(installed: list[EntryPoint], lookup: object) -> None:
    """Suggestions and operations see them too."""
    registry = Registry()
    installed.append(plug_in("plugged_in", "plug_in_for_tests:twofold"))
    assert callable(lookup)
    lookup(registry)

    assert "plugged_in" in registry._operations


def test_a_broken_plug_in_is_a_warning(installed: list[EntryPoint]) -> None:
    """A package that cannot be imported, or declares a bad name, does not stop the others."""
    registry = Registry()
    installed.append(plug_in("Broken", "no_such_module_for_tests:Layer"))
    installed.append(plug_in("Linear", "plug_in_for_tests:Scale"))
    installed.append(plug_in("PluggedIn", "plug_in_for_tests:Scale"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert registry.layer("PluggedIn") is not None

    assert [str(item.message) for item in caught] == [
        (
            "the plug-in 'Broken' (no_such_module_for_tests:Layer) cannot be loaded: "
            "ModuleNotFoundError(\"No module named 'no_such_module_for_tests'\")"
        ),
        (
            "the plug-in 'Linear' (plug_in_for_tests:Scale) cannot be loaded: "
            "ValueError(\"'Linear' has a meaning of its own in a spec; register the class by another name\")"
        ),
    ]
    assert registry.layer("Linear") is torch_layers()["Linear"]


def test_threads_may_register_and_look_up_at_once(installed: list[EntryPoint]) -> None:
    """Every lookup waits for the plug-ins, and no registration is lost."""
    registry = Registry()
    installed.append(plug_in("PluggedIn", "plug_in_for_tests:Scale"))

    def work(number: int) -> bool:
        registry.register(Scale, name=f"Scale{number}")
        return registry.layer("PluggedIn") is not None and registry.layer(f"Scale{number}") is not None

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert all(pool.map(work, range(200)))
    assert len(registry._layers) == 201


def test_the_default_registry_is_one() -> None:
    """What one part of a program registers, every other part can name."""
    assert default_registry() is default_registry()


def test_importing_the_catalog_does_not_import_torch() -> None:
    """`import archspec` stays quick: torch comes with the first layer asked for."""
    check = "import sys, archspec.catalog.registry; sys.exit('torch' in sys.modules)"
    root = Path(__file__).parents[2]

    assert subprocess.run([sys.executable, "-c", check], cwd=root, check=False).returncode == 0
