"""What a model starts with: in come the options of the command line, out goes a checkpoint, or None for none."""

from pathlib import Path
from typing import TYPE_CHECKING

from archspec.errors import UsageError

if TYPE_CHECKING:
    from archspec.compiler import Compilation
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["read_weights"]


def read_weights(
    compilation: "Compilation", weights: str | None, *, allow_pickle: bool, key_map: Path | None
) -> "Checkpoint | None":
    """The checkpoint that `--weights` names.

    Raises:
        UsageError: there is none, or a key map without one.
        WeightsError: it cannot be read.
    """
    if weights is None:
        if key_map is not None:
            raise UsageError("--key-map renames the keys of a checkpoint; name it with --weights")
        return None
    return compilation.checkpoint(weights, allow_pickle=allow_pickle, key_map=key_map)
