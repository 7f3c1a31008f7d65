"""Writes the generated parts of these pages: in come the tables of the source, out goes Markdown.

It also writes `architectures/gallery.json`, for which it compiles every architecture that ships.

`lint.md`, `operations.md` and `transforms.md` are generated whole; in the other pages the tables between
`<!-- generated: NAME -->` and `<!-- end -->`.
"""  # noqa: INP001 - a script beside the pages it writes, not a package

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from textwrap import fill
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

import archspec
from archspec.catalog import operation_table, operation_table_math, operation_table_nn, transform_table
from archspec.catalog.inferred import INFERRED, Dimension
from archspec.catalog.initialisers import INITIALISERS, initialiser_parameters
from archspec.catalog.modules import torch_layers
from archspec.catalog.operation_kinds import INTERPOLATIONS
from archspec.catalog.operations import DTYPES, OPERATIONS, OPERATORS, Operation, Parameter
from archspec.catalog.transforms import OWN, TRANSFORMS, Transform
from archspec.codes.lint import LINT
from archspec.diagnostic import render
from archspec.graph.types import TensorType
from archspec.limits import Limits
from archspec.spec.document import BlockKeys, InputKeys, SpecKeys, WeightsKeys, WiringKeys
from archspec.spec.gallery import gallery_file
from archspec.spec.shipped import shipped

__all__ = ["PAGES", "gallery", "measured", "pages"]

FOLDER = Path(__file__).parent
PAGES = ("language.md", "security.md")
WIDTH = 120

_MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_LITERAL = re.compile(r"Literal\[(.*?)\]")
_HEADING = re.compile(r"^# (.+)$|^(\w+)\(", re.MULTILINE)
_TABLES = (operation_table.TABLE, operation_table_math.TABLE, operation_table_nn.TABLE)
_ORDINALS = MappingProxyType({0: "first", 1: "second", -1: "last"})
_SIZES = MappingProxyType({1 << 40: "TiB", 1 << 30: "GiB", 1 << 20: "MiB", 1 << 10: "KiB"})

OPERATIONS_HEAD = """\
# Operations

<!-- Written by docs/generate.py from the tables in archspec/catalog/. Do not edit. -->

The operations that a node in a graph, or a `compute:` formula, can name: {count} functions of `torch`,
`torch.nn.functional`, `torch.Tensor` and `einops`. Each becomes one plain call in the generated `forward`.
[The language](language.md#operations) tells how they are written.

*Inputs* come from `from`, in this order; one in brackets can be left out, and `…` means any number. *Arguments* are
written behind the operation's name. One with a `=` has a default; `= …` says that torch has one that a spec cannot
write. A name that is both an input and an argument is given as a tensor or as a number.

| type | takes |
|---|---|
| `number` | an integer or a float, kept as it is written |
| `fill` | a number or an infinity (`.inf`, `-.inf`) |
| `size` | an integer of at least 0 |
| `free_size` | an integer of at least -1, which stands for "what is left" or "as it is" |
| `dtype` | {dtypes} |
"""


TRANSFORMS_HEAD = """\
# Transforms

<!-- Written by docs/generate.py from the table in archspec/catalog/. Do not edit. -->

The {count} transforms that a pipeline under `transforms` can name. All are those of `torchvision.transforms.v2` but
`{own}`, with the arguments that they have there; one with a `=` has a default. Sizes are numbers of pixels.
[The language](language.md#transforms) tells how they are written, and [the API](api.md#transforms) how they are run.

`interpolation` is one of {interpolations}; `dtype` one of
{dtypes}.
"""

LINT_HEAD = """\
# Warnings about what is probably not meant

<!-- Written by docs/generate.py from the codes in archspec/codes/. Do not edit. -->

A model can be valid and still hold a mistake that PyTorch runs without a word. `archspec check`, `archspec build` and,
in Python, `archspec.check` and `Compilation.lint` warn of {count} such things. Each is told of once for each line of a
spec, however often the line is repeated, and only where it is sure; all architectures that ship are free of them, but
for those that were published so, which a comment in their spec says.

Each can be switched off:

- by a comment at the end of the line that the warning points at, with the reason:
  `# archspec: ignore W0201 published with a bias`. Several codes have commas between them. A comment that switches
  nothing off is itself a warning, W0107.
- for one call: `archspec check --ignore W0201,W0204`, `archspec build --ignore W0201`, `archspec.check(…,
  ignore=["W0201"])`.

This holds for all warnings, also for W0101 and on, which `archspec explain` lists. `archspec check --strict` exits with
1 where there is a warning; without it, only errors do that.
"""


def pages() -> dict[str, str]:
    """Every page with its generated parts, by file name."""
    tables = {name: "\n".join(table()) for name, table in _PARTS.items()}
    filled = {name: _fill((FOLDER / name).read_text(encoding="utf-8"), tables) for name in PAGES}
    whole = {"lint.md": lint, "operations.md": operations, "transforms.md": transforms}
    return {name: "\n".join(lines()) for name, lines in whole.items()} | filled


def _fill(text: str, tables: Mapping[str, str]) -> str:
    return _MARKED.sub(lambda match: f"{match[1]}{tables[match[2]]}\n{match[3]}", text)


def _row(*cells: str) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def _head(*titles: str) -> Iterator[str]:
    yield _row(*titles)
    yield f"|{'---|' * len(titles)}"


def _code(names: Iterable[object]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def operations() -> Iterator[str]:
    """The page of the operations, line by line."""
    yield OPERATIONS_HEAD.format(count=len(OPERATIONS), dtypes=_code(DTYPES))
    for table in _TABLES:
        for heading, name in _HEADING.findall(table):
            if heading:
                yield f"\n## {heading}\n"
                yield from _head("operation", "inputs", "arguments", "what it does")
            else:
                yield _operation(OPERATIONS[name])
    yield ""


def _operation(operation: Operation) -> str:
    arguments = [_argument(parameter) for parameter in operation.arguments.values()]
    if operation.extra is not None:
        arguments.append(f"{operation.extra.name}…: {operation.extra.type}")
    sign = f", the operator `{OPERATORS[operation.name]}`" if operation.name in OPERATORS else ""
    target = f"`{operation.target}`{sign}"
    return _row(
        f"`{operation.name}`",
        _inputs(operation),
        _code(arguments),
        f"{operation.doc} ({target})",
    )


def lint() -> Iterator[str]:
    """The page of the linter, line by line: what it warns of, and for each why, and what it looks like."""
    yield LINT_HEAD.format(count=len(LINT))
    yield from _head("code", "what it warns of")
    for code, entry in LINT.items():
        yield _row(f"[{code}](#{code.lower()})", entry.title)
    for code, entry in LINT.items():
        yield f"\n## {code}\n"
        title = f"{entry.title[0].upper()}{entry.title[1:]}"
        for text in (f"{title}. {entry.meaning}", f"*Why:* {entry.why}", f"*Source:* {entry.source}"):
            yield f"{fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)}\n"
        shown = "\n\n".join(map(render, archspec.check(entry.example)))
        yield f"```yaml warning\n{entry.example}```\n\n```text\n{shown}\n```\n"
        yield f"Without the warning:\n\n```yaml\n{entry.fix}```"
    yield ""


def transforms() -> Iterator[str]:
    """The page of the transforms, line by line."""
    own, interpolations = ", ".join(OWN), _code(INTERPOLATIONS)
    yield TRANSFORMS_HEAD.format(count=len(TRANSFORMS), own=own, interpolations=interpolations, dtypes=_code(DTYPES))
    for heading, name in _HEADING.findall(transform_table.TABLE):
        if heading:
            yield f"\n## {heading}\n"
            yield from _head("transform", "arguments", "what it does")
        else:
            yield _transform(TRANSFORMS[name])
    yield ""


def _transform(transform: Transform) -> str:
    written = [
        item.name if item.required else f"{item.name} = {_yaml(item.default)}" for item in transform.arguments.values()
    ]
    return _row(f"`{transform.name}`", _code(written), transform.doc)


def _inputs(operation: Operation) -> str:
    if operation.variadic:
        return f"`{operation.tensors[0]}…`"
    needed = operation.tensors[: operation.required_tensors]
    optional = [f"[{name}]" for name in operation.tensors[operation.required_tensors :]]
    return _code([*needed, *optional])


def _argument(parameter: Parameter) -> str:
    kind = _LITERAL.sub(lambda match: match[1].replace("'", "").replace(", ", " | "), parameter.type)
    written = f"{parameter.name}: {kind.replace('None', 'null')}"
    if parameter.required:
        return written
    unwritten = parameter.default is None and "None" not in parameter.type
    return f"{written} = …" if unwritten else f"{written} = {_yaml(parameter.default)}"


def _yaml(value: object) -> str:
    """A default as a spec writes it."""
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def inferred() -> Iterator[str]:
    """Which layers read which of their arguments from which dimension of which input."""
    yield from _head("layers", "argument", "what decides it")
    groups: dict[tuple[str, str], list[str]] = {}
    for layer, arguments in INFERRED.items():
        for argument, dimension in arguments.items():
            groups.setdefault((argument, _dimension(layer, dimension)), []).append(layer)
    for (argument, where), layers in groups.items():
        yield _row(_code(layers), f"`{argument}`", where)


def _dimension(layer: str, dimension: Dimension) -> str:
    which = "" if dimension.input == 0 else f" `{torch_layers()[layer].inputs[dimension.input]}`"
    ordinal = "last" if dimension.dim == -1 else _ORDINALS[dimension.dim]
    number = f" (dimension {dimension.dim})" if dimension.dim >= 0 else ""
    return f"the {ordinal} dimension of its input{which}{number}".replace("second dimension", "channels")


def limits() -> Iterator[str]:
    """Every limit with its default and its reason."""
    yield from _head("limit", "default", "why there is one")
    for limit in fields(Limits):
        yield _row(f"`{limit.name}`", _amount(limit.name, getattr(Limits(), limit.name)), Limits.reason(limit.name))


def _amount(name: str, value: int) -> str:
    if name.endswith("bytes"):
        unit = next(size for size in _SIZES if value >= size)
        return f"{value // unit} {_SIZES[unit]}"
    return f"{value:,}"


def initialisers() -> Iterator[str]:
    """Every initialiser with its arguments."""
    yield from _head("initialiser", "arguments")
    for name in INITIALISERS:
        yield _row(f"`{name}`", _code(initialiser_parameters(name)))


def _keys(model: type[BaseModel], leave_out: Iterable[str] = ()) -> Iterator[str]:
    yield from _head("key", "what it holds")
    for name, field in model.model_fields.items():
        if name not in leave_out:
            yield _row(f"`{field.alias or name}`", field.description or "")


def gallery() -> str:
    """The text of `architectures/gallery.json`: every name that ships, measured, a line each."""
    names = [name for item in shipped().values() for name in item.names]
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(measured(name))}" for name in names) + "\n}\n"


def measured(name: str) -> dict[str, Any]:
    """What the gallery says of a name: how large it is, and at which inputs that was counted."""
    compilation = archspec.compile(name)
    inputs = {key: kind.shape for key, kind in compilation.macs.inputs.items() if isinstance(kind, TensorType)}
    return {"parameters": compilation.graph.parameters, "macs": compilation.macs.total, "inputs": inputs}


_PARTS: Mapping[str, Callable[[], Iterator[str]]] = MappingProxyType(
    {
        "block_keys": lambda: _keys(BlockKeys),
        "file_keys": lambda: _keys(SpecKeys, leave_out=BlockKeys.model_fields),
        "inferred": inferred,
        "initialisers": initialisers,
        "input_keys": lambda: _keys(InputKeys),
        "limits": limits,
        "weights_keys": lambda: _keys(WeightsKeys),
        "wiring_keys": lambda: _keys(WiringKeys),
    }
)


def main() -> None:
    """Write every page that is not as it should be."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    gallery_file().write_text(gallery(), encoding="utf-8")


if __name__ == "__main__":
    main()
