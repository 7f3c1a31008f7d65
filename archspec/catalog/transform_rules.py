"""What arguments of transforms go together: in come a name and its values, out goes the argument that cannot work.

torchvision finds most of this out only when the first image comes, and some by dividing by zero.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archspec.catalog.transforms import HELD
from archspec.diagnostic import quote

__all__ = ["Wrong", "wrong_argument"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """An argument that cannot work beside the others: its name, what was found, and what was expected."""

    argument: str
    found: str
    expected: str


_Values = Mapping[str, object]
_Rule = Callable[[str, _Values], Iterator[Wrong]]

# Arguments of two numbers that are the ends of a range, from which torchvision draws at each image.
_RANGES = frozenset(
    {
        *("ratio", "scale", "scale_range", "side_range", "degrees", "shear"),
        *("brightness", "contrast", "saturation", "hue"),
    }
)
# Those of them that cannot end, or start, at 0, by transform.
_ABOVE_0 = frozenset(
    {
        ("RandomAffine", "scale"),
        ("RandomErasing", "ratio"),
        ("RandomResizedCrop", "ratio"),
        ("ScaleJitter", "scale_range"),
    }
)


def wrong_argument(transform: str, values: _Values) -> Wrong | None:
    """The first argument that cannot work, if there is one.

    Args:
        transform: its name.
        values: all its arguments by name, defaults too; lists are tuples.

    >>> wrong_argument("RandomResize", {"min_size": 9, "max_size": 8})
    Wrong(argument='max_size', found='`8`', expected='more than `min_size`, which is 9')
    """
    return next((wrong for rule in _RULES for wrong in rule(transform, values)), None)


def _ranges(transform: str, values: _Values) -> Iterator[Wrong]:
    for name in sorted(_RANGES & values.keys()):
        value = values[name]
        for ends in _pairs(value):
            if ends[0] > ends[1]:
                yield Wrong(name, quote(_list(value)), "the lower end first, then the higher")
            if ends[0] <= 0 and (transform, name) in _ABOVE_0:
                yield Wrong(name, quote(_list(value)), "numbers above 0")


def _pairs(value: object) -> Iterator[tuple[float, float]]:
    """The ranges in a list of two or four numbers."""
    if isinstance(value, tuple) and len(value) in (2, 4):
        yield from zip(value[::2], value[1::2], strict=True)


def _list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _normalisation(_: str, values: _Values) -> Iterator[Wrong]:
    match values:
        case {"mean": tuple() as mean, "std": tuple() as std}:
            if not mean or len(mean) != len(std):
                yield Wrong("std", quote(list(std)), f"as many numbers as `mean` has: {len(mean)}")
            if 0 in std:
                yield Wrong("std", quote(list(std)), "numbers above 0, since an image is divided by them")


def _magnitude(_: str, values: _Values) -> Iterator[Wrong]:
    match values:
        case {"magnitude": int() as magnitude, "num_magnitude_bins": int() as bins} if magnitude >= bins:
            yield Wrong("magnitude", quote(magnitude), f"less than `num_magnitude_bins`, which is {bins}")


def _held(_: str, values: _Values) -> Iterator[Wrong]:
    held, shares = values.get(HELD), values.get("p")
    if held == ():
        yield Wrong(HELD, "no transforms", "one or more")
    if isinstance(held, tuple) and isinstance(shares, tuple):
        if len(held) != len(shares):
            yield Wrong("p", quote(list(shares)), f"as many numbers as there are transforms: {len(held)}")
        elif not any(shares):
            yield Wrong("p", quote(list(shares)), "one number above 0, or more")


def _sides(transform: str, values: _Values) -> Iterator[Wrong]:
    match transform, values:
        case "Resize", {"size": None, "max_size": None}:
            yield Wrong("size", "null", "a number of pixels, or `max_size` beside it")
        case "Resize", {"size": (_, _) as size, "max_size": int() as most}:
            yield Wrong("max_size", quote(most), f"no `max_size`, for `size` has both sides: {quote(list(size))}")
        case "Resize", {"size": int() as size, "max_size": int() as most} if most <= size:
            yield Wrong("max_size", quote(most), f"more than `size`, which is {size}")
        case "RandomResize", {"min_size": int() as least, "max_size": int() as most} if most <= least:
            yield Wrong("max_size", quote(most), f"more than `min_size`, which is {least}")
        case "RandomShortestSize", {"min_size": ()}:
            yield Wrong("min_size", "no sizes", "one or more")


def _blur(transform: str, values: Mapping[str, Any]) -> Iterator[Wrong]:
    if transform != "GaussianBlur":
        return
    size, sigma = values["kernel_size"], values["sigma"]
    if any(number % 2 == 0 for number in (size if isinstance(size, tuple) else (size,))):
        yield Wrong("kernel_size", quote(_list(size)), "odd numbers, for the middle is a pixel")
    low, high = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    if low <= 0 or low > high:
        yield Wrong("sigma", quote(_list(sigma)), "a number above 0, or the lower end first, then the higher")


_RULES: tuple[_Rule, ...] = (_ranges, _normalisation, _magnitude, _held, _sides, _blur)
