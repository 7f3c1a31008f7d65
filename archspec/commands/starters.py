"""The text of new specs: in come a name and a spec to start from, out goes YAML with hints in comments."""

from collections.abc import Iterator
from os.path import realpath
from pathlib import Path
from textwrap import indent
from typing import Any, cast

from archspec.compiler import Compilation
from archspec.diagnostic import quote
from archspec.emit.spec_values import concrete, concrete_call
from archspec.emit.yaml_text import BlockMapping, BlockSequence, write_inline, write_yaml
from archspec.errors import SpecError, UsageError
from archspec.graph.graph import Graph, Leaf, walk
from archspec.source import Source
from archspec.spec.params import Param, names_type
from archspec.spec.shipped import shipped_folder
from archspec.syntax.tree import Tree, plain

__all__ = ["SCHEMA", "default_of", "extending", "template"]

SCHEMA = """\
# yaml-language-server: $schema=archspec.schema.json
# (Editors check and complete this file by that one; `archspec schema -o archspec.schema.json` writes it.)
"""

TEMPLATE = """\
archspec: 1
name: {name}
doc: |
  {name}: a small convolutional network that tells images apart, to start from.
params: # what a caller may set: archspec build … -p width=64
  width: 32
  num_classes: {{type: int, default: 10, min: 1, doc: How many kinds of images there are.}}
input: [N, 3, H=32, W=32] # a number is fixed, a name may vary; H=32 is checked at 32
model: # named nodes are a graph, a list is an nn.Sequential; what the input decides is left out
  features:
    - Conv2d: {{out_channels: $width, kernel_size: 3, padding: 1, bias: false}}
    - BatchNorm2d
    - ReLU
    - MaxPool2d: 2
    - Conv2d: {{out_channels: $(width * 2), kernel_size: 3, padding: 1, bias: false}}
    - BatchNorm2d
    - ReLU
  pool: {{AdaptiveAvgPool2d: 1}}
  flatten: {{flatten: 1}}
  classifier:
    - Dropout: 0.2
    - Linear: $num_classes
"""

EXTENDING = """\
archspec: 1
name: {name}
doc: {doc}
extends: {base}
"""

LONGEST = 100  # a value that is longer takes a line for each of its items
ACTIVATIONS = ("ReLU", "GELU", "SiLU", "LeakyReLU", "Tanh", "Hardswish")


def template(name: str) -> str:
    """A small network that runs as it stands."""
    return SCHEMA + TEMPLATE.format(name=name)


def extending(name: str, spec: str, preset: str | None, path: Path) -> str:
    """A spec that extends another, with its params and an example of a patch in comments.

    Args:
        name: of the class.
        spec: the other, as the user named it.
        preset: of the other.
        path: the file that the new spec is for, which paths in it are relative to.

    Raises:
        SpecError: the other spec is wrong.
        UsageError: the other spec is not in the folder of the new one.
    """
    compilation = Compilation(spec, preset=preset)
    base, graph = _reference(compilation, path), compilation.graph
    settings = _settings(compilation)
    head = SCHEMA + EXTENDING.format(name=name, doc=write_inline(f"{name}, made from {base}."), base=write_inline(base))
    if settings:
        head += write_yaml(BlockMapping(params=BlockMapping(settings)))
    others = [param for param in compilation.spec.block.params.values() if param.name not in settings]
    return head + _params_hint(others, base, is_begun=bool(settings)) + _patch_hint(head, graph, path)


def _reference(compilation: Compilation, path: Path) -> str:
    """The other spec as `extends` names it."""
    source = compilation.source
    if source.path is None:
        raise UsageError("a spec is extended by the name of its file, and this one is in none")
    if source.path.parent == shipped_folder():
        return compilation.preset or source.path.stem
    folder = Path(realpath(path)).parent
    try:
        return f"./{source.path.resolve().relative_to(folder).as_posix()}"
    except ValueError:
        hint = "write the new spec there, or copy the text with --copy"
        where = f"the folder of the new spec, {quote(str(folder))}"
        raise UsageError(f"{quote(source.name)} is not in {where}: {hint}") from None


def _settings(compilation: Compilation) -> dict[str, Any]:
    """The params of the preset, where `extends` cannot name it."""
    source, preset = compilation.source, compilation.preset
    if preset is None or (source.path is not None and source.path.parent == shipped_folder()):
        return {}
    params = compilation.spec.block.params
    return {key: default_of(params[key]) for key in compilation.spec.presets[preset]}


def default_of(param: Param) -> Any:
    """The default of a param as `params:` holds it; in full where it alone would be read as something else."""
    assert not param.required
    value = plain(cast("Tree", param.default))
    if isinstance(value, dict) or (isinstance(value, str) and names_type(value)):
        return {"type": param.type, "default": value}
    return BlockSequence(value) if isinstance(value, list) and len(write_inline(value)) > LONGEST else value


def _params_hint(params: list[Param], base: str, *, is_begun: bool) -> str:
    """The params of the other spec with their defaults, as comments; `is_begun` says whether `params:` stands there."""
    if not params:
        return ""
    lines = [line for param in params for line in _param_lines(param)]
    hint = f"# What {base} can be given, with its values. Take away the # before one to change it.\n"
    if is_begun:
        return indent(hint + "".join(f"# {line}\n" for line in lines), "  ")
    return f"\n{hint}# params:\n" + "".join(f"#   {line}\n" for line in lines)


def _param_lines(param: Param) -> Iterator[str]:
    yield from (f"# {line}" for line in param.doc.splitlines())
    yield from write_yaml(BlockMapping({param.name: default_of(param)})).splitlines()


def _patch_hint(head: str, graph: Graph, path: Path) -> str:
    """A change of this model that works as it stands, as a comment."""
    for change in _changes(graph):
        text = write_yaml(BlockMapping(patch=BlockMapping(change)))
        if _compiles(head + text, path):
            hint = "\n# A patch changes the model by module path (`archspec build` shows them all). This one works:\n"
            return hint + "".join(f"# {line}\n" for line in text.splitlines())
    return ""


def _changes(graph: Graph) -> Iterator[dict[str, Any]]:
    """Patches to try, the most useful first: a new head, another activation, the last layer as it is."""
    leaves = [(path, node) for path, node in walk(graph.root) if path and isinstance(node, Leaf)]
    last = {node.type: (path, node) for path, node in leaves}
    if "Linear" in last:
        yield {last["Linear"][0]: {"Linear": 10}}
    if "Conv2d" in last:
        path, node = last["Conv2d"]
        kept = {key: concrete(value) for key, value in node.arguments if key in ("kernel_size", "stride", "padding")}
        yield {path: {"Conv2d": {"out_channels": 10} | kept}}
    for activation in ACTIVATIONS:
        if activation in last:
            yield {last[activation][0]: "GELU" if activation != "GELU" else "SiLU"}
    if leaves:
        path, node = leaves[-1]
        yield {path: concrete_call(node.type, node.arguments)}


def _compiles(text: str, path: Path) -> bool:
    try:
        Compilation(Source(name=str(path), text=text, path=path)).graph  # noqa: B018 - whether it raises is the answer
    except SpecError:
        return False
    return True
