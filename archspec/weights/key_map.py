"""Key maps: in comes a JSON file of old and new names, out go the keys of a checkpoint by the names of the model.

A map is what `archspec diff --migrate` writes when modules have moved: `{"layers.0.weight": "blocks.0.weight"}`.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.diagnostic import quote
from archspec.errors import UsageError, WeightsError
from archspec.limits import Limits
from archspec.suggest import did_you_mean

if TYPE_CHECKING:
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["mapped", "read_key_map"]

SHOWN_KEYS = 20
_EXAMPLE = 'such as {"old.weight": "new.weight"}'


def read_key_map(path: str | os.PathLike[str], limits: Limits) -> dict[str, str]:
    """The names in a file.

    Raises:
        UsageError: it cannot be read, or is no JSON object of text.
        LimitFault: it is too long.
    """
    file = Path(path)
    shown = f"the key map {quote(str(file))}"
    try:
        with file.open("rb") as stream:
            data = stream.read(limits.safetensors_header_bytes + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{shown} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    limits.check("safetensors_header_bytes", len(data), None, f"bytes in {shown}")
    try:
        found = json.loads(data, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{shown} is no JSON object of old and new keys, {_EXAMPLE}: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise UsageError(f"{shown} is no JSON object of old and new keys, {_EXAMPLE}")
    return found


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{quote(next(name for name in names if names.count(name) > 1))} is there twice")
    return made


def mapped(named: Mapping[str, list[str]], checkpoint: "Checkpoint") -> dict[str, list[str]]:
    """The keys of a checkpoint by their names after its key map.

    Args:
        named: the keys by their names before it.
        checkpoint: the checkpoint.

    Raises:
        WeightsError: the map is about keys that the checkpoint does not have.
    """
    unknown = [name for name in checkpoint.key_map if name not in named]
    if unknown:
        lines = [f"  {quote(name)}{_hint(name, named)}" for name in unknown[:SHOWN_KEYS]]
        more = [f"  … and {len(unknown) - SHOWN_KEYS:,} more"] if len(unknown) > SHOWN_KEYS else []
        head = f"the key map names keys that {quote(str(checkpoint.path))} does not have ({len(unknown):,})"
        raise WeightsError("\n".join([head, *lines, *more]))
    moved: dict[str, list[str]] = {}
    for name, keys in named.items():
        moved.setdefault(checkpoint.key_map.get(name, name), []).extend(keys)
    return moved


def _hint(name: str, known: Mapping[str, list[str]]) -> str:
    hint = did_you_mean(name, list(known))
    return f": {hint}" if hint else ""
