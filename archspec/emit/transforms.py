"""Makes preprocessing: in come a `Graph` and the name of a pipeline, out goes it as `torchvision.transforms.v2`."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from archspec.catalog.transforms import CROPS, HELD, OWN
from archspec.diagnostic import Diagnostic, Note, quote
from archspec.errors import SpecError, UsageError
from archspec.graph.graph import Graph, Transform
from archspec.suggest import did_you_mean

if TYPE_CHECKING:
    from torch import nn

__all__ = ["emit_transforms"]

_CONVERT = ("PILToTensor", "ToImage")


def emit_transforms(graph: Graph, name: str) -> "nn.Module":
    """A pipeline as a `v2.Compose`.

    Where it makes several crops of an image, everything after is applied to each, and all are stacked: it then gives
    `[crops, C, H, W]`.

    Args:
        graph: the model that the pipeline belongs to.
        name: of the pipeline.

    Raises:
        UsageError: there is no pipeline of that name, or torchvision is missing or too old.
        SpecError: torchvision refuses the arguments of a transform.
    """
    pipelines = dict(graph.transforms)
    if name not in pipelines:
        listed = f"it has {', '.join(pipelines)}" if pipelines else "its spec has no `transforms`"
        hint = did_you_mean(name, list(pipelines), otherwise=listed)
        raise UsageError(f"{graph.name} has no transforms {quote(name)}: {hint}")
    return _compose(pipelines[name], _torchvision())


def _torchvision() -> ModuleType:
    try:
        return import_module("torchvision.transforms.v2")
    except ImportError as error:
        raise UsageError("transforms need torchvision: pip install 'archspec-torch[vision]'") from error


def _compose(transforms: tuple[Transform, ...], v2: ModuleType) -> "nn.Module":
    from archspec.vision.crops import EachCrop

    made = []
    for index, transform in enumerate(transforms):
        made.append(_make(transform, v2))
        if transform.type in CROPS:
            made.append(EachCrop(_compose(_with_tensors(transforms, index + 1), v2)))
            break
    pipeline: nn.Module = v2.Compose(made or [v2.Identity()])
    return pipeline


def _with_tensors(transforms: tuple[Transform, ...], start: int) -> tuple[Transform, ...]:
    """The transforms from `start` on, which end in a tensor: PIL images cannot be stacked."""
    converted = any(transform.type in _CONVERT for transform in transforms)
    last = () if converted else (Transform(type=_CONVERT[0], arguments=(), span=transforms[start - 1].span),)
    return (*transforms[start:], *last)


def _make(transform: Transform, v2: ModuleType) -> "nn.Module":
    arguments = {name: _argument(name, value, v2) for name, value in transform.arguments}
    try:
        made: nn.Module = _class(transform.type, v2)(**arguments)
    except (TypeError, ValueError) as error:
        message = f"{transform.type} cannot be made with these arguments"
        note = Note(message=f"torchvision says: {error}")
        raise SpecError([Diagnostic(code="E1003", message=message, span=transform.span, notes=(note,))]) from error
    return made


def _class(name: str, v2: ModuleType) -> Callable[..., "nn.Module"]:
    if name in OWN:
        from archspec.vision.lighting import PCALighting

        return PCALighting
    cls: Callable[..., nn.Module] | None = getattr(v2, name, None)
    if cls is None:
        raise UsageError(f"the installed torchvision has no {name}: pip install --upgrade torchvision")
    return cls


def _argument(name: str, value: object, v2: ModuleType) -> object:
    """A value as torchvision takes it."""
    if name == HELD:
        return [_make(item, v2) for item in cast("tuple[Transform, ...]", value)]
    convert = _CONVERSIONS.get(name)
    return value if convert is None else convert(value, v2)


def _dtype(name: Any, _v2: ModuleType) -> object:
    import torch

    return getattr(torch, name)


_CONVERSIONS: Mapping[str, Callable[[Any, ModuleType], object]] = {
    "dtype": _dtype,
    "interpolation": lambda name, v2: v2.InterpolationMode(name),
    "policy": lambda name, v2: v2.AutoAugmentPolicy(name),
}
"""What a spec writes as a name, by the name of the argument."""
