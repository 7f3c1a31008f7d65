"""Containers: in come a written `Sequential`, `ModuleList` or `ModuleDict` and its inputs, out goes a concrete one."""

from torch import nn

from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.leaves import evaluated
from archspec.elaborate.members import Member, members, refuse_inside
from archspec.elaborate.scope import Scope
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.graph.graph import Mode, ModuleDict, ModuleList, Node, Ref, Sequential
from archspec.graph.types import DictType, ListType, TupleType, Type, describe
from archspec.spec.node import (
    NO_WIRING,
    CallNode,
    ComputeNode,
    ContainerNode,
    LayerNode,
    OperationNode,
    TensorNode,
)
from archspec.spec.node import Node as WrittenNode
from archspec.spec.patch import Patches
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping

__all__ = ["Selection", "elaborate_member", "elaborate_sequential", "run_dict", "run_list"]

Named = list[tuple[str, Node]]
# What a ModuleDict's `select` turned out to be: the key to follow, and how the key is known at run time.
Selection = tuple[str | None, Ref | str]


def elaborate_member(member: Member, inputs: Inputs | None, owner: ContainerNode, context: Context) -> Node:
    """One module of the container `owner`.

    Raises:
        Fault: it is no module, or it is wrong.
    """
    node = member.node
    _check_name(member, owner, context)
    if isinstance(node, (OperationNode, ComputeNode, CallNode, TensorNode)):
        raise _not_a_module(node, context)
    if node.wiring is not NO_WIRING:
        _refuse_wiring(node, owner, context)
    with context.at(member.name):
        made = context.node(node, member.item.scope, inputs, member.patches)
        if made.output is not None and inputs is not None:
            context.trail.append((context.where, made.output))
        return made


def _refuse_wiring(node: WrittenNode, owner: ContainerNode, context: Context) -> None:
    """Refuse the keys that only a graph reads."""
    if key := next((key for key in ("from", "only", "with", "else") if key in node.wiring.trees), None):
        message = f"`{key}` wires the nodes of a graph; here every module gets its input from its container"
        hint = "give the nodes names (`Graph: {…}`) to wire them"
        span = node.tree.entries[key][0].span if isinstance(node.tree, Mapping) else node.span
        raise context.fault("E0306", message, span, hint=hint)
    if node.wiring.mode == "hold" and not (
        isinstance(node, ContainerNode) and node.kind in ("ModuleList", "ModuleDict")
    ):
        message = f"`mode: hold` holds a module of a graph, and this one is run by its {owner.kind}"
        hint = "hold the whole container, or give the nodes names (`Graph: {…}`)"
        raise context.fault("E0306", message, node.wiring.span("mode"), hint=hint)


def _check_name(member: Member, owner: ContainerNode, context: Context) -> None:
    """Refuse a name that PyTorch's container needs for itself, such as `keys` in a ModuleDict."""
    if not owner.numbered and owner.kind != "ModuleList" and hasattr(getattr(nn, owner.kind), member.name):
        reason = f"every nn.{owner.kind} has a `{member.name}` already"
        tree = member.item.child.name_tree
        span = member.node.span if tree is None else tree.span
        message = f"{quote(member.name)} cannot be the name of a node here: {reason}"
        raise context.fault("E0205", message, span, hint="call it something else")


def _not_a_module(node: OperationNode | ComputeNode | CallNode | TensorNode, context: Context) -> Fault:
    module = "".join(part.capitalize() for part in node.type.split("_"))
    known = context.registry.layer(module) or context.registry.layer(module.replace("u", "U"))
    hint = (
        f"write the module: `{known.name}`"
        if known is not None
        else "give the nodes names, so that they are a graph (`Graph: {…}`)"
    )
    message = f"`{node.type}` is no module, and a container holds only modules"
    return context.fault("E0307", message, node.span, hint=hint)


def elaborate_sequential(
    node: ContainerNode, scope: Scope, inputs: Inputs | None, patches: Patches, context: Context
) -> Sequential:
    """A chain: each module gets what the one before gives.

    Raises:
        Fault: it takes more than one input, or something in it is wrong (what could be checked is collected first).
    """
    if inputs is not None and (len(inputs.positional) != 1 or inputs.keywords or inputs.constants):
        message = f"a Sequential takes one input and gets {len(inputs.positional) + len(inputs.keywords)}"
        raise context.fault("E0503", message, node.span, hint="a graph (named nodes) can take several inputs")
    named, output = _chain(node, scope, inputs, patches, context)
    numbered = node.numbered
    size = context.total([child for _, child in named], node.span)
    kind = output.positional[0] if output is not None else TupleType(())
    return Sequential(children=tuple(named), numbered=numbered, output=kind, size=size, span=node.span)


def _chain(
    node: ContainerNode, scope: Scope, inputs: Inputs | None, patches: Patches, context: Context
) -> tuple[Named, Inputs | None]:
    named: Named = []
    first: Fault | None = None
    for member in members(node.children, scope, patches, context, numbered=node.numbered):
        if first is not None:
            _check_arguments(member, context)
            continue
        try:
            made = elaborate_member(member, inputs, node, context)
            named.append((member.name, made))
            if inputs is not None:
                inputs = _next(inputs, made, member, context)
        except Fault as fault:
            context.collect(fault)
            first = fault
    if first is not None:
        raise first
    return named, inputs


def _check_arguments(member: Member, context: Context) -> None:
    """Behind a module that is at fault no shape is known, but what a layer says of its own can be checked."""
    node = member.node
    if isinstance(node, LayerNode):
        with context.at(member.name):
            try:
                refuse_inside(node, member.patches, context)
                evaluated(node.layer, node, member.item.scope, None, context)
            except Fault as fault:
                context.collect(fault)


def _next(inputs: Inputs, made: Node, member: Member, context: Context) -> Inputs:
    if made.output is None:
        message = "nothing runs this container, so what follows gets no input"
        raise context.fault("E0509", message, member.node.span)
    rest = inputs.positional[1:]
    return Inputs(
        (made.output, *rest), inputs.keywords, inputs.constants, (context.child(member.name), *inputs.sources[1:])
    )


def _same_input(node: ContainerNode, scope: Scope, inputs: Inputs | None, patches: Patches, context: Context) -> Named:
    """Every module gets the same inputs; a fault in one does not hide those of the others."""
    named: Named = []
    first: Fault | None = None
    for member in members(node.children, scope, patches, context, numbered=node.numbered):
        try:
            named.append((member.name, elaborate_member(member, inputs, node, context)))
        except Fault as fault:
            context.collect(fault)
            first = first or fault
    if first is not None:
        raise first
    return named


def run_list(
    node: ContainerNode, scope: Scope, inputs: Inputs | None, patches: Patches, context: Context
) -> ModuleList:
    """A `ModuleList`: a chain, branches, or modules paired with the items of a list.

    Raises:
        Fault: something in it is wrong.
    """
    mode: Mode = node.wiring.mode or "chain"  # type: ignore[assignment] # the reader checked it
    output: Type | None = None
    if mode == "chain" and inputs is not None:
        _need_input(node, inputs, context)
        named, last = _chain(node, scope, inputs, patches, context)
        output = last.positional[0] if last is not None else None
    elif mode == "zip" and inputs is not None:
        named = _zip(node, scope, inputs, patches, context)
    else:
        named = _same_input(node, scope, inputs if mode == "branch" else None, patches, context)
    if mode in ("branch", "zip") and inputs is not None:
        output = ListType(tuple(_ran(child, node, context) for _, child in named))
    size = context.total([child for _, child in named], node.span)
    children = tuple((str(index), child) for index, (_, child) in enumerate(named))
    return ModuleList(children=children, mode=mode, output=output, size=size, span=node.span)


def _need_input(node: ContainerNode, inputs: Inputs, context: Context) -> None:
    if not inputs.positional:
        raise context.fault(
            "E0503", f"a {node.kind} that is run needs an input", node.span, hint="name one with `from`"
        )


def _ran(child: Node, node: ContainerNode, context: Context) -> Type:
    if child.output is None:
        raise context.fault("E0509", "nothing runs a container inside this one", node.span)
    return child.output


def _zip(node: ContainerNode, scope: Scope, inputs: Inputs, patches: Patches, context: Context) -> Named:
    _need_input(node, inputs, context)
    items, *rest = inputs.positional
    if not isinstance(items, (ListType, TupleType)):
        message = "`mode: zip` pairs its modules with the items of a list"
        found = f"{describe(items)} from {inputs.source()}"
        raise context.fault("E0503", message, node.span, found=found, expected="a list or a tuple")
    listed = list(members(node.children, scope, patches, context, numbered=node.numbered))
    if len(listed) != len(items.items):
        message = f"`mode: zip` has {len(listed)} modules for {len(items.items)} items"
        raise context.fault("E0503", message, node.span, found=f"{describe(items)} from {inputs.source()}")
    named: Named = []
    for index, (member, item) in enumerate(zip(listed, items.items, strict=True)):
        source = f"{inputs.sources[0]}[{index}]" if inputs.sources else "input"
        given = Inputs((item, *rest), inputs.keywords, inputs.constants, (source, *inputs.sources[1:]))
        named.append((member.name, elaborate_member(member, given, node, context)))
    return named


def run_dict(  # noqa: PLR0913 - as the others, and how the key is picked
    node: ContainerNode,
    scope: Scope,
    inputs: Inputs | None,
    patches: Patches,
    context: Context,
    selection: Selection | None,
) -> ModuleDict:
    """A `ModuleDict`: one module picked by a key, or all of them as branches.

    Raises:
        Fault: the key is not there, or something in it is wrong.
    """
    mode: Mode = node.wiring.mode or ("select" if selection is not None else "hold")  # type: ignore[assignment] # the reader checked it
    named = _same_input(node, scope, None if mode == "hold" else inputs, patches, context)
    size = context.total([child for _, child in named], node.span)
    output: Type | None = None
    if mode == "branch" and inputs is not None:
        output = DictType(tuple((name, _ran(child, node, context)) for name, child in named))
    elif mode == "select" and inputs is not None:
        assert selection is not None
        output = _selected(named, selection[0], node, context)
    return ModuleDict(
        children=tuple(named),
        mode=mode,
        select=None if selection is None else selection[1],
        output=output,
        size=size,
        span=node.span,
    )


def _selected(named: Named, key: str | None, node: ContainerNode, context: Context) -> Type:
    found = dict(named).get(key) if key is not None else (named[0][1] if named else None)
    if found is None:
        message = (
            f"`select` picks {quote(key)}, which this ModuleDict does not have"
            if key is not None
            else "this ModuleDict has nothing to select"
        )
        names = [name for name, _ in named]
        hint = did_you_mean(key or "", names)
        span = node.wiring.span("select") or node.span
        fix = respelled(span, key or "", names)
        raise context.fault("E0506", message, span, expected=", ".join(names), hint=hint, fix=fix)
    return _ran(found, node, context)
