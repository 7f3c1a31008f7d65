"""Patches: in comes `patch:` as written, out go changes by module path that the elaborator applies while it expands."""

from dataclasses import dataclass, field

from archspec.catalog.operations import OPERATIONS
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.spec.names import is_type_name
from archspec.spec.node import Child, Node
from archspec.spec.reader import Reader
from archspec.suggest import closest, did_you_mean
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["EDITS", "Edit", "Patch", "Patches", "read_patch"]

EDITS = ("append", "extend", "insert", "pop")
ROOT = "."


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """A change of the children of a container: PyTorch's own `append`, `extend`, `insert` and `pop`."""

    verb: str
    children: tuple[Child, ...]
    at: int | str | None
    tree: Tree


@dataclass(slots=True, eq=False)
class Patch:
    """What changes at one path and below it.

    `replace` is the new node; `delete` removes the node; `edits` change its children; `below` is theirs.
    """

    tree: Tree
    replace: Node | None = None
    delete: bool = False
    edits: list[Edit] = field(default_factory=list)
    below: dict[str, "Patch"] = field(default_factory=dict)


Patches = tuple[Patch, ...]
"""Changes of one node, in the order they apply: each is of what the ones before it leave."""


def read_patch(tree: Mapping, reader: Reader) -> Patch:
    """All changes, as a tree that follows the module tree. Faults are collected."""
    root = Patch(tree)
    for path, key, value in tree.items():
        patch = root
        names = path.split(".") if path != ROOT else []
        if not all(names):
            message = f"{quote(path)} is no path of a module"
            expected = "names joined by dots, such as `layer4.0.relu`, or `.` for the whole model"
            reader.collector.add(Diagnostic(code="E0704", message=message, span=key.span, expected=expected))
            continue
        for name in names:
            patch = patch.below.setdefault(name, Patch(key))
        patch.tree = key
        try:
            _read_change(patch, value, reader)
        except Fault as fault:
            reader.collector.add(fault.diagnostic)
    return root


def _read_change(patch: Patch, tree: Tree, reader: Reader) -> None:
    if isinstance(tree, Scalar) and tree.value is None:
        patch.delete = True
    elif isinstance(tree, Mapping) and len(tree) and all(key in EDITS for key in tree):
        patch.edits += [_edit(verb, value, reader) for verb, _, value in tree.items()]
    elif isinstance(tree, Mapping) and len(tree) == 1 and (verb := _misspelt(next(iter(tree)))):
        ((key, _),) = tree.entries.values()
        message = f"{quote(key.text)} is no change of a container"
        hint = f"did you mean `{verb}`?"
        raise Fault(Diagnostic(code="E0704", message=message, span=key.span, expected=", ".join(EDITS), hint=hint))
    else:
        patch.replace = reader.read(tree)


def _misspelt(name: str) -> str | None:
    """The verb that was meant, unless the name is one of a node."""
    return None if is_type_name(name) or name in OPERATIONS else closest(name, EDITS)


def _edit(verb: str, tree: Tree, reader: Reader) -> Edit:
    if verb == "pop":
        if isinstance(tree, Scalar) and isinstance(tree.value, (int, str)) and not isinstance(tree.value, bool):
            return Edit(verb, (), tree.value, tree)
        raise _wrong(tree, "`pop` takes an index or a name")
    if verb == "insert":
        if isinstance(tree, Sequence) and len(tree.items) == 2 and isinstance(tree.items[0], Scalar):  # noqa: PLR2004
            at = tree.items[0].value
            if isinstance(at, (int, str)) and not isinstance(at, bool):
                return Edit(verb, _new_children(tree.items[1], reader), at, tree)
        raise _wrong(tree, "`insert` takes an index (or the name of a child) and a node: [0, ReLU]")
    if verb == "extend":
        return Edit(verb, reader.children(tree, "`extend`"), None, tree)
    return Edit(verb, _new_children(tree, reader), None, tree)


def _new_children(tree: Tree, reader: Reader) -> tuple[Child, ...]:
    """One node, or in a named container a mapping of a name to a node."""
    if isinstance(tree, Mapping) and not reader.is_node(tree):
        return reader.children(tree, "a patch")
    return (Child(None, None, reader.read(tree)),)


def _wrong(tree: Tree, message: str) -> Fault:
    return Fault(Diagnostic(code="E0704", message=message, span=tree.span))


def unknown_path(patch: Patch, name: str, known: list[str], owner: str) -> Diagnostic:
    """The diagnostic for a patch of a child that is not there."""
    where = f"`{owner}`" if owner else "the model"
    return Diagnostic(
        code="E0703",
        message=f"the patch names {quote(name)}, which {where} does not have",
        span=patch.tree.span,
        expected=", ".join(known[:20]) + (", …" if len(known) > 20 else "") or "no modules inside it",  # noqa: PLR2004
        hint=did_you_mean(name, known),
        fix=respelled(patch.tree.span, name, known),
    )
