"""Reads nodes: in comes a tree, out goes a `Node` whose type is known; the key decides, so one mistake is one error."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from archspec.catalog.modules import Layer
from archspec.catalog.operations import Operation, sole_operation_argument
from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.spec.arguments import NO_ARGUMENTS, name_arguments, read_arguments
from archspec.spec.document import Block
from archspec.spec.elsewhere import ELSEWHERE
from archspec.spec.names import another_name, is_type_name, member_name_fault
from archspec.spec.node import (
    Arguments,
    BlockNode,
    CallNode,
    Child,
    ComputeNode,
    ContainerNode,
    GraphNode,
    GroupNode,
    LayerNode,
    ModuleArgument,
    Node,
    OperationNode,
    ParamNode,
    TensorNode,
    Wiring,
)
from archspec.spec.wiring import BESIDE_A_TYPE, MODES, WIRING_KEYS, found_in, read_wiring, refuse_keys
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Written, parse_expression, parse_for, parse_template, parse_written
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["Reader"]

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
TENSORS = ("Parameter", "Buffer")
SPECIAL = (*CONTAINERS, *TENSORS, "Graph", "compute", "call")
# These two name an operation too: alone in a node they are it, beside a type they are wiring.
ALSO_OPERATIONS = ("select", "repeat")
BLOCK_KEYS = ("name", "doc", "params", "let", "input", "inputs", "model", "output", "init")

ContainerKind = Literal["Sequential", "ModuleList", "ModuleDict"]
Common = dict[str, Any]
ValueReader = Callable[[str, Tree], Written]
BlockReader = Callable[[str, Mapping, "Reader"], Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads the nodes of one file. Faults are collected; a node that cannot be read at all raises `Fault`."""

    registry: Registry
    limits: Limits
    collector: Collector
    blocks: dict[str, Block]
    read_block: BlockReader

    def reporting_to(self, collector: Collector) -> "Reader":
        """The same reader for what is read later, when whoever validated the file has told its faults."""
        return replace(self, collector=collector)

    def read(self, tree: Tree) -> Node:
        """A node in any of its written forms.

        Raises:
            Fault: it is none of them.
        """
        if isinstance(tree, Sequence):
            return self._container("Sequential", tree, {"type": "Sequential", "tree": tree, "type_tree": tree})
        if isinstance(tree, Scalar):
            return self._bare(tree)
        return self._mapping(tree)

    def children(self, tree: Tree, owner: str) -> tuple[Child, ...]:
        """The children of a container or graph, named or not; those that cannot be read are collected and left out."""
        if isinstance(tree, Sequence):
            return tuple(child for item in tree.items if (child := self._child(None, item)) is not None)
        if isinstance(tree, Mapping):
            named = [self._child(key, value) for _, key, value in tree.items()]
            return tuple(child for child in named if child is not None)
        message = f"{owner} holds a list of nodes or a mapping of named nodes"
        is_module = self._knows(tree.text) and not self.registry.operation(tree.text)
        hint = f"put it into a list: [{tree.text}]" if is_module else ""
        raise Fault(Diagnostic(code="E0305", message=message, span=tree.span, found=found_in(tree), hint=hint))

    def is_node(self, tree: Mapping) -> bool:
        """Whether a mapping is one node, rather than named nodes."""
        types = [key for key in tree if key not in WIRING_KEYS]
        if len(types) != 1:
            return not types and ("do" in tree or any(key in tree for key in ALSO_OPERATIONS))
        return types[0].startswith("$") or (is_type_name(types[0]) and self._is_type(types[0], tree.get(types[0])))

    def _is_type(self, name: str, value: Tree | None) -> bool:
        if name in SPECIAL or name in self.blocks or self.registry.layer(name) is not None:
            return True
        # A misspelt type and a graph of one node in PascalCase look alike: what is below tells them apart.
        is_named_node = isinstance(value, (Scalar, Sequence)) or (isinstance(value, Mapping) and self.is_node(value))
        return not is_named_node

    def _child(self, key: Scalar | None, tree: Tree) -> Child | None:
        try:
            written = None if key is None else parse_template(key.text, key.span, self.limits)
            node = self.read(tree)
        except Fault as fault:
            self.collector.add(fault.diagnostic)
            return None
        if isinstance(written, str) and not isinstance(node, GroupNode) and (reason := member_name_fault(written)):
            assert key is not None
            message = f"{quote(written)} cannot be the name of a node: {reason}"
            hint = another_name(written)
            self.collector.add(Diagnostic(code="E0205", message=message, span=key.span, hint=hint))
            return None
        return Child(written, key, node)

    def _bare(self, tree: Scalar) -> Node:
        if not isinstance(tree.value, str) or not tree.value:
            message = "this is no node"
            expected = "a layer such as `ReLU`, a mapping such as `Linear: {out_features: 10}`, or a list of nodes"
            raise Fault(
                Diagnostic(code="E0305", message=message, span=tree.span, found=found_in(tree), expected=expected)
            )
        return self._typed(tree, None, {"type": tree.text, "tree": tree, "type_tree": tree})

    def _mapping(self, tree: Mapping) -> Node:
        type_key = self._type_key(tree)
        wiring = {name: value for name, _, value in tree.items() if name != type_key and name in WIRING_KEYS}
        type_tree = tree.entries[type_key][0]
        common: Common = {"type": type_key, "tree": tree, "type_tree": type_tree}
        common |= read_wiring(tree, wiring, self.limits, self.collector)
        if type_key == "do":
            return GroupNode(
                children=self.children(wiring["do"] if "do" in wiring else cast("Tree", tree.get("do")), "`do`"),
                **common,
            )
        return self._typed(type_tree, tree.get(type_key), common)

    def _type_key(self, tree: Mapping) -> str:
        types = [key for key in tree if key not in WIRING_KEYS]
        if not types and "do" in tree:
            return "do"
        if not types:
            types = [key for key in tree if key in ALSO_OPERATIONS]
        if len(types) == 1:
            return types[0]
        raise Fault(self._unclear_type(tree, types))

    def _unclear_type(self, tree: Mapping, types: list[str]) -> Diagnostic:
        if not types:
            expected = "a layer, block or operation beside the other keys"
            return Diagnostic(code="E0305", message="this node has no type", span=tree.span, expected=expected)
        self._refuse_cut(tree)
        if all(self._looks_like_node(cast("Tree", tree.get(key))) for key in types):
            message = f"these are {len(types)} named nodes where one node stands"
            hint = "put them into `Sequential: {…}` or `Graph: {…}`, or make each an item of its own"
            return Diagnostic(code="E0305", message=message, span=tree.entries[types[0]][0].span, hint=hint)
        known = [key for key in types if self._knows(key)]
        unknown = [key for key in types if key not in known]
        if len(known) == 1:
            key = tree.entries[unknown[0]][0]
            hint = did_you_mean(unknown[0], BESIDE_A_TYPE)
            if not hint and isinstance(tree.get(known[0]), (Scalar, type(None))):
                hint = f"an argument of {known[0]} goes inside braces: {known[0]}: {{{unknown[0]}: …}}"
            message = f"{quote(unknown[0])} is no key that can stand beside {known[0]}"
            fix = respelled(key.span, unknown[0], [name for name in BESIDE_A_TYPE if name not in tree])
            expected = ", ".join(BESIDE_A_TYPE)
            return Diagnostic(code="E0306", message=message, span=key.span, expected=expected, hint=hint, fix=fix)
        key = tree.entries[types[1]][0]
        message = f"a node has one type, this one has {len(types)}: {', '.join(quote(name) for name in types)}"
        hint = "named nodes in place are written `Graph: {…}` or `Sequential: {…}`; several nodes in order as a list"
        return Diagnostic(code="E0305", message=message, span=key.span, hint=hint)

    def _refuse_cut(self, tree: Mapping) -> None:
        """Refuse an expression that YAML cut off at a comma, of whose rest it made keys.

        Raises:
            Fault: E0405.
        """
        for name, _, value in tree.items():
            if not isinstance(value, Scalar):
                continue
            if name == "for":
                parse_for(value.text, value.span, self.limits)
            elif name == "when":
                parse_expression(value.text, value.span, self.limits)
            elif "$(" in value.text:
                parse_template(value.text, value.span, self.limits)

    def _looks_like_node(self, tree: Tree) -> bool:
        """Whether what stands behind a key reads as a node of its own rather than as arguments."""
        if isinstance(tree, Mapping):
            return self.is_node(tree)
        return isinstance(tree, Scalar) and isinstance(tree.value, str) and is_type_name(tree.text)

    def _knows(self, name: str) -> bool:
        if name in SPECIAL or name in self.blocks or name.startswith("$"):
            return True
        found = self.registry.layer(name) if is_type_name(name) else self.registry.operation(name)
        return found is not None

    def _typed(self, type_tree: Scalar, arguments: Tree | None, common: Common) -> Node:
        name = type_tree.text
        if name in CONTAINERS:
            return self._container(cast("ContainerKind", name), arguments, common)
        if name in SPECIAL:
            return self._special(name, type_tree, arguments, common)
        if name.startswith("$"):
            value = parse_template(name, type_tree.span, self.limits)
            return ParamNode(value=value, arguments_tree=arguments, reader=self, **common)
        if name in self.blocks:
            block = self.blocks[name]
            self._refuse_keys("a block", common)
            return BlockNode(block=block, arguments=self.block_arguments(block, arguments, type_tree), **common)
        if is_type_name(name):
            layer = self.registry.layer(name)
            if layer is None:
                raise Fault(self._unknown_type(type_tree))
            self._refuse_keys("a layer", common)
            return LayerNode(layer=layer, arguments=self.layer_arguments(layer, arguments, type_tree), **common)
        operation = self.registry.operation(name)
        if operation is None:
            raise Fault(self._unknown_type(type_tree))
        self._refuse_keys("an operation", common)
        return OperationNode(
            operation=operation, arguments=self.operation_arguments(operation, arguments, type_tree), **common
        )

    def _refuse_keys(self, kind: str, common: Common) -> None:
        refuse_keys(kind, common["tree"], common.get("wiring"), self.collector)

    def _unknown_type(self, type_tree: Scalar) -> Diagnostic:
        name = type_tree.text
        modules = [*self.blocks, *CONTAINERS, *TENSORS, "Graph", *self.registry.layer_names()]
        operations = ["compute", "call", *self.registry.operation_names()]
        if name.startswith("Lazy") and self.registry.layer(name[4:]) is not None:
            hint, fix = f"write `{name[4:]}` and leave out what the input decides: archspec infers it", None
        else:
            near, far = (modules, operations) if is_type_name(name) else (operations, modules)
            fix = respelled(type_tree.span, name, near) or respelled(type_tree.span, name, far)
            hint = did_you_mean(name, near) or did_you_mean(name, far)
            if fix is None and name in ELSEWHERE:
                hint = f"in PyTorch this is `{ELSEWHERE[name]}`"
            elif name in ("body", "model", "nodes"):
                hint = "the nodes of a loop or a group are written behind `do:`"
        kind = "layer or block" if is_type_name(name) else "operation"
        expected = (
            "a layer of torch.nn, a block of this file, or a registered module"
            if is_type_name(name)
            else "an operation on tensors, such as `add` or `flatten`"
        )
        message = f"there is no {kind} {quote(name)}"
        return Diagnostic(code="E0301", message=message, span=type_tree.span, expected=expected, hint=hint, fix=fix)

    def layer_arguments(self, layer: Layer, tree: Tree | None, type_tree: Scalar) -> Arguments:
        """The arguments of a layer, as written."""
        modules = {name for name, argument in layer.arguments.items() if argument.is_module}
        sole = layer.sole
        if not modules:
            return read_arguments(layer, sole, tree, type_tree, self.limits, self.collector)
        return read_arguments(
            layer, sole, tree, type_tree, self.limits, self.collector, read_value=self._value_reader(modules)
        )

    def operation_arguments(self, operation: Operation, tree: Tree | None, type_tree: Scalar) -> Arguments:
        """The arguments of an operation, as written."""
        sole = sole_operation_argument(operation) if tree is not None else None
        return read_arguments(operation, sole, tree, type_tree, self.limits, self.collector)

    def block_arguments(self, block: Block, tree: Tree | None, type_tree: Scalar) -> Arguments:
        """The arguments of a block: values of its params, checked in full once they are evaluated."""
        names = list(block.params)
        required = [param.name for param in block.params.values() if param.required]
        sole: str | list[str] | None = required or (names[0] if names else None)
        sole = sole[0] if isinstance(sole, list) and len(sole) == 1 else sole
        takes_list = lambda name, _: any(word in block.params[name].type for word in ("list", "any"))  # noqa: E731
        trees = name_arguments(block.name, names, sole, tree, type_tree, takes_list=takes_list)
        read = self._value_reader({param.name for param in block.params.values() if param.is_module})
        values = {}
        for name, value in trees.items():
            if name in block.params or not block.sound:
                values[name] = read(name, value)
                continue
            key = tree.entries[name][0] if isinstance(tree, Mapping) else value
            message = f"block `{block.name}` has no param {quote(name)}"
            expected = ", ".join(names) or "no params"
            hint, fix = did_you_mean(name, names), respelled(key.span, name, set(names) - set(trees))
            self.collector.add(
                Diagnostic(code="E0406", message=message, span=key.span, expected=expected, hint=hint, fix=fix)
            )
        return Arguments(values=values, trees=trees, constant=False) if values else NO_ARGUMENTS

    def param_value(self, tree: Tree, *, is_module: bool) -> Written:
        """A value for a param: a node where the param passes one."""
        if is_module and not (isinstance(tree, Scalar) and tree.value is None):
            return cast("Written", ModuleArgument(self.read(tree)))
        return parse_written(tree, self.limits)

    def _value_reader(self, modules: set[str]) -> ValueReader:
        return lambda name, tree: self.param_value(tree, is_module=name in modules)

    def _container(self, kind: ContainerKind, tree: Tree | None, common: Common) -> ContainerNode:
        wiring = cast("Wiring | None", common.get("wiring"))
        if tree is None or (isinstance(tree, Scalar) and tree.value is None):
            children: tuple[Child, ...] = ()
        elif kind == "ModuleDict" and not isinstance(tree, Mapping):
            message, expected = "a ModuleDict names its modules", "a mapping of named nodes"
            raise Fault(
                Diagnostic(code="E0305", message=message, span=tree.span, found=found_in(tree), expected=expected)
            )
        elif kind == "ModuleList" and isinstance(tree, Mapping) and not self.is_node(tree):
            message, hint = "a ModuleList numbers its modules", "write a list, or a ModuleDict to name them"
            raise Fault(Diagnostic(code="E0305", message=message, span=tree.span, found="names", hint=hint))
        else:
            children = self.children(tree, kind)
        if wiring is not None and wiring.mode is not None and wiring.mode not in MODES[kind]:
            expected = " or ".join(MODES[kind]) if kind != "Sequential" else "`hold`, or no `mode`: it is a chain"
            message = f"{kind} has no mode {quote(wiring.mode)}"
            self.collector.add(Diagnostic(code="E0304", message=message, span=wiring.span("mode"), expected=expected))
        if wiring is not None and wiring.select is not None and wiring.mode in ("branch", "hold"):
            message = f"`select` picks one module, and `mode: {wiring.mode}` picks none"
            span = cast("Mapping", common["tree"]).entries["select"][0].span
            self.collector.add(Diagnostic(code="E0306", message=message, span=span, hint="keep one of them"))
        elif wiring is not None and wiring.select is not None and kind != "ModuleDict":
            self.collector.add(
                Diagnostic(
                    code="E0506",
                    message=f"`select` picks from a ModuleDict, not from a {kind}",
                    span=wiring.span("select"),
                    hint="write a ModuleDict, which names its modules",
                )
            )
        numbered = tree is None or isinstance(tree, Sequence)
        return ContainerNode(kind=kind, children=children, numbered=numbered, **common)

    def _special(self, name: str, type_tree: Scalar, tree: Tree | None, common: Common) -> Node:
        kind = "a parameter or buffer" if name in TENSORS else {"Graph": "a graph"}.get(name, f"`{name}`")
        self._refuse_keys(kind, common)
        if name in TENSORS:
            values = parse_written(tree, self.limits) if tree is not None else {}
            if not isinstance(tree, Mapping) or not isinstance(values, dict):
                message = f"a {name} takes its arguments by name"
                found = "" if tree is None else found_in(tree)
                hint = f"write {name}: {{shape: […], init: zeros}}"
                span = (tree or type_tree).span
                raise Fault(Diagnostic(code="E0305", message=message, span=span, found=found, hint=hint))
            trees = {key: value for key, _, value in tree.items()}
            return TensorNode(arguments=Arguments(values=values, trees=trees, constant=False), **common)
        if name == "Graph":
            if not isinstance(tree, Mapping):
                message = "a Graph holds named nodes"
                raise Fault(
                    Diagnostic(
                        code="E0305",
                        message=message,
                        span=(tree or type_tree).span,
                        found="" if tree is None else found_in(tree),
                        expected="a mapping of named nodes",
                        hint="a list of nodes that run one after the other is a `Sequential`",
                    )
                )
            return GraphNode(body=self._graph_body(tree), **common)
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            expected = "an expression over nodes" if name == "compute" else "the name of a module"
            message = f"`{name}` takes {expected}"
            raise Fault(
                Diagnostic(
                    code="E0305",
                    message=message,
                    span=(tree or type_tree).span,
                    found="" if tree is None else found_in(tree),
                )
            )
        text = parse_template(tree.text, tree.span, self.limits)
        if name == "compute":
            return ComputeNode(text=text, text_tree=tree, **common)
        return CallNode(target=text, target_tree=tree, **common)

    def _graph_body(self, tree: Mapping) -> Block:
        if "model" in tree and all(key in BLOCK_KEYS for key in tree):
            return self.read_block("Graph", tree, self)
        return Block(name="Graph", body=self.children(tree, "a Graph"), tree=tree)
