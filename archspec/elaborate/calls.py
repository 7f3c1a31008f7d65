"""`call`, and containers that only hold: in comes the path of a module, out goes a step that runs it again."""

from dataclasses import dataclass, field

from archspec.diagnostic import quote
from archspec.elaborate.containers import elaborate_member
from archspec.elaborate.context import Context, Inputs
from archspec.elaborate.members import Member
from archspec.elaborate.repeat import text_of
from archspec.elaborate.rerun import rerun
from archspec.elaborate.scope import Scope
from archspec.elaborate.wiring import Environment, Wires
from archspec.graph.graph import CallStep, ModuleDict, ModuleList, Node, children
from archspec.source import Span
from archspec.spec.node import CallNode, ContainerNode
from archspec.suggest import did_you_mean

__all__ = ["Held", "call_step"]


@dataclass(slots=True, kw_only=True, eq=False)
class Held:
    """The modules of a container with `mode: hold`. The first `call` of each infers its arguments."""

    node: ContainerNode
    members: dict[str, Member]
    made: dict[str, Node] = field(default_factory=dict)

    def first_call(self, name: str, inputs: Inputs, context: Context) -> Node:
        """The module `name`, made for these inputs if this is its first call."""
        if name not in self.made:
            self.made[name] = elaborate_member(self.members[name], inputs, context)
        return self.made[name]

    def finish(self, context: Context) -> ModuleList | ModuleDict:
        """The container, with the modules that nothing calls made from their written arguments alone."""
        for name, member in self.members.items():
            if name not in self.made:
                context.warn("W0101", f"`{context.name(name)}` is held and never called", member.node.span)
                self.made[name] = elaborate_member(member, None, context)
        named = tuple((name, self.made[name]) for name in self.members)
        size = context.total([node for _, node in named], self.node.span)
        if self.node.kind == "ModuleList":
            return ModuleList(children=named, mode="hold", output=None, size=size, span=self.node.span)
        return ModuleDict(children=named, mode="hold", select=None, output=None, size=size, span=self.node.span)


def call_step(  # noqa: PLR0913 - what a step is made of
    name: str,
    node: CallNode,
    scope: Scope,
    wires: Wires,
    environment: Environment,
    held: dict[str, Held],
    context: Context,
) -> CallStep:
    """Run a module that is registered already, with other inputs.

    Raises:
        Fault: E0508 there is no such module; or it cannot take these inputs.
    """
    path = text_of(node.target, scope, context).split(".")
    made = _target(path, node, wires, environment, held, context)
    if isinstance(made, (ModuleList, ModuleDict)) and made.mode == "hold":
        message = f"`{'.'.join(path)}` only holds modules, so it cannot be called itself"
        inside = next((child for child, _ in children(made)), "0")
        raise context.fault(
            "E0508", message, node.target_tree.span, hint=f"call one of them: {'.'.join(path)}.{inside}"
        )
    output = rerun(made, wires.inputs, context)
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


def _target(  # noqa: PLR0913 - as `call_step`
    path: list[str], node: CallNode, wires: Wires, environment: Environment, held: dict[str, Held], context: Context
) -> Node:
    span = node.target_tree.span
    first, *rest = path
    value = environment.values.get(first)
    if first in held and rest:
        if rest[0] not in held[first].members:
            raise _unknown(".".join(path), list(held[first].members), span, context)
        made: Node | None = held[first].first_call(rest[0], wires.inputs, context)
        rest = rest[1:]
    else:
        made = None if value is None else value.made
    if made is None:
        known = [name for name, item in environment.values.items() if item.made is not None]
        raise _unknown(first, [*known, *held], span, context)
    if value is not None:
        value.used = True
    for name in rest:
        inside = dict(children(made))
        if name not in inside:
            raise _unknown(".".join(path), list(inside), span, context)
        made = inside[name]
    return made


def _unknown(path: str, known: list[str], span: Span, context: Context) -> Exception:
    message = f"no module before is called {quote(path)}"
    last = path.rsplit(".", 1)[-1]
    return context.fault(
        "E0508", message, span, expected=", ".join(known) or "a module above", hint=did_you_mean(last, known)
    )
