"""Repetition: in come the written children of a container, out go its real ones, loops unrolled in order."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from archspec.diagnostic import Note, quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate, evaluate_written, interpolate, iterate
from archspec.elaborate.scope import Scope
from archspec.errors import Fault, LimitFault
from archspec.spec.names import member_name_fault
from archspec.spec.node import Child, GroupNode, Loop, Name, Node
from archspec.syntax.expression import Expression, Template

__all__ = ["Item", "count", "expand", "text_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One real child: its name (None where the parent numbers), its node, and the scope with the loop variables."""

    name: str | None
    node: Node
    scope: Scope
    child: Child
    frame: Note | None = None


def text_of(name: Name, scope: Scope, context: Context) -> str:
    """A name or reference with its expressions filled in."""
    if isinstance(name, str):
        return name
    return interpolate(name, scope, context.budget)


def expand(children: tuple[Child, ...], scope: Scope, context: Context) -> Iterator[Item]:
    """The real children, in order. Loops are evaluated when reached, so they can read the sizes of what is before.

    Raises:
        Fault: a loop or a name cannot be evaluated.
    """
    for child in children:
        yield from _child(child, scope, context, None)


def _child(child: Child, scope: Scope, context: Context, frame: Note | None) -> Iterator[Item]:
    if child.node.loop is None:
        yield from _once(child, scope, context, frame)
        return
    for values in _steps(child.node.loop, scope, context):
        inner = scope.inner(values) if values else scope
        shown = ", ".join(f"{name} = {quote(value, 40).strip('`')}" for name, value in values.items())
        step = (
            Note(message=f"in the loop step `{shown}`", span=child.node.loop.tree.span)
            if values and child.node.loop.tree
            else frame
        )
        with ExitStack() as stack:
            stack.enter_context(context.in_loop())
            if step is not None:
                stack.enter_context(context.inside(step))
            yield from _once(child, inner, context, step)


def _once(child: Child, scope: Scope, context: Context, frame: Note | None) -> Iterator[Item]:
    context.step(child.node.span)
    if isinstance(child.node, GroupNode):
        if child.node.wiring.when is None or evaluate(child.node.wiring.when, scope, context.budget):
            for inner in child.node.children:
                yield from _child(inner, scope, context, frame)
        return
    yield Item(_name(child, scope, context), child.node, scope, child, frame)


def _name(child: Child, scope: Scope, context: Context) -> str | None:
    if child.name is None or isinstance(child.name, str):
        return child.name
    name = text_of(child.name, scope, context)
    if reason := member_name_fault(name):
        span = None if child.name_tree is None else child.name_tree.span
        raise context.fault("E0205", f"{quote(name)} cannot be the name of a node: {reason}", span)
    return name


def _steps(loop: Loop, scope: Scope, context: Context) -> list[dict[str, object]]:
    if loop.iteration is not None:
        return iterate(loop.iteration, scope, context.budget, context.limits)
    times = evaluate_written(loop.count, scope, context.budget)
    span = None if loop.tree is None else loop.tree.span
    if not isinstance(times, int) or isinstance(times, bool) or times < 0:
        raise context.fault("E0404", "`repeat` is a whole number, 0 or more", span, found=quote(times))
    context.limits.check("repeat", times, span, "steps of one loop", context.where)
    return [{}] * times


def count(children: tuple[Child, ...], scope: Scope, context: Context) -> int:
    """How many nodes the loops of a container make, without making one; what cannot be known yet counts once."""
    return sum(_count(child, scope, context) for child in children)


def _count(child: Child, scope: Scope, context: Context) -> int:
    node = child.node
    loop = node.loop
    body = node.children if isinstance(node, GroupNode) else ()
    if loop is None:
        return count(body, scope, context) if body else 1
    try:
        steps = _steps(loop, scope, context)
    except LimitFault:
        raise
    except Fault:
        return 1  # it reads a size, or is wrong: the walk will see
    if not any(inner.node.loop is not None or isinstance(inner.node, GroupNode) for inner in body):
        return len(steps) * max(1, len(body))
    if not _depends(body, set(steps[0]) if steps else set()):
        return len(steps) * count(body, scope.inner(steps[0]) if steps else scope, context)
    total = 0
    for values in steps:
        total += count(body, scope.inner(values), context)
        context.limits.check(
            "expansion_steps", total, node.span, "nodes after expanding loops and blocks", context.where
        )
    return total


def _depends(body: tuple[Child, ...], names: set[str]) -> bool:
    """Whether a loop within reads one of these names."""
    for child in body:
        loop = child.node.loop
        if loop is not None and _reads(loop) & names:
            return True
        if isinstance(child.node, GroupNode) and _depends(child.node.children, names):
            return True
    return False


def _reads(loop: Loop) -> frozenset[str] | set[str]:
    if loop.iteration is not None:
        return loop.iteration.iterable.names
    if isinstance(loop.count, Expression):
        return loop.count.names
    if isinstance(loop.count, Template):
        return {name for part in loop.count.parts if isinstance(part, Expression) for name in part.names}
    return set()
