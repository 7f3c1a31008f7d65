"""Block calls: in come the values of params and the inputs, out goes the concrete node of the block's model."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from archspec.diagnostic import Diagnostic, Note, quote
from archspec.elaborate.assignments import assigned
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.graphs import elaborate_graph
from archspec.elaborate.initialise import init_rules
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.modules import read_late
from archspec.elaborate.scope import ModuleValue, Scope
from archspec.elaborate.shapes import frozen
from archspec.elaborate.wiring import as_tuple, unknown_input
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.graph.graph import Arguments, Input, Node
from archspec.graph.graph import Block as GraphBlock
from archspec.graph.types import NoneType, TensorType, TextType, Type, describe
from archspec.source import Span
from archspec.spec.document import Block, InputDeclaration
from archspec.spec.locate import Described, describe_errors
from archspec.spec.names import split_dimension
from archspec.spec.node import BlockNode, Child, ModuleArgument
from archspec.spec.node import Node as WrittenNode
from archspec.spec.params import Param, field_name, params_model
from archspec.spec.patch import Patch, Patches
from archspec.spec.unknown import INPUT_SIZES
from archspec.syntax.expression import Expression, Template, Written, parse_written
from archspec.syntax.tree import Scalar, Tree

__all__ = ["Settings", "elaborate_block", "elaborate_body", "evaluate_params", "inputs_of", "with_let"]

# A value for a param: as written, the tree it was written as, and the scope its expressions are read in.
Settings = dict[str, tuple[Written | ModuleArgument | ModuleValue, Tree, Scope]]


def elaborate_block(node: BlockNode, scope: Scope, inputs: Inputs | None, patches: Patches, context: Context) -> Node:
    """A call of a block. Equal calls of one block are elaborated once.

    Raises:
        Fault: a param is wrong, or something in the block is.
    """
    block = node.block
    limits = context.limits
    if inputs is None:
        message = f"block {block.name} is never run here, so its inputs cannot be known"
        raise context.fault("E0509", message, node.span, hint="run it with `call`, or remove it")
    limits.check("block_depth", len(context.frames) + 1, node.span, "blocks inside blocks", context.where)
    file = None if block.is_file else scope.file
    settings: Settings = {
        name: (value, node.arguments.trees[name], scope) for name, value in node.arguments.values.items()
    }
    inner = Scope({}, file)
    values = evaluate_params(block, settings, inner, node.span, context)
    key = (block, inputs, frozen(values), file)
    made = context.blocks.get(key) if not patches else None
    if made is not None:
        context.step(node.span, made.size.modules)
        return made
    declared = inputs_of(block, inputs, inner, node, context)
    with context.inside(Note(message=_frame(block, node), span=node.span)), context.active(key, block.name, node.span):
        made = _elaborate(block, inner, inputs, declared, patches, context)
    if isinstance(made, GraphBlock) and made.name == block.name:
        made = replace(made, params=_plain(values))
    if not patches:
        context.blocks[key] = made
    return made


def _plain(values: dict[str, object]) -> Arguments:
    """The values of params that are numbers, text or lists of these: no modules, and no sizes read at run time."""
    return tuple((name, as_tuple(value)) for name, value in values.items() if _is_plain(value))


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return isinstance(value, bool | int | float | str)


def _frame(block: Block, node: BlockNode) -> str:
    file = block.spec.source.name if block.is_file and block.spec is not None else ""
    return f"in block {node.type}{f' of {file}' if file else ''}, called here"


def _elaborate(  # noqa: PLR0913 - a block, its scope and its inputs
    block: Block, scope: Scope, inputs: Inputs, declared: tuple[Input, ...], patches: Patches, context: Context
) -> Node:
    made = elaborate_body(block, scope, inputs, declared, (*block.patches, *patches), context)
    names = block.spec.blocks if block.spec is not None else {}
    rules = init_rules(block.init, scope, names, context)
    return assigned(made, rules, block, context)


def elaborate_body(  # noqa: PLR0913 - a block, its scope and its inputs
    block: Block, scope: Scope, inputs: Inputs, declared: tuple[Input, ...], patches: Patches, context: Context
) -> Node:
    """The model of a block whose params are known.

    Raises:
        Fault: something in it is wrong.
    """
    scope = with_let(block, scope, declared[0].type if declared else _first(inputs), context)
    body, patches = _patched(block, patches, context)
    if isinstance(body, tuple):
        return elaborate_graph(block, body, scope, declared, patches, context)
    assert body is not None, "validation refuses a block without a model"
    return context.node(body, scope, inputs, patches)


def with_let(block: Block, scope: Scope, first: Type | None, context: Context) -> Scope:
    """The scope of a block's model: what the first input tells, and the values of `let`, inside `scope`.

    Raises:
        Fault: a value cannot be computed.
    """
    values: dict[str, object] = {}
    scope = scope.inner(_input_names(first)).inner(values)
    for name, (tree, written) in block.let.items():
        _refuse_later(block, values, written, tree, scope, context)
        values[name] = evaluate_written(written, scope, context.budget)
    return scope


def _patched(
    block: Block, patches: Patches, context: Context
) -> tuple[WrittenNode | tuple[Child, ...] | None, Patches]:
    """The model of a block as the patches of the whole leave it, and the patches of what is inside."""
    body, inside = block.body, list[Patch]()
    for patch in patches:
        if patch.delete:
            raise context.fault("E0704", "a patch cannot remove the whole model", patch.tree.span)
        if patch.replace is not None:
            body, inside = patch.replace, []
        if patch.below or patch.edits:
            inside.append(replace(patch, replace=None))
    return body, tuple(inside)


def _refuse_later(  # noqa: PLR0913 - what an error needs to say
    block: Block, values: dict[str, object], written: Written, tree: Tree, scope: Scope, context: Context
) -> None:
    """Refuse a name that `let` gives a value further down, and that nothing else has."""
    reads = _reads(written)
    if not reads or not reads & (block.let.keys() - values.keys()):
        return
    later = sorted(reads & (block.let.keys() - values.keys()) - set(scope.names()))
    if later:
        message = f"`{later[0]}` comes later in `let`, so it has no value yet"
        raise context.fault("E0403", message, tree.span, hint=f"move `{later[0]}` up")


def _reads(written: Written) -> set[str]:
    match written:
        case Expression():
            return set(written.names)
        case Template():
            return set().union(*(part.names for part in written.parts if isinstance(part, Expression)))
        case list():
            return set().union(*map(_reads, written))
        case dict():
            return set().union(*map(_reads, written.values()))
        case _:
            return set()


def _first(inputs: Inputs) -> Type | None:
    return inputs.positional[0] if inputs.positional else next((kind for _, kind in inputs.keywords), None)


def _input_names(first: Type | None) -> dict[str, object]:
    """`in_channels` and `in_features` of a block's first input."""
    if not isinstance(first, TensorType):
        return {}
    rank = len(first.shape)
    return {name: first.shape[dim] for name, dim in INPUT_SIZES.items() if -rank <= dim < rank}


def evaluate_params(block: Block, settings: Settings, scope: Scope, span: Any, context: Context) -> dict[str, object]:
    """The value of every param, checked; they become the values of `scope`.

    Raises:
        Fault: a param has no value, or a wrong one.
    """
    values: dict[str, object] = {}
    trees: dict[str, Tree] = {}
    scope.values = values
    for param in block.params.values():
        if param.name in settings:
            written, tree, outer = settings[param.name]
        elif param.required:
            raise _missing(block, param, span, context)
        else:
            tree, outer = param.default, scope  # type: ignore[assignment] # a default that is not MISSING is a tree
            written = _default(param, tree, block, context)
        trees[param.name] = tree
        values[param.name] = _value(written, outer, context)
    if values:
        _check(block, values, trees, context)
    return values


def _default(param: Param, tree: Tree, block: Block, context: Context) -> Written | ModuleArgument:
    if not param.is_module or (isinstance(tree, Scalar) and tree.value is None):
        return parse_written(tree, context.limits)
    assert block.reader is not None, "validation gives every block its reader"
    return ModuleArgument(read_late(lambda reader: reader.read(tree), block.reader, context))


def _value(written: Written | ModuleArgument | ModuleValue, scope: Scope, context: Context) -> object:
    if isinstance(written, ModuleArgument):
        return ModuleValue(written.node, scope)
    if isinstance(written, ModuleValue):
        return written
    value = evaluate_written(written, scope, context.budget)
    return list(value) if isinstance(value, (tuple, range)) else value


def _missing(block: Block, param: Param, span: Any, context: Context) -> Fault:
    message = f"{block.name} needs its param `{param.name}`"
    if not (context.frames or context.path):
        hint = f"give it a default, or set it: -p {param.name}=… or params={{'{param.name}': …}}"
        return context.fault("E0407", message, param.tree.span, hint=hint)
    note = Note(message=f"the param is declared here, as {param.type}", span=param.tree.span)
    return context.fault("E0407", message, span, hint=f"write {block.name}: {{{param.name}: …}}", notes=(note,))


def _check(block: Block, values: dict[str, object], trees: dict[str, Tree], context: Context) -> None:
    try:
        checked = params_model(block.params.values()).model_validate(values)
    except ValidationError as error:
        faults = [Fault(diagnostic) for diagnostic in _wrong(block, error, trees, context)]
        for fault in faults:
            context.collect(fault)
        raise faults[0] from error
    for name in values:
        values[name] = getattr(checked, field_name(name))


def _wrong(block: Block, error: ValidationError, trees: dict[str, Tree], context: Context) -> list[Diagnostic]:
    """What is wrong with which param, one error for each."""
    first = {item.name: item for item in reversed(describe_errors(error, trees))}
    return [_wrong_param(block.params[name], item, block, context) for name, item in sorted(first.items())]


def _wrong_param(param: Param, item: Described, block: Block, context: Context) -> Diagnostic:
    span = (item.tree or param.tree).span
    inside = span.source == param.tree.span.source and param.tree.span.line <= span.line <= param.tree.span.end_line
    note = Note(message=f"the param is declared here, as {param.type}", span=param.tree.span)
    return Diagnostic(
        code="E0408",
        message=f"{block.name}: param `{param.name}` has a wrong value",
        span=span,
        path=context.where,
        found=item.found,
        expected=item.expected,
        hint=item.hint,
        fix=respelled(span, item.found.strip("`"), item.choices),
        notes=(*(() if inside else (note,)), *context.chain()),
    )


def inputs_of(block: Block, inputs: Inputs, scope: Scope, node: WrittenNode, context: Context) -> tuple[Input, ...]:
    """The inputs of the call `node` under the names that the block gives them, checked against the shapes it declares.

    Raises:
        Fault: there are too many or too few, or one has another shape.
    """
    if block.inputs is None:
        if [name for name, _ in inputs.keywords] == ["input"] and not inputs.positional:
            return (Input(name="input", type=inputs.keywords[0][1]),)
        if len(inputs.positional) > 1 or inputs.keywords:
            count = len(inputs.positional) + len(inputs.keywords)
            message = f"{block.name} takes one input and gets {count}"
            hint = f"name one with `from`, or declare in {block.name}: inputs: {{x: […], y: […]}}"
            raise context.fault("E0503", message, node.span, hint=hint)
        kind = inputs.positional[0] if inputs.positional else NoneType()
        return (Input(name="input", type=kind),)
    _check_names(block, block.inputs, inputs, node, context)
    call = _Call(block=block, inputs=inputs, scope=scope, span=node.span)
    return tuple(_input(index, item, call, context) for index, item in enumerate(block.inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call of a block whose inputs are declared."""

    block: Block
    inputs: Inputs
    scope: Scope
    span: Span


def _check_names(
    block: Block, declared: tuple[InputDeclaration, ...], inputs: Inputs, node: WrittenNode, context: Context
) -> None:
    """Refuse more inputs than are declared, and keywords that are not."""
    names = [item.name for item in declared]
    for name, _ in inputs.keywords:
        if name not in names:
            raise unknown_input(f"{block.name} has no input {quote(name)}", name, names, node, context)
    if len(inputs.positional) > len(names):
        message = f"{block.name} takes {len(names)} input{'s' * (len(names) != 1)} and gets {len(inputs.positional)}"
        raise context.fault("E0503", message, node.span, expected=", ".join(names), hint="name fewer with `from`")


def _input(index: int, item: InputDeclaration, call: _Call, context: Context) -> Input:
    block, inputs = call.block, call.inputs
    note = Note(message="the input is declared here", span=item.tree.span)
    keywords = dict(inputs.keywords)
    kind: Type | None = inputs.positional[index] if index < len(inputs.positional) else keywords.get(item.name)
    if kind is None and not item.optional:
        names = [declared.name for declared in block.inputs or ()]
        message, hint = f"{block.name} gets no `{item.name}`", f"name them: from: {{{': …, '.join(names)}: …}}"
        expected = f"inputs for {', '.join(f'`{name}`' for name in names)}"
        raise context.fault("E0503", message, call.span, expected=expected, hint=hint, notes=(note,))
    kind = kind or NoneType()
    if isinstance(kind, TensorType) and item.shape is not None:
        _check_shape(index, item, kind, call, context)
    if item.kind == "text" and not isinstance(kind, TextType):
        message, found = (
            f"{block.name} takes a string as `{item.name}`",
            f"{describe(kind)} from {inputs.source(index)}",
        )
        raise context.fault("E0503", message, call.span, found=found, notes=(note,))
    return Input(name=item.name, type=kind, optional=item.optional)


def _check_shape(index: int, item: InputDeclaration, kind: TensorType, call: _Call, context: Context) -> None:
    assert item.shape is not None
    wanted = [dim if isinstance(dim, str) else evaluate_written(dim, call.scope, context.budget) for dim in item.shape]
    seen: dict[str, int] = {}
    agrees = len(wanted) == len(kind.shape)
    for dim, size in zip(wanted, kind.shape, strict=False):
        expected = seen.setdefault(split_dimension(dim)[0], size) if isinstance(dim, str) else dim
        agrees = agrees and expected == size
    if not agrees:
        shape = "×".join(str(dim) for dim in wanted)
        message = f"{call.block.name} declares `{item.name}` as {shape} and gets {describe(kind)}"
        found, note = f"{describe(kind)} from {call.inputs.source(index)}", Note(message=_DECLARED, span=item.tree.span)
        raise context.fault(
            "E0604", message, call.span, trail=call.inputs.sources, found=found, expected=shape, notes=(note,)
        )


_DECLARED = "the input is declared here"
