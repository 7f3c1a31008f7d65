"""Published checkpoints: in come a spec and the name of one, out goes its file from torch's cache, never fetched."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from archspec.diagnostic import quote
from archspec.errors import UsageError, WeightsError
from archspec.limits import Limits
from archspec.spec.document import Spec
from archspec.spec.shipped import shipped_folder
from archspec.spec.weights import NO_PRESET, Published
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Scalar, Sequence, Tree, plain
from archspec.weights.checkpoint import Checkpoint, read_checkpoint

__all__ = ["read_published"]

SHOWN_PRESETS = 5

_A_FILE = "to load a file, name it with its suffix, such as `weights.safetensors`"

Settings = Mapping[str, tuple[object, Tree]]


def read_published(  # noqa: PLR0913 - what a compilation knows
    name: str, spec: Spec, preset: str | None, settings: Settings, *, limits: Limits, allow_pickle: bool
) -> Checkpoint:
    """The checkpoint of that name, with its digest checked.

    Args:
        name: in `weights` of the spec.
        spec: the spec.
        preset: the one that is built.
        settings: the params that the caller sets, each with the tree of its value.
        limits: the budgets for checkpoints.
        allow_pickle: whether files of `torch.save` are read; those of the specs that ship are.

    Raises:
        UsageError: there are no such weights, or they are for other params.
        WeightsError: the file is not there, is another one, or cannot be read.
        LimitFault: as `read_checkpoint`.
    """
    item = _published(name, spec, preset)
    _check_params(item, spec, settings)
    allowed = allow_pickle or _is_shipped(spec)
    return read_checkpoint(_cached(item), limits=limits, allow_pickle=allowed, sha256=item.sha256, rename=item.rename)


def _published(name: str, spec: Spec, preset: str | None) -> Published:
    known = spec.weights.get(preset or NO_PRESET, {})
    if name in known:
        return known[name]
    what = f"preset {quote(preset)}" if preset else f"{spec.block.name} without a preset"
    if known:
        hint = did_you_mean(name, known, otherwise=f"it has {', '.join(known)}; {_A_FILE}")
        raise UsageError(f"{what} has no weights {quote(name)}: {hint}")
    raise UsageError(f"{what} has no published weights{_others(spec)}; {_A_FILE}")


def _others(spec: Spec) -> str:
    """Where there are some that could be meant."""
    if spec.base is not None and spec.base.weights:
        return ": those of the spec that it extends may not fit it"
    presets = [preset for preset in spec.weights if preset != NO_PRESET]
    more = ", …" if len(presets) > SHOWN_PRESETS else ""
    return f"; these presets have some: {', '.join(presets[:SHOWN_PRESETS])}{more}" if presets else ""


def _check_params(item: Published, spec: Spec, settings: Settings) -> None:
    """Refuse to give weights to a model with other params than those that they were trained with."""
    for name, wanted in item.params.items():
        found = settings[name][1] if name in settings else spec.block.params[name].default
        if not isinstance(found, (Scalar, Sequence, TreeMapping)) or not _is_same(plain(found), plain(wanted)):
            value = quote(plain(wanted)).strip("`")
            raise UsageError(f"the weights {item.name} are for {name}: {value}; set it, as with -p {name}={value}")


def _is_same(first: object, second: object) -> bool:
    """Whether two values are equal and of one type, which 1 and true are not."""
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_is_same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and first == second


def _is_shipped(spec: Spec) -> bool:
    """Whether the spec is one of those that ship, whose checkpoints need no permission to be read."""
    path = spec.source.path
    return path is not None and path.resolve().parent == shipped_folder().resolve()


def _cached(item: Published) -> Path:
    """The file in the cache of `torch.hub`."""
    import torch

    path = Path(torch.hub.get_dir()) / "checkpoints" / item.file_name
    if not path.is_file():
        command = f"curl --fail --location --create-dirs --output {shlex.quote(str(path))} {item.url}"
        raise WeightsError(
            f"the weights {item.name} are not on this machine: there is no file {quote(str(path), limit=1_000)}\n"
            f"archspec downloads nothing; this does:\n  {command}"
        )
    return path
