"""The table of transforms: it is what the installed torchvision has, and is read without it."""

import inspect
import subprocess
import sys
from enum import Enum

import pytest
from pydantic import ValidationError
from torchvision.transforms import v2

from archspec.catalog.operation_kinds import INTERPOLATIONS
from archspec.catalog.transforms import CROPS, HELD, LEFT_OUT, OWN, TRANSFORMS
from archspec.vision.lighting import PCALighting

OTHERS = {"AutoAugmentPolicy", "InterpolationMode", "Transform"}
"""Classes of torchvision.transforms.v2 that are no transforms."""

SPEC = """
archspec: 1
input: [N, 3, 224, 224]
model: Flatten
transforms: {eval: [{Resize: 256}, {CenterCrop: 224}, ToImage, {ToDtype: {dtype: float32}}, PCALighting]}
"""


def plain(value: object) -> object:
    """A default as a spec can write it."""
    if isinstance(value, Enum):
        return value.value
    return list(map(plain, value)) if isinstance(value, tuple) else value


def signature(cls: type) -> dict[str, object]:
    """The arguments of a constructor in order, each with its default, or `empty`."""
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {item.name: plain(item.default) for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_arguments_and_defaults_are_those_of_the_class(name: str) -> None:
    """What a spec can write is what the constructor takes, in its order, and what the page of transforms says holds."""
    cls = PCALighting if name in OWN else getattr(v2, name)
    arguments = TRANSFORMS[name].arguments
    known = {item.name: inspect.Parameter.empty if item.required else item.default for item in arguments.values()}
    assert list(known) == list(signature(cls))
    assert known == signature(cls)


def test_every_transform_of_torchvision_is_in_the_table_or_left_out_for_a_reason() -> None:
    """A release that adds a transform is noticed."""
    there = {name for name, found in vars(v2).items() if inspect.isclass(found)} - OTHERS
    assert there == (set(TRANSFORMS) - set(OWN)) | set(LEFT_OUT)
    assert not set(TRANSFORMS) & set(LEFT_OUT)


def test_interpolations_are_those_of_torchvision() -> None:
    """Each can be written by its name."""
    assert set(INTERPOLATIONS) == {mode.value for mode in v2.InterpolationMode}


def test_crops_are_in_the_table() -> None:
    """What the compiler handles by name is there under that name."""
    assert set(CROPS) < set(TRANSFORMS)
    assert [name for name, transform in TRANSFORMS.items() if transform.holds] == [
        "RandomApply",
        "RandomChoice",
        "RandomOrder",
    ]
    assert TRANSFORMS["RandomApply"].arguments[HELD].required


@pytest.mark.parametrize("name", [name for name in TRANSFORMS if not TRANSFORMS[name].holds])
def test_defaults_are_values_that_the_table_allows(name: str) -> None:
    """Writing a default down changes nothing: every default passes the check of its own argument."""
    transform = TRANSFORMS[name]
    defaults = {item.name: item.default for item in transform.arguments.values() if not item.required}
    assert set(transform.validate(defaults)) == set(defaults)


@pytest.mark.parametrize(
    ("name", "argument", "value"),
    [
        ("Resize", "size", 0),
        ("Resize", "size", 1.5),
        ("Resize", "size", 16_385),
        ("Resize", "interpolation", "cubic"),
        ("CenterCrop", "size", [1, 2, 3]),
        ("Pad", "padding", [1, 2, 3]),
        ("RandomHorizontalFlip", "p", 1.1),
        ("RandomHorizontalFlip", "p", True),
        ("ColorJitter", "hue", 0.6),
        ("ToDtype", "dtype", "float"),
        ("Normalize", "mean", 0.5),
        ("Normalize", "std", [-1.0]),
        ("RandomErasing", "value", "noise"),
        ("PCALighting", "eigenvectors", [[1, 2, 3], [4, 5, 6]]),
    ],
)
def test_values_that_torchvision_would_stumble_over_are_refused(name: str, argument: str, value: object) -> None:
    """They are refused where they are written, not when the first image comes."""
    with pytest.raises(ValidationError):
        TRANSFORMS[name].validate({argument: value})


def test_a_spec_is_checked_where_torchvision_is_not_installed() -> None:
    """Checking a spec with transforms, and building its model, needs no torchvision, and does not import it."""
    program = (
        "import sys; sys.modules['torchvision'] = None\n"
        "import archspec\n"
        f"assert archspec.check({SPEC!r}) == ()\n"
        f"archspec.build({SPEC!r})\n"
        "try:\n"
        f"    archspec.transforms({SPEC!r})\n"
        "except archspec.errors.UsageError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "transforms need torchvision: pip install 'archspec-torch[vision]'\n"
