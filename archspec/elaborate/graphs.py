"""Graphs: in come named nodes and the inputs of their block, out goes a `Block` of concrete steps in order."""

from dataclasses import replace
from math import prod

from archspec.diagnostic import quote
from archspec.elaborate.calls import Held, HeldContainer, HeldModule, call_step
from archspec.elaborate.containers import run_dict, run_list
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.members import Member, members, refuse_inside
from archspec.elaborate.repeat import text_of
from archspec.elaborate.scope import Scope
from archspec.elaborate.steps import compute_step, operation_step
from archspec.elaborate.tensors import tensor_step
from archspec.elaborate.wiring import Broken, Environment, Value, Wires
from archspec.errors import Fault
from archspec.graph.graph import (
    Block,
    Input,
    ModuleDict,
    ModuleStep,
    Node,
    Output,
    Ref,
    Size,
    Step,
    TensorStep,
    only_in_training,
)
from archspec.graph.types import DictType, TensorType, TextType, TupleType, Type, describe
from archspec.source import Span
from archspec.spec.document import Block as WrittenBlock
from archspec.spec.names import another_name, module_name_fault
from archspec.spec.node import CallNode, Child, ComputeNode, ContainerNode, OperationNode, TensorNode
from archspec.spec.patch import Patches
from archspec.syntax.tree import Mapping, Sequence, Tree

__all__ = ["elaborate_graph"]


def elaborate_graph(  # noqa: PLR0913 - a block's parts, and where it is
    block: WrittenBlock,
    children: tuple[Child, ...],
    scope: Scope,
    inputs: tuple[Input, ...],
    patches: Patches,
    context: Context,
) -> Block:
    """Every node of a graph, wired, with its shapes proved.

    Raises:
        Fault: something in it is wrong; everything that could be checked has been collected.
    """
    return _Wiring(block, scope, inputs, context).run(children, patches)


class _Wiring:
    """The state of one graph while its nodes are walked in order."""

    def __init__(self, block: WrittenBlock, scope: Scope, inputs: tuple[Input, ...], context: Context) -> None:
        self.block = block
        self.inputs = inputs
        self.context = context
        self.environment = Environment(context=context, inputs=tuple(item.name for item in inputs))
        self.scope = scope.inner({}, self.environment.size)
        self.steps: list[Step | str] = []
        self.fault: Fault | None = None
        self.held: dict[str, Held] = {}
        span = block.span
        for item in inputs:
            self.environment.values[item.name] = Value(Ref(item.name), item.type, span, used=True)
        self.environment.later = {child.name for child in _children(block) if isinstance(child.name, str)}

    def run(self, children: tuple[Child, ...], patches: Patches) -> Block:
        """Walk the nodes, then what the graph returns."""
        try:
            for member in members(children, self.scope, patches, self.context, numbered=False, keep_off=True):
                self._member(member)
        except Fault as fault:
            self._failed(fault)
        returns, output = self._returns()
        if self.fault is not None or returns is None or output is None:
            raise self.fault or self._empty()
        self._warn_unused()
        steps = self._finish_held()
        return Block(
            name=self.block.name,
            doc=self.block.doc,
            inputs=self.inputs,
            steps=tuple(steps),
            returns=returns,
            output=output,
            size=self._size(steps),
            span=self.block.span,
        )

    def _empty(self) -> Fault:
        """The fault of a graph in which nothing runs."""
        tree = self.block.tree
        model = tree.get("model") if isinstance(tree, Mapping) else None
        body = tree if model is None else model
        hint = "add nodes, such as `fc: {Linear: 10}`"
        return self.context.fault("E0305", f"{self.context.name()} has no nodes that run", body.span, hint=hint)

    def _failed(self, fault: Fault) -> None:
        self.context.collect(fault)
        self.fault = self.fault or fault

    def _member(self, member: Member) -> None:
        name, node = member.name, member.node
        span = node.span if member.item.child.name_tree is None else member.item.child.name_tree.span
        context = self.context
        self.environment.later.discard(name)
        context.path.append(name)
        try:
            if reason := module_name_fault(name):
                message = f"{quote(name)} cannot be the name of a node of a graph: {reason}"
                raise context.fault("E0205", message, span, hint=another_name(name))
            if name in {item.name for item in self.inputs}:
                message = f"`{name}` is an input of this graph, so no node can be called that"
                raise context.fault("E0308", message, span, hint="rename the node")
            if not member.on:
                self._off(member, span)
                return
            if member.node.wiring.mode == "hold":
                self._hold(member, span)
                return
            step, value = self._step(member, span)
            self.steps.append(step)
        except Fault as fault:
            self._failed(fault)
            value = Value(Ref(name), None, span, broken=True, used=True)
        except Broken:
            value = Value(Ref(name), None, span, broken=True, used=True)
        finally:
            context.path.pop()
        self.environment.values[name] = value
        if value.broken or (value.type is not None and not value.only_train):
            self.environment.before = name

    def _off(self, member: Member, span: Span) -> None:
        """A node that is switched off lets its one input pass, or names what stands in for it."""
        node, environment = member.node, self.environment
        if node.wiring.mode == "hold" or node.wiring.leaves_nothing:
            environment.values[member.name] = Value(Ref(member.name), None, span, absent=True, used=True)
            return
        if node.wiring.otherwise is not None:
            ref, value, kind = self._stand_in(member)
        else:
            wires = environment.wires(node, member.item.scope)
            refs = [*wires.refs, *(ref for _, ref in wires.keywords)]
            if len(refs) != 1:
                message = (
                    f"`{member.name}` is switched off by `when` and has {len(refs)} inputs, so one must stand in for it"
                )
                hint = f"add `else:` with the one that does, such as `else: {refs[0]}`" if refs else "add `else:`"
                raise self.context.fault("E0504", message, node.wiring.span("when") or span, hint=hint)
            ref, kind = refs[0], [*wires.inputs.positional, *(kind for _, kind in wires.inputs.keywords)][0]
            value = environment.values[ref.name]
        environment.values[member.name] = Value(ref, kind, span, only_train=value.only_train, used=True)
        environment.before = member.name

    def _stand_in(self, member: Member) -> tuple[Ref, Value, Type]:
        """What `else` names."""
        wiring = member.node.wiring
        span = wiring.span("else") or member.node.span
        assert wiring.otherwise is not None, "the caller looked"
        text = text_of(wiring.otherwise, member.item.scope, self.context)
        found = self.environment.resolve(text, span)
        if len(found) != 1:
            message = f"`else` names one node, and {quote(text)} matches {len(found)}"
            raise self.context.fault("E0501", message, span, hint="write the name of the one that stands in")
        return found[0]

    def _in_evaluation(self, step: Step, member: Member) -> Step:
        """The step with what stands in for it in evaluation, where `only: train` has an `else`."""
        wiring = member.node.wiring
        if isinstance(step, TensorStep) or not step.only_train or wiring.otherwise is None:
            return step
        ref, value, kind = self._stand_in(member)
        span = wiring.span("else") or member.node.span
        if value.only_train:
            message = f"`{ref}` runs in training only, so it cannot stand in for `{member.name}` in evaluation"
            raise self.context.fault("E0507", message, span, hint="name a node that runs in both")
        if kind != step.output:
            message = f"`{ref}` is {describe(kind)}, so it cannot stand in for `{member.name}` in evaluation"
            expected = "no value" if step.output is None else describe(step.output)
            raise self.context.fault("E0606", message, span, expected=expected)
        return replace(step, otherwise=ref)

    def _hold(self, member: Member, span: Span) -> None:
        """What is only held: its place in the tree is here, and what it is shows when it is called."""
        name, node, context = member.name, member.node, self.context
        if isinstance(node, ContainerNode) and node.kind != "Sequential":
            inside = members(node.children, member.item.scope, member.patches, context, numbered=node.numbered)
            self.held[name] = HeldContainer(node=node, members={item.name: item for item in inside})
        else:
            self.held[name] = HeldModule(member=member)
        self.environment.values[name] = Value(Ref(name), None, span, warn_unused=False)
        self.steps.append(name)

    def _finish_held(self) -> list[Step]:
        steps: list[Step] = []
        for step in self.steps:
            if isinstance(step, str):
                try:
                    with self.context.at(step):
                        made = self.held[step].finish(self.context)
                except Fault as fault:
                    self._failed(fault)
                    continue
                step = ModuleStep(name=step, node=made, inputs=None, output=None, span=made.span)  # noqa: PLW2901 - filled in
            steps.append(step)
        if self.fault is not None:
            raise self.fault
        return steps

    def _step(self, member: Member, span: Span) -> tuple[Step, Value]:
        node, scope, name, context = member.node, member.item.scope, member.name, self.context
        if isinstance(node, (TensorNode, ComputeNode, OperationNode, CallNode)):
            refuse_inside(node, member.patches, context)
        if isinstance(node, TensorNode):
            step: Step = tensor_step(name, node, scope, context)
        elif isinstance(node, ComputeNode):
            step = compute_step(name, node, scope, self.environment, context)
            self._check_train(node, [self.environment.values[ref.name] for _, ref in step.refs], context)
        elif isinstance(node, OperationNode):
            wires = self._wires(node, scope)
            step = operation_step(name, node, scope, wires, self.environment, context)
        elif isinstance(node, CallNode):
            step = call_step(name, node, scope, self._wires(node, scope), self.environment, self.held, context)
        else:
            step = self._module_step(member)
        step = self._in_evaluation(step, member)
        if step.output is not None:
            context.trail.append((context.where, step.output))
        value = Value(Ref(name), step.output, span, only_train=only_in_training(step))
        if isinstance(step, ModuleStep):
            value.made, value.written, value.scope = step.node, node, scope
            value.warn_unused = step.output is not None
        return step, value

    def _wires(self, node: OperationNode | CallNode | ContainerNode, scope: Scope) -> Wires:
        operation = node.operation if isinstance(node, OperationNode) else None
        if operation is not None and operation.required_tensors == 0 and node.wiring.sources is None:
            return Wires((), (), Inputs())
        wires = self.environment.wires(node, scope)
        refs = [*wires.refs, *(ref for _, ref in wires.keywords)]
        self._check_train(node, [self.environment.values[ref.name] for ref in refs], self.context)
        return wires

    @staticmethod
    def _check_train(
        node: OperationNode | CallNode | ContainerNode | ComputeNode, values: list[Value], context: Context
    ) -> None:
        absent = [value for value in values if value.only_train]
        if absent and not node.wiring.only_train:
            message = f"`{absent[0].ref.name}` runs in training only, so what reads it must too"
            raise context.fault("E0507", message, node.span, hint="add `only: train` here as well")

    def _module_step(self, member: Member) -> ModuleStep:
        node, scope = member.node, member.item.scope
        wires = self._wires(node, scope)  # type: ignore[arg-type] # every node has wiring
        made = self._made(member, wires.inputs)
        return ModuleStep(
            name=member.name,
            node=made,
            inputs=wires.refs,
            keywords=wires.keywords,
            constants=wires.inputs.constants,
            only_train=node.wiring.only_train,
            output=made.output,
            span=node.span,
        )

    def _made(self, member: Member, inputs: Inputs) -> Node:
        node, scope, context = member.node, member.item.scope, self.context
        if not isinstance(node, ContainerNode) or node.kind == "Sequential":
            return context.node(node, scope, inputs, member.patches)
        if node.kind == "ModuleList":
            return run_list(node, scope, inputs, member.patches, context)
        selection = self._selection(node, scope)
        if selection is None and node.wiring.mode != "branch":
            message = "a ModuleDict needs to know which of its modules to run"
            hint = "add `select: <input or key>`, `mode: branch` to run all, or `mode: hold` to run them with `call`"
            raise context.fault("E0506", message, node.span, hint=hint)
        made = run_dict(node, scope, inputs, member.patches, context, selection)
        if isinstance(made.select, Ref):
            self._register_keys(made, node)
        return made

    def _register_keys(self, made: ModuleDict, node: ContainerNode) -> None:
        """A run-time string can be any key that all dictionaries have which it selects in."""
        assert isinstance(made.select, Ref)
        kind = self.environment.values[made.select.name].type
        assert isinstance(kind, TextType)
        keys = [name for name, _ in made.children]
        known = self.context.choices.setdefault(kind.origin, keys)
        known[:] = [name for name in known if name in keys]
        if not known:
            message = f"`{kind.origin}` selects in several ModuleDicts, and there is no key that all of them have"
            span = node.wiring.span("select") or node.span
            raise self.context.fault("E0506", message, span, expected=", ".join(keys))

    def _selection(self, node: ContainerNode, scope: Scope) -> tuple[str | None, Ref | str] | None:
        if node.wiring.select is None:
            return None
        key = evaluate_written(node.wiring.select, scope, self.context.budget)
        if not isinstance(key, str):
            message = "`select` is the name of an input of type str, or a key"
            raise self.context.fault("E0506", message, node.wiring.span("select"), found=quote(key))
        value = self.environment.values.get(key)
        if value is None or not isinstance(value.type, TextType):
            return key, key
        value.used = True
        return self.context.selection.get(value.type.origin), value.ref

    def _returns(self) -> tuple[Output | None, Type | None]:
        tree = self.block.output_tree
        try:
            if tree is None:
                return self._last()
            written = evaluate_written(self.block.output, self.scope, self.context.budget)
            return self._named(written, tree)
        except Fault as fault:
            self._failed(fault)
        except Broken:
            pass
        return None, None

    def _last(self) -> tuple[Output | None, Type | None]:
        if self.environment.before is None:
            return None, None
        ref, _, kind = self.environment.resolve(self.environment.before, self.block.span)[0]
        return ref, kind

    def _named(self, written: object, tree: Tree) -> tuple[Output, Type]:
        """What `output` names; of several, those that are switched off and that nothing stands in for are left out."""
        resolve = self.environment.resolve
        if isinstance(written, dict) and isinstance(tree, Mapping):
            named = [(key, str(written[key]), part.span) for key, _, part in tree.items()]
            pairs = [(key, resolve(text, span)[0]) for key, text, span in named if not self._absent(text)]
            kinds = DictType(tuple((key, kind) for key, (_, _, kind) in pairs))
            return tuple((key, ref) for key, (ref, _, _) in pairs), kinds
        if isinstance(written, list) and isinstance(tree, Sequence):
            listed = [(str(text), part.span) for text, part in zip(written, tree.items, strict=True)]
            there = [(text, span) for text, span in listed if not self._absent(text)]
            found = [item for text, span in there for item in resolve(text, span)]
            if len(found) == 1 and len(there) < len(listed):
                return found[0][0], found[0][2]
            return tuple(ref for ref, _, _ in found), TupleType(tuple(kind for _, _, kind in found))
        if isinstance(written, str):
            ref, value, kind = resolve(written, tree.span)[0]
            if value.only_train:
                message = f"`{written}` runs in training only, so it cannot be the only output"
                raise self.context.fault(
                    "E0507", message, tree.span, hint=f"return it beside another: output: [logits, {written}]"
                )
            return ref, kind
        expected = "the name of a node, a list of names (a tuple), or a mapping of names (a dictionary)"
        raise self.context.fault(
            "E0501", "`output` names what is returned", tree.span, found=quote(written), expected=expected
        )

    def _absent(self, text: str) -> bool:
        value = self.environment.values.get(text)
        return value is not None and value.absent

    def _warn_unused(self) -> None:
        for name, value in self.environment.values.items():
            if not value.used and value.warn_unused and name != self.environment.before:
                hint = "remove it, or name it in a `from` or in `output`"
                self.context.warn("W0101", f"the result of `{name}` is never used", value.span, hint=hint)
            elif not value.used and name == self.environment.before and self.block.output_tree is not None:
                hint = "remove it, or name it in `output`"
                self.context.warn("W0101", f"the result of `{name}` is never used", value.span, hint=hint)

    def _size(self, steps: list[Step]) -> Size:
        nodes = [step.node for step in steps if isinstance(step, ModuleStep)]
        own = [step for step in steps if isinstance(step, TensorStep)]
        elements = sum(prod(step.state.shape) for step in own if step.state.is_parameter)
        size = sum(TensorType(step.state.shape, step.state.dtype).bytes for step in own)
        extra = Size(0, elements, size, 0)
        return self.context.total(nodes, self.block.span, extra)


def _children(block: WrittenBlock) -> tuple[Child, ...]:
    return block.body if isinstance(block.body, tuple) else ()
