"""`archspec.catalog.transform_rules`: what torchvision would tell at the first image is told by the check."""

import pytest
from torchvision.transforms import v2

import archspec
from archspec.catalog.transform_rules import wrong_argument
from archspec.catalog.transforms import TRANSFORMS
from archspec.errors import SpecError


def refused(transform: str) -> str:
    """What the check says of a pipeline of one transform."""
    text = f"archspec: 1\ninput: [N, 4]\nmodel: Flatten\ntransforms: {{eval: [{{{transform}}}]}}\n"
    with pytest.raises(SpecError) as caught:
        archspec.compile(text).check()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E1003"
    return f"{diagnostic.message}: {diagnostic.found}, not {diagnostic.expected}"


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ("GaussianBlur: {kernel_size: [3, 4]}", "`kernel_size`: `[3, 4]`, not odd numbers, for the middle is a pixel"),
        (
            "GaussianBlur: {kernel_size: 3, sigma: 0}",
            "`sigma`: `0.0`, not a number above 0, or the lower end first, then the higher",
        ),
        ("Resize: {size: 9, max_size: 9}", "`max_size`: `9`, not more than `size`, which is 9"),
        (
            "Resize: {size: [8, 8], max_size: 9}",
            "`max_size`: `9`, not no `max_size`, for `size` has both sides: `[8, 8]`",
        ),
        ("Resize: {size: null}", "`size`: null, not a number of pixels, or `max_size` beside it"),
        ("RandomResize: {min_size: 8, max_size: 8}", "`max_size`: `8`, not more than `min_size`, which is 8"),
        ("RandomShortestSize: {min_size: []}", "`min_size`: no sizes, not one or more"),
        ("ColorJitter: {hue: [0.3, 0.1]}", "`hue`: `[0.3, 0.1]`, not the lower end first, then the higher"),
        (
            "RandomAffine: {degrees: 1, shear: [0, 1, 3, 2]}",
            "`shear`: `[0, 1, 3, 2]`, not the lower end first, then the higher",
        ),
        ("RandomErasing: {ratio: [0, 1]}", "`ratio`: `[0.0, 1.0]`, not numbers above 0"),
        ("RandomChoice: {transforms: [RGB], p: [0]}", "`p`: `[0.0]`, not one number above 0, or more"),
        (
            "RandomChoice: {transforms: [RGB], p: [1, 1]}",
            "`p`: `[1.0, 1.0]`, not as many numbers as there are transforms: 1",
        ),
        ("RandomApply: {transforms: []}", "`transforms`: no transforms, not one or more"),
    ],
)
def test_arguments_that_cannot_work(transform: str, message: str) -> None:
    """Each names the argument, what was found and what was expected."""
    assert refused(transform) == f"{transform.partition(':')[0]} cannot work with this {message}"


@pytest.mark.parametrize("name", [name for name in TRANSFORMS if hasattr(v2, name)])
def test_defaults_work(name: str) -> None:
    """What torchvision takes by default is never refused."""
    defaults = {item.name: item.default for item in TRANSFORMS[name].arguments.values() if not item.required}
    as_tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in defaults.items()}
    if name == "GaussianBlur":
        as_tuples["kernel_size"] = 3
    assert wrong_argument(name, as_tuples) is None
