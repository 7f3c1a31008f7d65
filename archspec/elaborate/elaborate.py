"""Elaboration: in comes a `Spec` with settings for its params, out goes a `Graph` whose every shape is proved."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from archspec.catalog.registry import Registry
from archspec.diagnostic import Note, quote
from archspec.elaborate.assignments import assigned, check_init, check_tie, ties_of
from archspec.elaborate.blocks import Settings, elaborate_block, elaborate_body, evaluate_params, inputs_of
from archspec.elaborate.containers import elaborate_sequential, run_dict, run_list
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import Budget, evaluate_written
from archspec.elaborate.initialise import init_rules
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.leaves import elaborate_layer
from archspec.elaborate.members import refuse_inside
from archspec.elaborate.modules import resolve
from archspec.elaborate.rerun import rerun
from archspec.elaborate.scope import Scope
from archspec.elaborate.shapes import Shapes
from archspec.elaborate.transforms import elaborate_transforms
from archspec.errors import Collector, Fault, LimitFault
from archspec.graph.graph import (
    DEFAULT_SIZE,
    Block,
    Graph,
    Input,
    Leaf,
    ModuleDict,
    ModuleList,
    Node,
    Sequential,
    walk,
)
from archspec.graph.types import NoneType, TensorType, TextType, Type, describe
from archspec.limits import Limits
from archspec.spec.document import InputDeclaration, Spec
from archspec.spec.names import is_dimension_name, split_dimension
from archspec.spec.node import (
    BlockNode,
    ContainerNode,
    GraphNode,
    LayerNode,
    ParamNode,
)
from archspec.spec.node import Node as Written
from archspec.spec.patch import Patches
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Sequence as TreeSequence
from archspec.syntax.tree import Tree

__all__ = ["called", "elaborate", "rerun_context", "reruns"]

_DIGITS = re.compile(r"[0-9]{1,12}")


def elaborate(  # noqa: PLR0913 - the stage's inputs, each named by its caller
    spec: Spec,
    settings: Mapping[str, tuple[object, Tree]],
    *,
    sizes: Mapping[str, int],
    shapes: Mapping[str, tuple[int, ...]],
    registry: Registry,
    limits: Limits,
    collector: Collector,
) -> Graph:
    """Expand and prove a spec.

    Args:
        spec: a validated spec.
        settings: values for its params, as written, with the trees they were written as.
        sizes: the sizes at which named dimensions are checked, where not the spec's own.
        shapes: whole input shapes, where not the spec's own.
        registry: the layers and operations that exist.
        limits: the budgets.
        collector: takes every fault.

    Raises:
        Fault: the spec is wrong; everything that could be checked has been collected.
    """
    return _Elaboration(registry, limits, collector).run(spec, settings, sizes, shapes)


class _Elaboration:
    def __init__(self, registry: Registry, limits: Limits, collector: Collector) -> None:
        self.context = Context(
            registry=registry,
            limits=limits,
            collector=collector,
            shapes=Shapes(registry),
            budget=Budget(limits),
            node=self.node,
        )

    def node(self, node: Written, scope: Scope, inputs: Inputs | None, patches: Patches) -> Node:
        """One node of any kind that has a place in the tree."""
        context = self.context
        match node:
            case LayerNode():
                refuse_inside(node, patches, context)
                return elaborate_layer(node, scope, inputs, context)
            case BlockNode():
                return elaborate_block(node, scope, inputs, patches, context)
            case ParamNode():
                passed, inner = resolve(node, scope, context)
                return self.node(passed, inner, inputs, patches)
            case ContainerNode(kind="Sequential"):
                return elaborate_sequential(node, scope, inputs, patches, context)
            case ContainerNode(kind="ModuleList"):
                return run_list(node, scope, inputs, patches, context)
            case ContainerNode():
                return self._dict(node, scope, inputs, patches)
            case GraphNode():
                return self._graph(node, scope, inputs, patches)
            case _:
                raise context.fault("E0307", f"`{node.type}` is no module", node.span)

    def _dict(self, node: ContainerNode, scope: Scope, inputs: Inputs | None, patches: Patches) -> ModuleDict:
        """A ModuleDict inside another container: its key is known when the model is built."""
        selection = None
        if node.wiring.select is not None:
            key = evaluate_written(node.wiring.select, scope, self.context.budget)
            selection = (str(key), str(key))
        elif node.wiring.mode in (None, "select"):
            message = "a ModuleDict needs to know which of its modules to run"
            hint = "add `select: <key>` or `mode: branch`; a run-time string selects only in a graph"
            raise self.context.fault("E0506", message, node.span, hint=hint)
        return run_dict(node, scope, inputs, patches, self.context, selection)

    def _graph(self, node: GraphNode, scope: Scope, inputs: Inputs | None, patches: Patches) -> Node:
        if inputs is None:
            message, hint = "this graph is never run, so its inputs cannot be known", "run it with `call`, or remove it"
            raise self.context.fault("E0509", message, node.span, hint=hint)
        inner = scope.inner({})
        evaluate_params(node.body, {}, inner, node.span, self.context)
        is_graph = isinstance(node.body.body, tuple)
        named = is_graph or node.body.inputs is not None  # one module takes its inputs as they come
        declared = inputs_of(node.body, inputs, inner, node, self.context) if named else ()
        made = elaborate_body(node.body, inner, inputs, declared, patches, self.context)
        rules = init_rules(node.body.init, scope, _blocks_in(made), self.context)
        return assigned(made, rules, node.body, self.context)

    def run(
        self,
        spec: Spec,
        settings: Mapping[str, tuple[object, Tree]],
        sizes: Mapping[str, int],
        shapes: Mapping[str, tuple[int, ...]],
    ) -> Graph:
        """The whole model."""
        context, block = self.context, spec.block
        scope = Scope({})
        given: Settings = {name: (value, tree, scope) for name, (value, tree) in settings.items()}  # type: ignore[misc] # as written
        evaluate_params(block, given, scope, block.span, context)
        inputs = self._inputs(spec, scope, sizes, shapes)
        called = Inputs(tuple(item.type for item in inputs), sources=tuple(item.name for item in inputs))
        transforms = elaborate_transforms(spec, scope, inputs, context)
        root = elaborate_body(block, scope, called, inputs, block.patches, context)
        self._refuse_unrunnable(root, spec)
        rules = init_rules(block.init, scope, spec.blocks | _blocks_in(root), context)
        check_tie(block, root, context)
        graph = Graph(
            name=block.name,
            doc=block.doc,
            inputs=inputs,
            root=root,
            init=rules,
            tie=(*((name, other) for name, (_, other) in block.tie.items()), *ties_of(root)),
            span=block.span,
            choices=tuple((name, tuple(keys)) for name, keys in context.choices.items()),
            transforms=transforms,
        )
        self._check_choices(graph)
        self._check_optional(graph)
        check_init(graph, context)
        return replace(graph, work=context.shapes.work)

    def _inputs(
        self, spec: Spec, scope: Scope, sizes: Mapping[str, int], shapes: Mapping[str, tuple[int, ...]]
    ) -> tuple[Input, ...]:
        declared = spec.block.inputs
        if declared is None:
            hint = "add, for example, `input: [N, 3, 224, 224]`"
            raise self.context.fault("E0202", "a spec that is built has no `input`", spec.block.span, hint=hint)
        known: dict[str, int] = {}
        return tuple(self._root_input(item, scope, {**sizes}, shapes.get(item.name), known) for item in declared)

    def _root_input(
        self,
        item: InputDeclaration,
        scope: Scope,
        sizes: Mapping[str, int],
        shape: tuple[int, ...] | None,
        known: dict[str, int],
    ) -> Input:
        if item.kind == "text":
            return Input(name=item.name, type=TextType(item.name))
        if item.kind == "any":
            message = f"`{item.name}` is an input of the model, so its shape must be known"
            hint = "write a shape such as [N, 3, 224, 224]; `any` is for the inputs of blocks"
            raise self.context.fault("E0206", message, item.tree.span, hint=hint)
        if item.kind == "none" or item.shape is None:
            return Input(name=item.name, type=NoneType(), optional=True)
        dims = [self._dim(dim, tree, scope) for dim, tree in zip(item.shape, _dim_trees(item), strict=True)]
        if shape is not None and len(shape) != len(dims):
            message = f"`{item.name}` has {len(dims)} dimensions and is given {len(shape)}"
            raise self.context.fault("E0604", message, item.tree.span)
        checked = (known.get(name or "", sizes.get(name or "", size)) for name, size in dims)
        given = tuple(checked) if shape is None else shape
        for (name, declared), size in zip(dims, given, strict=True):
            wanted = declared if name is None else known.setdefault(name, size)
            if size != wanted:
                axis = str(declared) if name is None else f"`{name}`, which is {wanted} elsewhere"
                message = f"`{item.name}` is given {describe(TensorType(given))}, and a dimension of {size} is {axis}"
                raise self.context.fault("E0604", message, item.tree.span)
        kind = TensorType(given, item.dtype)
        self.context.check_type(kind, item.tree.span)
        return Input(
            name=item.name,
            type=kind,
            dims=tuple(name for name, _ in dims),
            optional=item.optional,
            max=self._max(item, scope),
        )

    def _max(self, item: InputDeclaration, scope: Scope) -> int | None:
        value = evaluate_written(item.max, scope, self.context.budget)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        message = f"`max` of input `{item.name}` is a whole number above 0"
        raise self.context.fault("E0206", message, item.tree.span, found=quote(value))

    def _dim(self, written: object, tree: Tree, scope: Scope) -> tuple[str | None, int]:
        """A dimension: its name if it may vary, and the size at which it is checked."""
        value = evaluate_written(written, scope, self.context.budget)  # type: ignore[arg-type] # as written
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return None, value
        name, size = split_dimension(str(value))
        if isinstance(value, str) and is_dimension_name(name) and (not size or _DIGITS.fullmatch(size)):
            return name, int(size) if size else DEFAULT_SIZE
        expected = "a number, a name such as N, or a name with a size such as H=224"
        raise self.context.fault(
            "E0206", "a dimension is a number or a name", tree.span, found=quote(value), expected=expected
        )

    def _refuse_unrunnable(self, root: Node, spec: Spec) -> None:
        culprit = _not_callable(root)
        if culprit is not None:
            kind = "ModuleList" if isinstance(culprit, ModuleList) else "ModuleDict"
            message = f"PyTorch's {kind} has no forward, so it cannot be run here by itself"
            hint = "give it a name in a graph: model: {layers: {" + kind + ": …}}"
            raise self.context.fault("E0509", message, culprit.span, hint=hint)
        if isinstance(root, (Sequential, Leaf)) and spec.block.output_tree is not None:
            message = "`output` names nodes of a graph, and this model is none"
            raise self.context.fault("E0501", message, spec.block.output_tree.span, hint="give the nodes names")

    def _check_choices(self, graph: Graph) -> None:
        """Run the model on every key of every run-time string, the others at their first."""
        first = {name: keys[0] for name, keys in graph.choices if keys}
        for name, keys in graph.choices:
            for key in keys:
                self.context.selection = {**first, name: key}
                self._run_again(graph, called(graph.inputs, {}), f"when `{name}` is {quote(key)}")
        self.context.selection = first

    def _check_optional(self, graph: Graph) -> None:
        """Run the model without each input that may be left out."""
        for left_out in graph.inputs:
            if not left_out.optional or isinstance(left_out.type, NoneType):
                continue
            given = [NoneType() if item is left_out else item.type for item in graph.inputs]
            self._run_again(graph, Inputs(tuple(given)), f"when `{left_out.name}` is left out")

    def _run_again(self, graph: Graph, inputs: Inputs, circumstance: str) -> None:
        """Run the finished model with other inputs, and collect what it cannot take."""
        with self.context.inside(Note(message=circumstance)):
            try:
                rerun(graph.root, inputs, self.context)
            except Fault as fault:
                self.context.collect(fault)


def _dim_trees(item: InputDeclaration) -> list[Tree]:
    """Where the dimensions of an input stand."""
    shape = item.tree.get("shape") if isinstance(item.tree, TreeMapping) else item.tree
    return shape.items if isinstance(shape, TreeSequence) else [item.tree] * len(item.shape or ())


def called(inputs: tuple[Input, ...], sizes: Mapping[str, int]) -> Inputs:
    """What a model is called with when some of its named dimensions have other sizes."""
    return Inputs(tuple(_resized(item, sizes) for item in inputs))


def _resized(item: Input, sizes: Mapping[str, int]) -> Type:
    if not isinstance(item.type, TensorType) or sizes.keys().isdisjoint(item.dims):
        return item.type
    shape = tuple(
        size if name is None else sizes.get(name, size) for name, size in zip(item.dims, item.type.shape, strict=True)
    )
    return TensorType(shape, item.type.dtype)


def reruns(graph: Graph, *, registry: Registry, limits: Limits) -> Callable[[Mapping[str, int]], Fault | None]:
    """What runs the compiled model on meta with other sizes of named dimensions: None when it runs, or what does not.

    All runs share one budget.
    """
    context = rerun_context(graph, registry=registry, limits=limits)
    context.ran = {}
    checked = [item.type for item in graph.inputs]
    having: dict[str, list[int]] = {}
    for index, item in enumerate(graph.inputs):
        for name in filter(None, item.dims):
            having.setdefault(name, []).append(index)

    def run(sizes: Mapping[str, int]) -> Fault | None:
        given = [*checked]
        for name in sizes:
            for index in having[name]:
                given[index] = _resized(graph.inputs[index], sizes)
        try:
            rerun(graph.root, Inputs(tuple(given)), context)
        except LimitFault:
            raise
        except Fault as fault:
            return fault
        return None

    return run


def rerun_context(graph: Graph, *, registry: Registry, limits: Limits) -> Context:
    """What a finished graph is run again in: every run-time string is its first key."""
    context = _Elaboration(registry, limits, Collector()).context
    context.shapes.work = graph.work
    context.selection = {name: keys[0] for name, keys in graph.choices if keys}
    return context


def _blocks_in(root: Node) -> dict[str, object]:
    """The blocks of a tree by name, for the rules of `init` that match them."""
    return {node.name: node for _, node in walk(root) if isinstance(node, Block)}


def _not_callable(node: Node) -> ModuleList | ModuleDict | None:
    """The first module of a container that PyTorch could not call; graphs call theirs themselves."""
    if isinstance(node, (ModuleList, ModuleDict)):
        return node
    if isinstance(node, Sequential):
        return next((found for _, child in node.children if (found := _not_callable(child)) is not None), None)
    return None
