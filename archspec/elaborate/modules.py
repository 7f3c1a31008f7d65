"""Nodes passed as values: in comes `$norm: {…}`, out goes the node that the param holds, with those arguments."""

from dataclasses import replace

from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.scope import ModuleValue, Scope
from archspec.spec.node import Arguments, BlockNode, LayerNode, ModuleArgument, Node, ParamNode
from archspec.syntax.tree import Scalar

__all__ = ["resolve"]


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


def _with_arguments(passed: Node, node: ParamNode, scope: Scope, context: Context) -> Node:
    reader, type_tree = node.reader, node.type_tree
    if isinstance(passed, LayerNode):
        given = reader.layer_arguments(passed.layer, node.arguments_tree, type_tree)  # type: ignore[arg-type] # the key's scalar
    elif isinstance(passed, BlockNode):
        given = reader.block_arguments(passed.block, node.arguments_tree, type_tree)  # type: ignore[arg-type] # the key's scalar
    else:
        raise context.fault("E0302", f"`{node.type}` holds a {passed.type}, which takes no arguments", node.span)
    values = {name: _value(value, scope, context) for name, value in given.values.items()}
    own = passed.arguments
    arguments = Arguments(
        values={**own.values, **values},  # type: ignore[dict-item] # values are constants now
        trees={**own.trees, **given.trees},
        constant=False,
    )
    return replace(passed, arguments=arguments)


def _value(value: object, scope: Scope, context: Context) -> object:
    if isinstance(value, ModuleArgument):
        return ModuleValue(value.node, scope)
    return evaluate_written(value, scope, context.budget)  # type: ignore[arg-type] # as written
