"""The gallery: the sizes that `archspec list` shows are those of the models, and torchvision counts the same."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from torchvision import models

import archspec
from archspec.compiler import Compilation
from archspec.spec.gallery import gallery, gallery_file
from archspec.spec.shipped import shipped

ROOT = Path(__file__).parents[2]
NAMES = [name for item in shipped().values() for name in item.names]
FAST = {"lenet", "resnet18", "bert"}


def test_every_name_has_a_row() -> None:
    """Whoever adds a preset runs `make docs`; names that ship no longer are gone from the file."""
    assert list(gallery()) == NAMES


@pytest.fixture(scope="module")
def generate() -> dict[str, Any]:
    """The script that writes the file."""
    return runpy.run_path(str(ROOT / "docs" / "generate.py"))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in FAST else pytest.mark.slow) for name in NAMES])
def test_the_figures_are_those_of_the_model(name: str, generate: dict[str, Any]) -> None:
    """Compiled now, it is as large as the file says; else run `make docs`."""
    measured = generate["measured"](name)
    figures = gallery()[name]
    assert (figures.parameters, figures.macs, dict(figures.inputs)) == tuple(measured.values())


def test_the_file_is_one_line_a_name() -> None:
    """So that a change of one model is one line of a diff."""
    lines = gallery_file().read_text(encoding="utf-8").splitlines()
    assert [line.split('"')[1] for line in lines[1:-1]] == NAMES


def _published() -> list[Any]:
    """Every published checkpoint of torchvision for a name that ships."""
    known = set(models.list_models())
    return [
        pytest.param(name, weights, id=f"{name}-{weights.name}")
        for name in NAMES
        if name in known
        for weights in models.get_model_weights(name)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "weights"), _published())
def test_torchvision_publishes_the_same_figures(name: str, weights: models.WeightsEnum) -> None:
    """`GFLOPS` of its model tables are multiply-accumulates, in billions, at the size of the checkpoint's images."""
    compilation = _at_size(name, _image_size(weights))
    assert round(compilation.macs.total / 1e9, 3) == weights.meta["_ops"]
    if name != "googlenet":  # published without its auxiliary heads, and counted so there
        assert compilation.graph.parameters == weights.meta["num_params"]


def _image_size(weights: models.WeightsEnum) -> int:
    transforms = weights.transforms()
    [size] = transforms.crop_size if hasattr(transforms, "crop_size") else transforms.resize_size
    return int(size)


def _at_size(name: str, size: int) -> Compilation:
    """A model for square images of a size. Those that name every pixel are published with a second head."""
    compilation = archspec.compile(name)
    params = {"image_size": size, "aux_loss": True}
    known = compilation.spec.block.params
    return archspec.compile(
        name,
        params={key: value for key, value in params.items() if key in known},
        sizes={key: size for item in compilation.graph.inputs for key in item.dims if key in ("H", "W")},
    )
