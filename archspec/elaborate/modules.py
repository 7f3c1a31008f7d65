"""Nodes passed as values: in comes `$norm: {…}`, out goes the node that the param holds, with those arguments."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from archspec.diagnostic import errors_of, quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.scope import ModuleValue, Scope
from archspec.errors import Collector, Enough, Fault, LimitFault
from archspec.spec.node import Arguments, BlockNode, LayerNode, ModuleArgument, Node, ParamNode
from archspec.spec.reader import Reader
from archspec.syntax.tree import Scalar

__all__ = ["read_late", "resolve"]

T = TypeVar("T")


def resolve(node: ParamNode, scope: Scope, context: Context) -> tuple[Node, Scope]:
    """The node that a `module` param holds, and the scope it was written in.

    Raises:
        Fault: the value is no node, or takes no arguments.
    """
    value = evaluate_written(node.value, scope, context.budget)
    if not isinstance(value, ModuleValue):
        name = node.type.lstrip("$")
        message = f"`{node.type}` stands where a node must, and its value is no node"
        hint = f"declare the param as a module: {name}: {{type: module, default: {value}}}"
        raise context.fault("E0305", message, node.span, found=quote(value), hint=hint)
    passed, inner = value.node, value.scope
    if isinstance(passed, ParamNode):
        passed, inner = resolve(passed, inner, context)
    tree = node.arguments_tree
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return passed, inner
    return _with_arguments(passed, node, scope, context), inner


def read_late(read: Callable[[Reader], T], reader: Reader, context: Context) -> T:
    """What `read` makes of a part of the file that is read when it is used: what a param holds, or the arguments of it.

    Raises:
        Fault: the first that is wrong with it, once all are collected.
    """
    collector, made = Collector(), None
    with suppress(Enough):
        try:
            made = read(reader.reporting_to(collector))
        except LimitFault:
            raise
        except Fault as fault:
            collector.add(fault.diagnostic)
    found = errors_of(collector.diagnostics)
    for diagnostic in found:
        context.collect(Fault(diagnostic))
    if found or made is None:
        raise Fault(found[0])
    return made


def _with_arguments(passed: Node, node: ParamNode, scope: Scope, context: Context) -> Node:
    if not isinstance(passed, (LayerNode, BlockNode)):
        raise context.fault("E0302", f"`{node.type}` holds a {passed.type}, which takes no arguments", node.span)
    given = _given(passed, node, context)
    values = {name: _value(value, scope, context) for name, value in given.values.items()}
    own = passed.arguments
    arguments = Arguments(
        values={**own.values, **values},  # type: ignore[dict-item] # values are constants now
        trees={**own.trees, **given.trees},
        constant=False,
    )
    return replace(passed, arguments=arguments)


def _given(passed: LayerNode | BlockNode, node: ParamNode, context: Context) -> Arguments:
    """The arguments as written, read once however often a loop comes by."""
    callee = passed.layer if isinstance(passed, LayerNode) else passed.block
    key = id(node), id(callee)
    if key not in context.given:
        tree, type_tree = node.arguments_tree, node.type_tree
        assert isinstance(type_tree, Scalar), "it is a key"

        def read(reader: Reader) -> Arguments:
            if isinstance(passed, LayerNode):
                return reader.layer_arguments(passed.layer, tree, type_tree)
            return reader.block_arguments(passed.block, tree, type_tree)

        context.given[key] = node, callee, read_late(read, node.reader, context)
    return context.given[key][-1]


def _value(value: object, scope: Scope, context: Context) -> object:
    if isinstance(value, ModuleArgument):
        return ModuleValue(value.node, scope)
    return evaluate_written(value, scope, context.budget)  # type: ignore[arg-type] # as written
