"""`archspec diff`: in come two specs, or a spec and a checkpoint, out goes what is not the same, as text or as JSON."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from archspec.commands.amounts import count, memory, short
from archspec.commands.console import console, print_diagnostics, print_document, printable, width_of
from archspec.commands.overview import count_macs, print_facts
from archspec.commands.records import model_record, row_record
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler
from archspec.errors import UsageError

if TYPE_CHECKING:
    from archspec.emit.difference import Difference, Keys

__all__ = ["run"]

JSON_VERSION = 1
DIFFERENT = 1
SHOWN_LINES = 40
STYLES = {"-": "red", "+": "green", "~": "yellow", ">": "cyan"}
CHECKPOINTS = (".safetensors", ".pth", ".pt", ".bin", ".ckpt")


def run(  # noqa: PLR0913 - one keyword for each option
    old: Settings,
    new: str,
    *,
    form: Literal["text", "json"] = "text",
    migrate: Path | None = None,
    allow_pickle: bool = False,
    force: bool = False,
) -> int:
    """Compare two models.

    Args:
        old: the first.
        new: the second: a spec as `old`, or a checkpoint, of which keys and shapes are compared.
        form: `text` for people, or `json`.
        migrate: a file to write the key map of moved modules to.
        allow_pickle: whether files of `torch.save` are read.
        force: whether a file that exists is written over.

    Returns:
        The exit code: 0 when they are the same, 1 when they are not.

    Raises:
        ArchspecError: a spec, the checkpoint or the call is at fault.
    """
    from archspec.emit.formats import check_json_target

    if migrate is not None:
        check_json_target(migrate, force=force)
    if Path(new).suffix.lower() in CHECKPOINTS:
        if migrate is not None:
            raise UsageError("--migrate compares two specs: a checkpoint does not say which of its modules moved")
        return _against_checkpoint(old, Path(new), form=form, allow_pickle=allow_pickle)
    return _specs(old, Settings(spec=new, limits=old.limits), form=form, migrate=migrate, force=force)


def _specs(old: Settings, new: Settings, *, form: str, migrate: Path | None, force: bool) -> int:
    from archspec.emit.difference import compare
    from archspec.emit.formats import write_json

    pair = [settings.compilation() for settings in (old, new)]
    with without_compiler():
        difference = compare(pair[0].graph, pair[1].graph, pair[0].registry)
        totals = [model_record(compilation, count_macs(compilation)) for compilation in pair]
    for compilation in pair:
        print_diagnostics(compilation.diagnostics)
    written = None if migrate is None else write_json(migrate, difference.key_map, force=force)
    if form == "json":
        print_document(json.dumps(_document(difference, totals), indent=2) + "\n")
        return 0 if difference.equal else DIFFERENT
    _print_difference(difference, totals)
    if written is not None:
        print_facts([("Wrote", f"{written.path} ({count(len(difference.key_map), 'key')}, {memory(written.bytes)})")])
    return 0 if difference.equal else DIFFERENT


def _print_difference(difference: "Difference", totals: Sequence[Mapping[str, Any]]) -> None:
    from archspec.emit.difference_text import described, described_keys

    if difference.equal:
        console().print(Text("the same architecture", "bold green"))
        return
    _print_section("Nodes", described(difference))
    _print_section("state_dict", described_keys(difference.keys))
    old, new = totals
    print_facts(
        [(title, _from_to(old[key], new[key])) for title, key in (("Parameters", "parameters"), ("MACs", "macs"))]
    )


def _print_section(title: str, lines: Iterable[str]) -> None:
    """Print lines under a heading that counts them, or nothing where there are none."""
    screen, shown = console(), list(lines)
    if not shown:
        return
    width = width_of(screen)
    screen.print(Text(f"{title} ({len(shown):,})", "bold"))
    for line in shown[:SHOWN_LINES]:
        text = printable(f"  {line}")
        cut = text if width is None or cell_len(text) <= width else f"{set_cell_size(text, width - 1)}…"
        screen.print(Text(cut, STYLES.get(line[:1], "")))
    if len(shown) > SHOWN_LINES:
        screen.print(Text(f"  … and {len(shown) - SHOWN_LINES:,} more; --format json lists them all"))
    screen.print()


def _from_to(old: int | None, new: int | None) -> str:
    """Two amounts and how far apart they are."""
    if old is None or new is None:
        return "not counted"
    if old == new:
        return f"{old:,} in both"
    return f"{old:,} -> {new:,} ({'+' if new > old else '-'}{short(abs(new - old))})"


def _document(difference: "Difference", totals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "version": JSON_VERSION,
        "equal": difference.equal,
        "old": totals[0],
        "new": totals[1],
        "removed": [row_record(row) for row in difference.removed],
        "added": [row_record(row) for row in difference.added],
        "changed": [{"path": item.path, "old": item.old, "new": item.new} for item in difference.changed],
        "moved": [{"old": item.old, "new": item.new, "type": item.type} for item in difference.moved],
        "keys": _keys(difference.keys),
    }


def _keys(keys: "Keys") -> dict[str, Any]:
    return {
        "removed": dict(keys.removed),
        "added": dict(keys.added),
        "reshaped": {key: {"old": old, "new": new} for key, (old, new) in keys.reshaped.items()},
    }


def _against_checkpoint(old: Settings, path: Path, *, form: str, allow_pickle: bool) -> int:
    """Compare the keys and shapes of a model and of a checkpoint."""
    from archspec.emit.difference import compare_keys, state_shapes
    from archspec.emit.difference_text import described_keys
    from archspec.weights.stored import stored_shapes

    compilation = old.compilation()
    with without_compiler():
        shapes = state_shapes(compilation.graph)
    checkpoint = compilation.checkpoint(path, allow_pickle=allow_pickle)
    keys = compare_keys(shapes, stored_shapes(checkpoint, compilation.graph))
    print_diagnostics(compilation.diagnostics)
    if form == "json":
        document = {"version": JSON_VERSION, "equal": not keys, "checkpoint": str(path), "keys": _keys(keys)}
        print_document(json.dumps(document, indent=2) + "\n")
    elif keys:
        _print_section("state_dict", described_keys(keys))
    else:
        console().print(Text("the same keys and shapes", "bold green"))
    return DIFFERENT if keys else 0
