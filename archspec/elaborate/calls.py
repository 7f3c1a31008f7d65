"""`call`, and modules that are only held: in comes the path of a module, out goes a step that runs it again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from archspec.diagnostic import Note, quote
from archspec.elaborate.containers import elaborate_member
from archspec.elaborate.context import Context
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.leaves import check_dtype, check_flags
from archspec.elaborate.members import Member
from archspec.elaborate.repeat import text_of
from archspec.elaborate.rerun import rerun
from archspec.elaborate.scope import Scope
from archspec.elaborate.wiring import Environment, Wires, unknown_input
from archspec.errors import Fault, LimitFault
from archspec.fix import respelled
from archspec.graph.graph import Block, CallStep, Leaf, ModuleDict, ModuleList, Node, Sequential, children
from archspec.graph.types import Type, describe
from archspec.source import Span
from archspec.spec.node import CallNode, ContainerNode
from archspec.suggest import did_you_mean

__all__ = ["Held", "HeldContainer", "HeldModule", "call_step"]

LISTED = 20


@dataclass(slots=True, kw_only=True, eq=False)
class HeldModule:
    """A module with `mode: hold`. Its first `call` infers its arguments."""

    member: Member
    made: Node | None = None

    def make(self, inputs: Inputs | None, context: Context) -> Node:
        """The module, made for these inputs if this is its first call."""
        if self.made is None:
            self.made = context.node(self.member.node, self.member.item.scope, inputs, self.member.patches)
        return self.made

    def finish(self, context: Context) -> Node:
        """The module, made from its written arguments alone if nothing calls it.

        Raises:
            Fault: it cannot be made so.
        """
        if self.made is None:
            _make_uncalled(partial(self.make, None, context), self.member, context.where, context)
        return self.make(None, context)


@dataclass(slots=True, kw_only=True, eq=False)
class HeldContainer:
    """The modules of a `ModuleList` or `ModuleDict` with `mode: hold`, each called by a path of its own."""

    node: ContainerNode
    members: dict[str, Member]
    made: dict[str, Node] = field(default_factory=dict)

    def make(self, name: str, inputs: Inputs | None, context: Context) -> Node:
        """The module `name`, made for these inputs if this is its first call."""
        if name not in self.made:
            self.made[name] = elaborate_member(self.members[name], inputs, self.node, context)
        return self.made[name]

    def finish(self, context: Context) -> Node:
        """The container, with the modules that nothing calls made from their written arguments alone.

        Raises:
            Fault: one of them cannot be made so; the faults of the others are collected.
        """
        first: Fault | None = None
        for name, member in self.members.items():
            if name not in self.made:
                try:
                    _make_uncalled(partial(self.make, name, None, context), member, context.child(name), context)
                except Fault as fault:
                    context.collect(fault)
                    first = first or fault
        if first is not None:
            raise first
        named = tuple((name, self.made[name]) for name in self.members)
        size = context.total([node for _, node in named], self.node.span)
        if self.node.kind == "ModuleList":
            return ModuleList(children=named, mode="hold", output=None, size=size, span=self.node.span)
        return ModuleDict(children=named, mode="hold", select=None, output=None, size=size, span=self.node.span)


Held = HeldModule | HeldContainer


def _make_uncalled(make: Callable[[], Node], member: Member, path: str, context: Context) -> None:
    """Make a module that nothing calls, with a warning; where its input would decide something, say why none does."""
    message = f"`{path}` is held and never called"
    try:
        make()
    except Fault as fault:
        if fault.diagnostic.code != "E0303":
            raise
        note = Note(message=f"{message}, so no input decides what is not written")
        raise Fault(replace(fault.diagnostic, notes=(note, *fault.diagnostic.notes))) from fault
    context.warn("W0101", message, member.node.span, hint="remove it, or run it with `call`")


def call_step(  # noqa: PLR0913 - what a step is made of
    name: str,
    node: CallNode,
    scope: Scope,
    wires: Wires,
    environment: Environment,
    held: Mapping[str, Held],
    context: Context,
) -> CallStep:
    """Run a module that is registered already, with other inputs.

    Raises:
        Fault: E0508 there is no such module; or it cannot take these inputs.
    """
    path = text_of(node.target, scope, context).split(".")
    holder = held.get(path[0])
    if len(path) == 1 and isinstance(holder, HeldContainer):
        raise _only_holds(path, holder.members, node, context)
    made = _target(path, node, wires, environment, held, context)
    if isinstance(made, (ModuleList, ModuleDict)) and made.mode == "hold":
        raise _only_holds(path, (child for child, _ in children(made)), node, context)
    _check_call(".".join(path), made, node, wires.inputs, context)
    output = _called_again(".".join(path), made, node, wires.inputs, context)
    context.check_type(output, node.span)
    return CallStep(
        name=name,
        target=tuple(path),
        node=made,
        inputs=wires.refs,
        keywords=wires.keywords,
        constants=wires.inputs.constants,
        only_train=node.wiring.only_train,
        output=output,
        span=node.span,
    )


def _only_holds(path: list[str], inside: Iterable[str], node: CallNode, context: Context) -> Fault:
    name = ".".join(path)
    message = f"`{name}` only holds modules, so it cannot be called itself"
    hint = f"call one of them: {name}.{next(iter(inside), '…')}"
    return context.fault("E0508", message, node.target_tree.span, hint=hint)


def _check_call(path: str, made: Node, node: CallNode, inputs: Inputs, context: Context) -> None:
    """Refuse inputs that the module's `forward` would not take, whatever their shapes."""
    span, given = node.target_tree.span, len(inputs.positional)
    if isinstance(made, Leaf):
        check_dtype(made.type, made.state, inputs, span, context)
        layer = context.registry.layer(made.type)
        assert layer is not None, "it was made of it"
        check_flags(layer, inputs, node.wiring, context)
        return
    if not isinstance(made, Block):
        extra = isinstance(made, Sequential) and (given > 1 or inputs.keywords or inputs.constants)
        if not given or extra:
            message = f"`{path}` takes one input, by position, and nothing else"
            raise context.fault("E0503", message, span, hint="name it with `from`")
        return
    names = [item.name for item in made.inputs]
    for name in [*(name for name, _ in inputs.keywords), *(name for name, _ in inputs.constants)]:
        if name not in names[given:]:
            raise unknown_input(f"`{path}` has no further input {quote(name)}", name, names, node, context)
    keywords = dict(inputs.keywords)
    missing = [item.name for item in made.inputs[given:] if not item.optional and item.name not in keywords]
    if missing or given > len(names):
        message = f"`{path}` takes {', '.join(names)} and gets {given + len(keywords)} inputs"
        raise context.fault("E0503", message, span, hint=f"name them: from: [{', '.join('…' for _ in names)}]")


def _called_again(path: str, made: Node, node: CallNode, inputs: Inputs, context: Context) -> Type:
    """What a module gives that was made for other inputs."""
    try:
        return rerun(made, inputs, context)
    except LimitFault:
        raise
    except Fault as fault:
        inner = fault.diagnostic
        given = " and ".join(f"{describe(kind)} from {inputs.source(i)}" for i, kind in enumerate(inputs.positional))
        raise context.fault(
            "E0602" if isinstance(made, Leaf) else inner.code,
            f"`{path}` cannot take {given or 'these inputs'}",
            node.target_tree.span,
            trail=inputs.sources,
            expected=inner.expected,
            notes=(Note(message=f"`{path}` was made here: {inner.message}", span=inner.span), *inner.notes),
        ) from fault


def _target(  # noqa: PLR0913 - as `call_step`
    path: list[str],
    node: CallNode,
    wires: Wires,
    environment: Environment,
    held: Mapping[str, Held],
    context: Context,
) -> Node:
    span = node.target_tree.span
    first, *rest = path
    value = environment.values.get(first)
    if value is not None and value.absent:
        hint = "give this node the same `when`"
        raise context.fault("E0508", f"`{first}` is switched off by `when`, so it cannot be called", span, hint=hint)
    holder = held.get(first)
    if isinstance(holder, HeldContainer):
        name, *rest = rest
        if name not in holder.members:
            raise _unknown(".".join(path), [f"{first}.{member}" for member in holder.members], span, context)
        with context.beside(first):
            made: Node | None = holder.make(name, wires.inputs, context)
    elif holder is not None:
        if holder.made is None and rest:
            message = f"what is in `{first}` is not known before `{first}` itself is called: it is held"
            hint = f"call `{first}` first; modules of a held ModuleList or ModuleDict are called one by one"
            raise context.fault("E0508", message, span, hint=hint)
        with context.beside(first):
            made = holder.make(wires.inputs, context)
    else:
        made = None if value is None else value.made
    if made is None:
        known = [name for name, item in environment.values.items() if item.made is not None]
        raise _unknown(first, [*known, *held], span, context)
    if value is not None:
        value.used = True
    for depth, name in enumerate(rest, len(path) - len(rest)):
        inside = context.children(made)
        if name not in inside:
            before = ".".join(path[:depth])
            raise _unknown(".".join(path), [f"{before}.{child}" for child in inside], span, context)
        made = inside[name]
    return made


def _unknown(path: str, known: list[str], span: Span, context: Context) -> Exception:
    message = f"no module before is called {quote(path)}"
    expected = ", ".join(known[-LISTED:]) or "a module that stands before it"
    hint, fix = did_you_mean(path, known), respelled(span, path, known)
    return context.fault("E0508", message, span, expected=expected, hint=hint, fix=fix)
