"""Emits the module: in comes a `Graph`, out goes the `nn.Module` that a careful engineer would have written by hand."""

import re
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from math import prod
from threading import Lock
from typing import Any, ClassVar, Self
from weakref import WeakValueDictionary

import torch
from torch import nn

from archspec.catalog.construct import LayerCall, construct
from archspec.catalog.registry import Registry, default_registry
from archspec.elaborate.buffers import computed_value
from archspec.elaborate.shapes import frozen
from archspec.emit.filenames import filename_of
from archspec.emit.forward import forward_function
from archspec.emit.initialise import apply_rules, fill
from archspec.emit.program import Compute, Operate, Program, Run, program_of
from archspec.graph.graph import Block, Graph, Leaf, ModuleDict, ModuleList, ModuleStep, Node, Sequential, TensorStep
from archspec.limits import Limits

__all__ = ["BlockModule", "class_of", "emit_module"]


class BlockModule(nn.Module):
    """The base of every generated class. Pickles by its program, so that it can be loaded where there is no spec."""

    _program: ClassVar[Program]  # no node can be called so: names begin with a letter

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle as an instance of a class that is made again on loading."""
        reduced: tuple[Any, ...] = super().__reduce_ex__(protocol)  # type: ignore[assignment] # never a string here
        return (_instance, (self._program,), *reduced[2:])

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy is of the same class, whatever registry that was made with."""
        copied = type(self).__new__(type(self))
        memo[id(self)] = copied
        copied.__setstate__(deepcopy(self.__dict__, memo))  # type: ignore[no-untyped-call] # torch gives it no types
        return copied


def _instance(program: Program) -> BlockModule:
    cls = class_of(program, default_registry())
    return cls.__new__(cls)


_WORD = re.compile(r"\w+")

# The registered functions that a program calls, by name.
_Functions = tuple[tuple[str, Callable[..., object]], ...]

# One class for each distinct program and what it calls, for as long as anything uses it.
_CLASSES: "WeakValueDictionary[tuple[Program, object, _Functions], type[BlockModule]]" = WeakValueDictionary()

# The last classes that were made stay although no model is left, for to write a `forward` takes longer than to make
# most of what it runs. Those that call functions of the caller, who may want them freed, do not, nor do long ones.
_LATEST: "deque[type[BlockModule]]" = deque(maxlen=64)
_LONG = 16 * 1024  # bytes of bytecode


def _constants(program: Program) -> object:
    """The constants of a program with their types: 1, 1.0 and True are equal, and are not the same in a `forward`."""
    return tuple(
        frozen(statement.constants if isinstance(statement, Run) else statement.arguments)
        for statement in program.statements
        if not isinstance(statement, Compute)
    )


def class_of(program: Program, registry: Registry) -> type[BlockModule]:
    """The class of a program: the same one for equal programs that call the same functions."""
    functions = _functions(program, registry)
    key = (program, _constants(program), functions)
    cls = _CLASSES.get(key)
    if cls is None:
        forward = forward_function(program, registry)
        namespace = {
            "_program": program,
            "forward": forward,
            "__doc__": program.doc or None,
            "__module__": __name__,
            "__qualname__": program.name,
        }
        cls = type(program.name, (BlockModule,), namespace)
        _CLASSES[key] = cls
        if not functions and len(forward.__code__.co_code) <= _LONG:
            _LATEST.append(cls)
    return cls


def _functions(program: Program, registry: Registry) -> _Functions:
    registered = registry.operation_functions
    named = {statement.operation for statement in program.statements if isinstance(statement, Operate)}
    formulas = [statement.text for statement in program.statements if isinstance(statement, Compute)]
    named |= {word for text in formulas for word in _WORD.findall(text)}
    return tuple((name, registered[name]) for name in sorted(named & registered.keys()))


def emit_module(  # noqa: PLR0913 - what `build` offers
    graph: Graph,
    *,
    registry: Registry,
    limits: Limits,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
    seed: int | None = None,
    blank: bool = False,
) -> nn.Module:
    """Make the module.

    Args:
        graph: what to make.
        registry: where its layers and operations are looked up.
        limits: `parameter_bytes` bounds what is allocated.
        device: where the parameters live; `meta` allocates nothing and draws no random numbers.
        dtype: of the floating-point parameters; None keeps PyTorch's default.
        seed: what `torch.manual_seed` is given first; the caller's own random state is put back afterwards. Threads
            that draw random numbers of their own meanwhile disturb it: PyTorch has one state for all.
        blank: whether the parameters and buffers that a checkpoint holds stay on `meta`, for who fills them all. What
            is in no checkpoint is made, and so are the layers of registered classes, which may hold anything.

    Raises:
        LimitFault: the parameters take more memory than the limit allows.
    """
    emitter = _Emitter(graph, registry, torch.device(device) if device is not None else None, dtype, blank=blank)
    if not emitter.is_meta:
        limits.check("parameter_bytes", _bytes(graph, dtype), graph.span, "bytes of parameters to allocate")
    if seed is None:
        return emitter.model()
    with _SEEDED:
        return _seeded(emitter, seed)


def _bytes(graph: Graph, dtype: torch.dtype | None) -> int:
    """What the parameters and buffers take, those of floating-point numbers in `dtype`."""
    if dtype is None:
        return graph.root.size.bytes
    kept = ((prod(state.shape), getattr(torch, state.dtype)) for _, state in graph.state())
    return sum(count * (dtype if own.is_floating_point else own).itemsize for count, own in kept)


# PyTorch has one random state for the whole process, so models with a seed are made one after the other.
_SEEDED = Lock()


def _seeded(emitter: "_Emitter", seed: int) -> nn.Module:
    devices = [emitter.device] if emitter.device is not None and emitter.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        return emitter.model()


_META = torch.device("meta")

_CONTAINERS = {Sequential: nn.Sequential, ModuleList: nn.ModuleList, ModuleDict: nn.ModuleDict}


class _Emitter:
    def __init__(
        self, graph: Graph, registry: Registry, device: torch.device | None, dtype: torch.dtype | None, *, blank: bool
    ) -> None:
        self.graph = graph
        self.registry = registry
        self.device = device
        self.dtype = dtype
        self.is_meta = device is not None and device.type == "meta"
        self.blank = blank
        self.classes: dict[int, type[BlockModule]] = {}
        self.computed: dict[int, torch.Tensor] = {}  # a block that is called often computes its buffers once

    def model(self) -> nn.Module:
        """The whole model."""
        module = self.node(self.graph.root)
        if not self.is_meta:
            apply_rules(module, self.graph.init, self.registry)
        for name, other in self.graph.tie:
            owner, _, parameter = name.rpartition(".")
            setattr(module.get_submodule(owner), parameter, module.get_parameter(other))
        return module

    def node(self, node: Node) -> nn.Module:
        """One module with everything below it."""
        module = self._make(node)
        if node.init and not self.is_meta:
            apply_rules(module, node.init, self.registry)
        return module

    def _make(self, node: Node) -> nn.Module:
        if isinstance(node, Leaf):
            device = _META if self.blank and not _has_registered(node, self.registry) else self.device
            return construct(self.registry, node.type, node.arguments, device, self.dtype)
        if isinstance(node, Block):
            return self._block(node)
        module: nn.Module = _CONTAINERS[type(node)]()
        for name, child in node.children:
            module.add_module(name, self.node(child))
        return module

    def _block(self, block: Block) -> nn.Module:
        cls = self.classes.get(id(block))
        if cls is None:
            self.classes[id(block)] = cls = class_of(program_of(block, filename_of(block.span.source)), self.registry)
        module = cls()
        for step in block.steps:
            if isinstance(step, TensorStep):
                self._tensor(module, step)
            elif isinstance(step, ModuleStep):
                module.add_module(step.name, self.node(step.node))
        return module

    def _tensor(self, module: nn.Module, step: TensorStep) -> None:
        state = step.state
        dtype: torch.dtype = getattr(torch, state.dtype)
        if self.dtype is not None and dtype.is_floating_point:
            dtype = self.dtype
        if self.blank and state.persistent:  # as all parameters are
            tensor = torch.empty(state.shape, dtype=dtype, device=_META)
        elif step.compute is not None and not self.is_meta:
            device = self.device or torch.get_default_device()
            if id(step) not in self.computed:
                self.computed[id(step)] = computed_value(step, self.registry)
            tensor = self.computed[id(step)].to(device=device, dtype=dtype, copy=True)
        elif step.value is not None and step.compute is None:
            tensor = torch.tensor(step.value, dtype=dtype, device=self.device)
        else:
            tensor = torch.empty(state.shape, dtype=dtype, device=self.device)
            if step.init is not None and not self.is_meta:
                fill(tensor, *step.init)
        if state.is_parameter:
            module.register_parameter(state.name, nn.Parameter(tensor))
        else:
            module.register_buffer(state.name, tensor, persistent=state.persistent)


def _has_registered(layer: Leaf | LayerCall, registry: Registry) -> bool:
    """Whether a layer, or one that it is given as an argument, is of a registered class."""
    found = registry.layer(layer.type)
    given = [value for _, value in layer.arguments if isinstance(value, LayerCall)]
    return (found is not None and found.is_registered) or any(_has_registered(item, registry) for item in given)
