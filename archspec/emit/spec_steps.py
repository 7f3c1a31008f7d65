"""Writes the steps of one block: in comes a `Block`, out go its named nodes, wired, and what it returns."""

import ast
import re
from collections.abc import Callable
from typing import Any, cast

from archspec.catalog.registry import Registry
from archspec.emit.spec_values import Entry, as_value, concrete, concrete_arguments, concrete_call
from archspec.emit.yaml_text import BlockMapping
from archspec.graph.graph import (
    Block,
    CallStep,
    ComputeStep,
    ModuleDict,
    ModuleList,
    ModuleStep,
    Node,
    OperationStep,
    Output,
    Ref,
    Step,
    TensorStep,
    only_in_training,
)
from archspec.graph.types import DictType
from archspec.spec.names import is_type_name
from archspec.spec.wiring import WIRING_KEYS

__all__ = ["write_steps"]

_DEFAULT_DTYPE = "float32"
_LONGEST_NAME = 60


def write_steps(block: Block, registry: Registry, node: Callable[[Node], Entry]) -> dict[str, Any]:
    """The keys `model` and, where it is not the last node, `output` of a block.

    Args:
        block: what to write.
        registry: the operations that its steps name.
        node: writes a module.

    Raises:
        LookupError: it uses a registered operation that is registered no longer.
    """
    return _Steps(block, registry, node).write()


class _Steps:
    """The named nodes as far as they are written.

    Attributes:
        before: the value that the next node reads when it does not say `from`, None while no node has one.
        default: all that it then reads; None where that is not plain, so that every node says it.
        stand_ins: the names that items of values were given.
    """

    def __init__(self, block: Block, registry: Registry, node: Callable[[Node], Entry]) -> None:
        self.block = block
        self.registry = registry
        self.node = node
        self.names = {item.name for item in (*block.inputs, *block.steps)}
        self.lines = BlockMapping()
        self.before: Ref | None = None
        self.default: tuple[Ref, ...] | None = tuple(Ref(item.name) for item in block.inputs)
        self.stand_ins: dict[Ref, str] = {}

    def write(self) -> dict[str, Any]:
        """All steps, then the output."""
        for step in self.block.steps:
            self.lines[step.name] = as_value(self._step(step))
            self._follow(step)
        if _reads_as_one_node(self.lines):
            self._stand_in(self.before or Ref(self.block.inputs[0].name))
        written: dict[str, Any] = {"model": self.lines}
        if self.block.returns != self.before:
            written["output"] = _output(self.block)
        return written

    def _follow(self, step: Step) -> None:
        """What the next node reads by default, after this one."""
        if step.output is not None and not only_in_training(step):
            self.before = Ref(step.name)
            self.default = (self.before,)
        elif self.before is None:
            self.default = None

    def _step(self, step: Step) -> Entry:
        if isinstance(step, TensorStep):
            return _tensor(step)
        entry = self._run(step)
        if step.only_train:
            entry["only"] = "train"
        if step.otherwise is not None:
            entry["else"] = str(step.otherwise)
        return entry

    def _run(self, step: ModuleStep | OperationStep | ComputeStep | CallStep) -> Entry:
        match step:
            case OperationStep():
                return self._operation(step)
            case ComputeStep():
                return {"compute": concrete(_formula(step))}
            case CallStep():
                return {"call": ".".join(step.target)} | self._wiring(step.inputs, step)
            case ModuleStep():
                entry = self.node(step.node)
                if step.inputs is not None:
                    entry |= self._wiring(step.inputs, step)
                elif not isinstance(step.node, (ModuleList, ModuleDict)):
                    entry["mode"] = "hold"
                return entry

    def _wiring(self, inputs: tuple[Ref, ...], step: ModuleStep | CallStep) -> dict[str, Any]:
        wiring = self._from(inputs)
        if step.keywords:
            wiring = {"from": {key: str(ref) for key, ref in step.keywords}}
        return wiring | ({"with": concrete_arguments(step.constants)} if step.constants else {})

    def _from(self, inputs: tuple[Ref, ...]) -> dict[str, Any]:
        if inputs == self.default:
            return {}
        return {"from": str(inputs[0]) if len(inputs) == 1 else [str(ref) for ref in inputs]}

    def _operation(self, step: OperationStep) -> Entry:
        sizes = {name: ref.name if not ref.items else self._stand_in(ref) for name, ref in step.sizes}
        entry: Entry = {step.operation: concrete_arguments(step.arguments, sizes)}
        operation = self.registry.operation(step.operation)
        if operation is None:
            raise LookupError(f"no operation is called {step.operation!r}; register it before writing")
        if None in step.inputs:
            named = zip(operation.tensors, step.inputs, strict=False)
            return entry | {"from": {name: str(ref) for name, ref in named if ref is not None}}
        if not step.inputs:
            return entry
        if operation.required_tensors == 0:  # without `from` it would read nothing
            return entry | {"from": [str(ref) for ref in step.inputs]}
        return entry | self._from(cast("tuple[Ref, ...]", step.inputs))

    def _stand_in(self, ref: Ref) -> str:
        """A name for a value that has none, from a node that is switched off: nothing of it is left in the model."""
        name = self.stand_ins.get(ref)
        if name is None:
            name = self.stand_ins[ref] = self._free_name(ref)
            self.lines[name] = {"Identity": {}, "when": False, "else": str(ref)}
            self.before, self.default = ref, (ref,)
        return name

    def _free_name(self, ref: Ref) -> str:
        items = "".join(f"_{item}" for item in ref.items) or "_"
        name = base = re.sub(r"\W", "_", ref.name + items, flags=re.ASCII)[:_LONGEST_NAME]
        number = 1
        while name in self.names:
            number += 1
            name = f"{base}_{number}"
        self.names.add(name)
        return name


def _reads_as_one_node(lines: BlockMapping) -> bool:
    """Whether named nodes could be taken for one node: their names are words of the language, or one is PascalCase."""
    types = [name for name in lines if name not in WIRING_KEYS]
    return bool(lines) and (not types or (len(types) == 1 and is_type_name(types[0])))


def _output(block: Block) -> Any:
    returns: Output = block.returns
    if isinstance(returns, Ref):
        return str(returns)
    if isinstance(block.output, DictType):
        return {key: str(ref) for key, ref in cast("tuple[tuple[str, Ref], ...]", returns)}
    return [str(ref) for ref in returns]


def _tensor(step: TensorStep) -> Entry:
    state = step.state
    arguments: dict[str, Any] = {}
    if step.value is None:
        arguments["shape"] = list(state.shape)
    else:
        arguments["value"] = concrete(step.value)
    if step.compute is not None:
        arguments["compute"] = concrete(step.compute)
    if step.init is not None:
        arguments["init"] = concrete_call(*step.init)
    if step.value is not None or state.dtype != _DEFAULT_DTYPE:
        arguments["dtype"] = state.dtype
    if not state.persistent:
        arguments["persistent"] = False
    return {"Parameter" if state.is_parameter else "Buffer": arguments}


def _formula(step: ComputeStep) -> str:
    """The text of a formula in which every name is that of the value itself."""
    refs = {name: ref for name, ref in step.refs if ref != Ref(name)}
    if not refs:
        return step.text
    return ast.unparse(_Resolved(refs).visit(ast.parse(step.text, mode="eval")))


class _Resolved(ast.NodeTransformer):
    """Names become the values they stand for; the names of operations stay."""

    def __init__(self, refs: dict[str, Ref]) -> None:
        self.refs = refs

    def visit_Call(self, node: ast.Call) -> ast.Call:
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        ref = self.refs.get(node.id)
        if ref is None:
            return node
        value: ast.expr = ast.Name(id=ref.name, ctx=ast.Load())
        for item in ref.items:
            value = ast.Subscript(value=value, slice=ast.Constant(value=item), ctx=ast.Load())
        return value
