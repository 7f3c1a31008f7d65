"""archspec: a YAML spec of a neural network in, a PyTorch module out.

>>> import archspec
>>> model = archspec.build("lenet", classes=100)  # doctest: +SKIP

Importing this package imports neither torch nor anything else that is heavy; the functions do, when they are called.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from archspec import errors
from archspec._version import __version__
from archspec.diagnostic import Diagnostic
from archspec.limits import Limits

if TYPE_CHECKING:
    from os import PathLike

    import torch
    from torch import nn

    from archspec.catalog.registry import Registry
    from archspec.compiler import Compilation
    from archspec.spec.given import SpecLike

__all__ = [
    "Diagnostic",
    "Limits",
    "__version__",
    "average_crops",
    "build",
    "check",
    "compile",
    "errors",
    "register",
    "transforms",
]

_Target = TypeVar("_Target", bound=Callable[..., Any])


def compile(  # noqa: PLR0913 - the word of the field, and one keyword for each thing a caller may set
    spec: "SpecLike",
    *,
    preset: str | None = None,
    params: Mapping[str, Any] | None = None,
    sizes: Mapping[str, int] | None = None,
    inputs: Mapping[str, tuple[int, ...] | list[int]] | None = None,
    registry: "Registry | None" = None,
    limits: Limits | None = None,
) -> "Compilation":
    """Compile a spec.

    Args:
        spec: a path, the name of a shipped architecture or preset (`resnet50`), YAML text, or a mapping.
        preset: a preset of the spec.
        params: values for its params.
        sizes: sizes of named dimensions to check at, such as `{"N": 8, "H": 128}`.
        inputs: whole input shapes to check at, such as `{"input": (8, 3, 128, 128)}`.
        registry: layers and operations; by default torch.nn, the operations table and what was registered.
        limits: budgets that the spec must keep.

    Returns:
        An object whose `spec`, `graph` and `build()` give the stages, each computed once.

    Raises:
        errors.SpecError: the spec is wrong; `.diagnostics` says where and why.
        errors.UsageError: no spec is called that, or it has no such input or dimension.
    """
    from archspec.compiler import Compilation

    compilation = Compilation(
        spec, preset=preset, params=params, sizes=sizes, inputs=inputs, registry=registry, limits=limits
    )
    compilation.graph  # noqa: B018 - a model that would not run does not compile
    return compilation


def build(  # noqa: PLR0913 - one keyword for each thing a caller may set
    spec: "SpecLike",
    *,
    preset: str | None = None,
    device: "torch.device | str | None" = None,
    dtype: "torch.dtype | None" = None,
    seed: int | None = None,
    weights: "str | PathLike[str] | None" = None,
    allow_pickle: bool = False,
    ignore_fingerprint: bool = False,
    limits: Limits | None = None,
    **params: Any,
) -> "nn.Module":
    """Build a model.

    Args:
        spec: a path, the name of a shipped architecture or preset (`resnet50`), YAML text, or a mapping.
        preset: a preset of the spec.
        device: where its parameters live; `meta` allocates nothing.
        dtype: of its floating-point parameters.
        seed: what `torch.manual_seed` is given first; the caller's random state is left as it was.
        weights: what the model starts with: a checkpoint file (`resnet50.safetensors`), or the name of one that the
            spec publishes (`IMAGENET1K_V1`).
        allow_pickle: whether files of `torch.save` are read; nothing but tensors is taken from them.
        ignore_fingerprint: whether weights are taken that were written of another architecture, and fit this one.
        limits: budgets that the spec must keep.
        **params: values for the spec's params (one named like an argument above: `compile(…, params=…)`).

    Raises:
        errors.SpecError: the spec is wrong; `.diagnostics` says where and why.
        errors.LimitError: the spec asks for more than a limit allows.
        errors.UsageError: no spec, or no weights, are called that.
        errors.WeightsError: the weights cannot be read, do not fit the model, or are those of another.
    """
    from archspec.compiler import Compilation

    compilation = Compilation(spec, preset=preset, params=params, limits=limits)
    return compilation.build(
        device=device,
        dtype=dtype,
        seed=seed,
        weights=weights,
        allow_pickle=allow_pickle,
        ignore_fingerprint=ignore_fingerprint,
    )


def check(
    spec: "SpecLike",
    *,
    preset: str | None = None,
    params: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    ignore: Iterable[str] = (),
) -> tuple[Diagnostic, ...]:
    """Check a spec without building it: every error and warning, none when all is well. A bad spec never raises.

    Args:
        spec: a path, the name of a shipped architecture or preset, YAML text, or a mapping.
        preset: a preset of the spec.
        params: values for its params.
        limits: budgets that the spec must keep.
        ignore: the codes of warnings that are switched off, such as `["W0201"]`.

    Raises:
        errors.UsageError: no spec, or no warning, is called that.
    """
    from archspec.compiler import Compilation
    from archspec.ignore import read_codes, without

    codes = read_codes(ignore)
    try:
        return Compilation(spec, preset=preset, params=params, limits=limits, ignore=codes).check()
    except errors.SpecError as error:
        return without(error.diagnostics, codes)


def transforms(
    spec: "SpecLike",
    name: str = "eval",
    *,
    preset: str | None = None,
    limits: Limits | None = None,
    **params: Any,
) -> "nn.Module":
    """Make a pipeline of a spec's `transforms`, which preprocesses one image. It needs torchvision.

    Args:
        spec: a path, the name of a shipped architecture or preset, YAML text, or a mapping.
        name: of the pipeline; `train` and `eval` are the usual ones.
        preset: a preset of the spec.
        limits: budgets that the spec must keep.
        **params: values for the spec's params (one named like an argument above: `compile(…, params=…)`).

    Returns:
        A `torchvision.transforms.v2.Compose`: a PIL image or a tensor `[C, H, W]` in, what its last transform gives
        out. One that makes several crops of an image gives them all, `[crops, C, H, W]`; see `average_crops`.

    Raises:
        errors.SpecError: the spec is wrong; `.diagnostics` says where and why.
        errors.UsageError: no spec or pipeline is called that, or torchvision is not installed.
    """
    from archspec.compiler import Compilation

    return Compilation(spec, preset=preset, params=params, limits=limits).transforms(name)


def average_crops(model: "nn.Module", *, of: Literal["probabilities", "logits"] = "probabilities") -> "nn.Module":
    """Let a classifier look at several crops of each image, as pipelines with `TenCrop` make them.

    Args:
        model: the classifier, `[N, C, H, W]` in and `[N, classes]` out. It is not copied.
        of: what is averaged: the `probabilities` that a softmax makes of its outputs, or these `logits` themselves.

    Returns:
        A module with the model in it: `[N, crops, C, H, W]` in, the averages `[N, classes]` out.

    Raises:
        errors.UsageError: `of` is neither of the two.
    """
    if of not in {"probabilities", "logits"}:
        raise errors.UsageError(f"crops are averaged by their `probabilities` or their `logits`, not by {of!r}")
    from archspec.vision.crops import AverageCrops

    return AverageCrops(model, of)


def register(target: _Target) -> _Target:
    """Let specs name a class or a function of yours; works as a decorator.

    Args:
        target: an `nn.Module` class (a layer, by its class name) or a function of tensors (an operation, by its name).

    Returns:
        The target itself.

    Raises:
        ValueError: the name is taken, or is no PascalCase (layers) or snake_case (operations) name.
    """
    from archspec.catalog.registry import default_registry

    return default_registry().register(target)
