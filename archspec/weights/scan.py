"""Scanning a pickle: in come its bytes, out goes what it says of tensors and where they are stored; nothing is run.

`torch.save` writes a small part of what pickles can be: names, numbers, mappings, and tensors as calls of a few
functions of torch. A machine for that part, with values that stand for tensors, reads it without making anything.
Whatever else a pickle asks for is refused before `torch.load` sees it.
"""

import pickletools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from archspec.diagnostic import quote

__all__ = ["Declared", "NotTensors", "Storage", "scan", "state_of"]

MOST_STEPS = 1_000_000  # one takes a microsecond or two; a tensor takes fifty
MOST_DIMENSIONS = 64
SHOWN_NAMES = 5

STATE_ALONE = "save model.state_dict() alone"

ITEM_SIZES: Mapping[str, int] = {
    "torch.BFloat16Storage": 2,
    "torch.BoolStorage": 1,
    "torch.ByteStorage": 1,
    "torch.CharStorage": 1,
    "torch.ComplexDoubleStorage": 16,
    "torch.ComplexFloatStorage": 8,
    "torch.DoubleStorage": 8,
    "torch.FloatStorage": 4,
    "torch.HalfStorage": 2,
    "torch.IntStorage": 4,
    "torch.LongStorage": 8,
    "torch.ShortStorage": 2,
}


class NotTensors(Exception):  # noqa: N818 - a verdict, which the reader of the file puts into words
    """The pickle is no mapping of names to tensors; the text says what it is, as the end of "it …"."""


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage as it is declared: its key in the file, its items, and the bytes of each."""

    key: str
    items: int
    item_size: int

    @property
    def bytes(self) -> int:
        """How many bytes it takes."""
        return self.items * self.item_size


@dataclass(frozen=True, slots=True)
class Declared:
    """A tensor as it is declared."""

    storage: Storage


@dataclass(frozen=True, slots=True)
class _Global:
    name: str


def scan(stream: IO[bytes]) -> object:
    """What the next pickle of a stream says, tensors as `Declared`; the stream is left behind it.

    Raises:
        NotTensors: it is no pickle, or one that holds more than names, numbers, mappings and tensors.
    """
    machine = _Machine()
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
            if step > MOST_STEPS:
                raise NotTensors(f"has more than {MOST_STEPS:,} steps")
            if opcode.name == "STOP":
                break
            machine.step(opcode.name, argument)
        return machine.stack.pop()
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, struct.error) as error:
        raise NotTensors("is no pickle, or broken") from error


def state_of(root: object) -> dict[str, Declared]:
    """The tensors by name.

    Raises:
        NotTensors: the pickle holds something else.
    """
    if not isinstance(root, dict):
        raise NotTensors("holds no mapping of names to tensors")
    others = [name for name, value in root.items() if not isinstance(value, Declared)]
    if not others:
        return root
    inner = [name for name in others if _is_state(root[name])]
    more = ", …" if len(others) > SHOWN_NAMES else ""
    listed = ", ".join(map(quote, others[:SHOWN_NAMES])) + more
    if inner:
        raise NotTensors(f"holds {listed}, and its tensors stand under {quote(inner[0])}; save that alone")
    raise NotTensors(f"holds {listed}, which are no tensors; {STATE_ALONE}")


def _is_state(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(item, Declared) for item in value.values())


class _Machine:
    """The stack and the memo of a pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do what one opcode says."""
        if name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name]())
        elif name in _VALUES:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        elif name not in ("PROTO", "FRAME"):
            raise NotTensors(f"holds more than tensors (it has the step `{name}`); {STATE_ALONE}")

    def above_mark(self) -> list[Any]:
        """Take what was pushed since the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def pop(self, count: int) -> list[Any]:
        """Take the last values."""
        if len(self.stack) < count:
            raise IndexError(count)
        items = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return items

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values into the mapping on the stack."""
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise TypeError(target)
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str):
                raise NotTensors("has keys that are no text")
            target[key] = value

    def append(self, items: list[Any]) -> None:
        """Put items into the list on the stack."""
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError(target)
        target.extend(items)

    def call(self) -> None:
        """Stand in for what a function would make."""
        function, arguments = self.pop(2)
        name = function.name if isinstance(function, _Global) else ""
        if name not in _CALLS:
            raise NotTensors(f"calls {quote(name or 'a value')}, which makes no tensor; {STATE_ALONE}")
        self.stack.append(_CALLS[name](arguments))

    def build(self) -> None:
        """Pass over attributes: those of a mapping of tensors are the versions of their modules."""
        target, _ = self.pop(2)
        if not isinstance(target, dict):
            raise NotTensors(f"holds an object with attributes; {STATE_ALONE}")
        self.stack.append(target)

    def name(self, module_and_name: str) -> None:
        """Keep the name of a function or class."""
        self.stack.append(_Global(module_and_name.replace(" ", ".")))

    def storage(self) -> None:
        """Read what is declared of a storage."""
        kind, *rest = self.stack.pop()
        if kind == "module":
            raise NotTensors(f"holds whole modules; {STATE_ALONE}")
        cls, key, _, items, *view = rest
        if kind != "storage" or not isinstance(cls, _Global) or any(part is not None for part in view):
            raise NotTensors("declares a storage in a way that is not known")
        if cls.name not in ITEM_SIZES:
            raise NotTensors(f"declares a storage of type {quote(cls.name)}; write it as safetensors")
        if not isinstance(key, str) or not _is_size(items):
            raise TypeError(key, items)
        self.stack.append(Storage(key, items, ITEM_SIZES[cls.name]))


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _tensor(arguments: tuple[Any, ...]) -> Declared:
    """`_rebuild_tensor(storage, offset, size, stride, …)`: a tensor that must lie within its storage."""
    storage, offset, size, stride = arguments[:4]
    sizes = (*size, *stride, offset)
    if not isinstance(storage, Storage) or len(size) != len(stride) or not all(map(_is_size, sizes)):
        raise TypeError(arguments)
    if len(size) > MOST_DIMENSIONS:
        raise NotTensors(f"declares a tensor of {len(size)} dimensions")
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True))
    if 0 not in size and last >= storage.items:
        raise NotTensors("declares a tensor that reaches beyond its storage")
    return Declared(storage)


def _parameter(arguments: tuple[Any, ...]) -> Declared:
    if not isinstance(arguments[0], Declared):
        raise TypeError(arguments)
    return arguments[0]


def _mapping(arguments: tuple[Any, ...]) -> dict[str, Any]:
    if arguments:
        raise TypeError(arguments)
    return {}


_CALLS: Mapping[str, Callable[[tuple[Any, ...]], object]] = {
    "collections.OrderedDict": _mapping,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
}

_CONSTANTS: Mapping[str, Callable[[], object]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "NONE": lambda: None,
    "NEWFALSE": lambda: False,
    "NEWTRUE": lambda: True,
}

_VALUES = frozenset(
    {
        *("BINFLOAT", "BININT", "BININT1", "BININT2", "LONG1"),
        *("BINUNICODE", "BINUNICODE8", "SHORT_BINUNICODE"),
    }
)

_STEPS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "APPEND": lambda machine, _: machine.append(machine.pop(1)),
    "APPENDS": lambda machine, _: machine.append(machine.above_mark()),
    "BINGET": lambda machine, index: machine.stack.append(machine.memo[index]),
    "BINPERSID": lambda machine, _: machine.storage(),
    "BINPUT": lambda machine, index: machine.memo.__setitem__(index, machine.stack[-1]),
    "BUILD": lambda machine, _: machine.build(),
    "GLOBAL": lambda machine, name: machine.name(name),
    "LONG_BINGET": lambda machine, index: machine.stack.append(machine.memo[index]),
    "LONG_BINPUT": lambda machine, index: machine.memo.__setitem__(index, machine.stack[-1]),
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "MEMOIZE": lambda machine, _: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    "REDUCE": lambda machine, _: machine.call(),
    "SETITEM": lambda machine, _: machine.set_items(machine.pop(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.above_mark()),
    "STACK_GLOBAL": lambda machine, _: machine.name(".".join(machine.pop(2))),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.above_mark())),
    "TUPLE1": lambda machine, _: machine.stack.append(tuple(machine.pop(1))),
    "TUPLE2": lambda machine, _: machine.stack.append(tuple(machine.pop(2))),
    "TUPLE3": lambda machine, _: machine.stack.append(tuple(machine.pop(3))),
}
