"""The members of a container: in come written children and a patch, out go the real ones by their final names."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from archspec.diagnostic import Note, quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate
from archspec.elaborate.repeat import Item, count, expand
from archspec.elaborate.scope import Scope
from archspec.errors import Fault
from archspec.spec.node import NO_WIRING, Child, Node
from archspec.spec.patch import Edit, Patch, Patches, unknown_path

__all__ = ["Member", "is_on", "members", "refuse_inside"]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One child: its name in the module tree, what it is, and what patches change below it."""

    name: str
    item: Item
    patches: Patches = ()
    on: bool = True

    @property
    def node(self) -> Node:
        """The written node."""
        return self.item.node


def refuse_inside(node: Node, patches: Patches, context: Context) -> None:
    """Refuse patches of what is inside a node that holds no nodes.

    Raises:
        Fault: E0703 one names a child, E0704 one changes the list of children.
    """
    for patch in patches:
        for name, change in patch.below.items():
            raise Fault(unknown_path(change, name, [], context.where))
        for edit in patch.edits:
            message = f"{context.name()} is `{node.type}`, which holds no nodes that `{edit.verb}` could change"
            raise context.fault("E0704", message, edit.tree.span)


def is_on(node: Node, scope: Scope, context: Context) -> bool:
    """Whether `when` lets a node exist."""
    when = node.wiring.when
    return when is None or bool(evaluate(when, scope, context.budget))


def members(  # noqa: PLR0913 - the container's parts, and how it names them
    children: tuple[Child, ...],
    scope: Scope,
    patches: Patches,
    context: Context,
    *,
    numbered: bool,
    keep_off: bool = False,
) -> Iterator[Member]:
    """The children under their final names: numbered from 0 without gaps, or as written.

    Args:
        children: as written.
        scope: where their expressions are read.
        patches: the changes for this container, each of what the ones before it leave.
        context: the elaboration.
        numbered: whether the container numbers its children.
        keep_off: whether a child that `when` switches off is yielded, with `on=False` (a graph lets its input pass).

    Raises:
        Fault: two children have one name, or a patch names a child that is not there.
    """
    planned = count(children, scope, context)
    span = children[0].node.span if children else None
    context.limits.check(
        "expansion_steps", context.steps + planned, span, "nodes after expanding loops and blocks", context.where
    )
    found = _named(children, scope, context, numbered=numbered, keep_off=keep_off)
    for patch in patches:
        found = _patched(found, patch, scope, context, numbered=numbered)
    yield from found if numbered else _unique(found, context)


def _named(
    children: tuple[Child, ...], scope: Scope, context: Context, *, numbered: bool, keep_off: bool
) -> Iterator[Member]:
    index = 0
    for item in expand(children, scope, context):
        if not is_on(item.node, item.scope, context):
            if keep_off and item.name is not None:
                yield Member(item.name, item, on=False)
            continue
        name = str(index) if numbered else item.name
        if name is None:
            raise context.fault("E0305", "a node needs a name here", item.node.span, hint="write `name: node`")
        index += 1
        yield Member(name, item)


def _patched(
    found: Iterator[Member], patch: Patch, scope: Scope, context: Context, *, numbered: bool
) -> Iterator[Member]:
    """The members with one patch applied, numbered anew."""
    changed = _changed(found, patch, context)
    if patch.edits:
        changed = iter(_edited([*changed], patch, scope, context, numbered=numbered))
    for index, member in enumerate(changed):
        yield replace(member, name=str(index)) if numbered else member


def _changed(found: Iterator[Member], patch: Patch, context: Context) -> Iterator[Member]:
    seen: list[str] = []
    for member in found:
        seen.append(member.name)
        change = patch.below.get(member.name)
        if change is None:
            yield member
        elif not change.delete:
            yield _replaced(member, change)
    for name, change in patch.below.items():
        if name not in seen:
            context.collect(Fault(unknown_path(change, name, seen, context.where)))


def _replaced(member: Member, change: Patch) -> Member:
    """The member with the patch's node, which keeps the wiring of the node it replaces unless it has its own."""
    inside = () if not (change.below or change.edits) else (replace(change, replace=None),)
    node = change.replace
    if node is None:
        return replace(member, patches=(*member.patches, *inside))
    if node.wiring is NO_WIRING:
        node = replace(node, wiring=replace(member.node.wiring, when=None))
    return replace(member, item=replace(member.item, node=node), patches=inside, on=True)


def _edited(listed: list[Member], patch: Patch, scope: Scope, context: Context, *, numbered: bool) -> list[Member]:
    for edit in patch.edits:
        _apply(edit, listed, scope, context, numbered=numbered)
    return listed


def _apply(edit: Edit, listed: list[Member], scope: Scope, context: Context, *, numbered: bool) -> None:
    if edit.verb == "pop":
        listed.pop(_position(edit, listed, context))
        return
    new = [Member(item.name or "", item) for item in expand(edit.children, scope.file, context)]
    if not numbered and any(not member.name for member in new):
        message = f"{context.name()} names its nodes, so a new one needs a name"
        hint = f"write {edit.verb}: {{name: node}}"
        raise context.fault("E0704", message, edit.tree.span, hint=hint)
    at = _position(edit, listed, context) if edit.verb == "insert" else len(listed)
    listed[at:at] = new


def _position(edit: Edit, listed: list[Member], context: Context) -> int:
    names = [member.name for member in listed]
    if isinstance(edit.at, str) and edit.at in names:
        return names.index(edit.at)
    limit = len(listed) if edit.verb == "insert" else len(listed) - 1
    if isinstance(edit.at, int) and -len(listed) <= edit.at <= limit:
        return edit.at % len(listed) if edit.at < 0 else edit.at
    message = f"`{edit.verb}` at {quote(edit.at)}: {context.name()} has {len(listed)} children"
    raise context.fault("E0704", message, edit.tree.span, expected=f"an index from 0 to {limit}, or a name")


def _unique(found: Iterator[Member], context: Context) -> Iterator[Member]:
    seen: dict[str, Member] = {}
    for member in found:
        earlier = seen.setdefault(member.name, member)
        if earlier is not member and earlier.on and member.on:
            raise _twice(member, earlier, context)
        yield member


def _twice(member: Member, earlier: Member, context: Context) -> Fault:
    span = member.item.child.name_tree.span if member.item.child.name_tree is not None else member.node.span
    first = earlier.item.child.name_tree
    same = first is member.item.child.name_tree
    hint = "let the name carry the loop variable, such as `layer$(i)`" if same else "rename one of them"
    fault = context.fault("E0308", f"two nodes are called `{member.name}`", span, hint=hint)
    if first is None or same:
        return fault
    note = Note(message="the first one stands here", span=first.span)
    return Fault(replace(fault.diagnostic, notes=(note, *fault.diagnostic.notes)))
