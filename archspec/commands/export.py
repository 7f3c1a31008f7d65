"""`archspec export`: in comes a spec, out go files, each in the format that its suffix names."""

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

from archspec.commands.console import print_diagnostics
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler
from archspec.commands.starting import read_weights
from archspec.commands.writing import write_all

__all__ = ["run"]


def run(  # noqa: PLR0913 - one keyword for each option
    settings: Settings,
    *,
    outputs: Sequence[Path],
    dtype: str | None = None,
    seed: int | None = None,
    weights: str | None = None,
    allow_pickle: bool = False,
    key_map: Path | None = None,
    ignore_fingerprint: bool = False,
    static: Sequence[str] = (),
    force: bool = False,
) -> int:
    """Write a model to files. It is built once, on the CPU, and only where a format holds weights.

    Args:
        settings: what to write.
        outputs: the files, each in the format that its suffix names.
        dtype: of the floating-point parameters, by PyTorch's name.
        seed: of the random numbers that the parameters start with.
        weights: what they start with instead: a checkpoint file, or the name of one that the spec publishes.
        allow_pickle: whether files of `torch.save` are read.
        key_map: a JSON file of the checkpoint's keys with those that they have in the model.
        ignore_fingerprint: whether weights of another architecture are taken.
        static: named dimensions that stay at the sizes that were checked, several with commas between them.
        force: whether files that exist are written over.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the spec, or the call, is at fault, or a format cannot express the model.
    """
    from archspec.commands.trial import dtype_of
    from archspec.emit.formats import check_target

    for path in outputs:
        check_target(path, force=force)
    numbers = dtype_of(dtype)
    compilation = settings.compilation()
    with without_compiler():
        compilation.graph  # noqa: B018 - it elaborates the spec
    checkpoint = read_weights(compilation, weights, allow_pickle=allow_pickle, key_map=key_map)
    print_diagnostics(compilation.diagnostics)
    build = partial(compilation.build, dtype=numbers, seed=seed, weights=checkpoint)
    model = cache(partial(build, ignore_fingerprint=ignore_fingerprint))
    names = [name.strip() for item in static for name in item.split(",")]
    write_all(compilation, model, outputs, force=force, static=names)
    return 0
