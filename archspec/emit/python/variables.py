"""Variables: in comes a class, out goes the variable that holds each value in `forward`, as people reuse `x`."""

import builtins
from collections.abc import Collection, Iterator

from archspec.emit.python.running import is_called
from archspec.fold.design import (
    CallPart,
    Class,
    ComputePart,
    Container,
    Formula,
    ModulePart,
    OperationPart,
    Part,
    TensorPart,
)
from archspec.fold.naming import unused
from archspec.graph.graph import Ref

__all__ = ["reads", "runs", "select_of", "variables"]

_SHORT = 2
_PLAIN = ("out", "y", "z")
_INPUT = "input"


def runs(part: Part) -> bool:
    """Whether a part does something in `forward`."""
    return not (isinstance(part, TensorPart) or (isinstance(part, ModulePart) and part.inputs is None))


def reads(part: Part) -> Iterator[Ref]:
    """What a part reads, in the order in which it is written."""
    if isinstance(part, ModulePart | CallPart):
        yield from part.inputs or ()
        yield from (ref for _, ref in part.keywords)
        select = select_of(part)
        if isinstance(select, Ref):
            yield select
    elif isinstance(part, OperationPart):
        yield from (ref for ref in part.inputs if ref is not None)
        yield from _formulas(part.arguments)
    elif isinstance(part, ComputePart):
        yield from (ref for _, ref in part.formula.refs)
    if not isinstance(part, TensorPart):
        yield from (ref for ref in (part.otherwise, part.stand_in) if ref is not None)


def select_of(part: ModulePart | CallPart) -> Ref | str | None:
    """What picks a module of a ModuleDict."""
    design = part.design if isinstance(part, ModulePart) else part.shape
    design = getattr(design, "design", design)
    return design.select if isinstance(design, Container) else None


def _formulas(value: object) -> Iterator[Ref]:
    if isinstance(value, Formula):
        yield from (ref for _, ref in value.refs)
    elif isinstance(value, tuple):
        for item in value:
            yield from _formulas(item)


def _is_walked(part: Part) -> bool:
    """Whether `forward` walks the modules of a part itself, one after the other."""
    design = part.design if isinstance(part, ModulePart) else part.shape if isinstance(part, CallPart) else None
    return design is not None and not is_called(design)


def variables(cls: Class, reserved: Collection[str]) -> dict[str, str]:
    """The variable of each input and value, by its name; none is called as one of `reserved`."""
    return _Variables(cls, reserved).names


class _Variables:
    def __init__(self, cls: Class, reserved: Collection[str]) -> None:
        self.cls = cls
        self.parts = [part for part in cls.parts if runs(part)]
        self.readers: dict[str, list[int]] = {}
        for index, part in enumerate(self.parts):
            for ref in reads(part):
                readers = self.readers.setdefault(ref.name, [])
                if index not in readers:
                    readers.append(index)
        for ref in _returned(cls):
            self.readers.setdefault(ref.name, []).append(len(self.parts))
        self.index = {part.name: index for index, part in enumerate(self.parts)}
        self.names: dict[str, str] = {}
        self.taken = {*reserved}
        self._name()

    def _name(self) -> None:
        for name, _ in self.cls.inputs:
            self._give(name, "x" if name == _INPUT else name)
        for part in self.parts:
            before = self._takes_over(part)
            if before is not None:
                self.names[part.name] = self.names[before]
            else:
                self._give(part.name, self._wanted(part))

    def _give(self, name: str, wanted: str) -> None:
        self.names[name] = unused(wanted, self.taken)
        self.taken.add(self.names[name])

    def _takes_over(self, part: Part) -> str | None:
        """The value whose variable a part takes over: one that nothing else reads."""
        index = self.index[part.name]
        held = [ref.name for ref in reads(part) if self._is_held(ref.name)]
        if _is_walked(part):  # it works on in the variable of its first input, and the others are read again and again
            held = held[:1] if held and held[0] == next(reads(part)).name else []
        elif len({*held}) > 1 and (last := self._main(held, index)) is not None:
            return last
        return next((name for name in held if self.readers[name] == [index]), None)

    def _main(self, held: list[str], index: int) -> str | None:
        """Of several values, the one in the variable of the first input, if this is where it is read last."""
        main = next((self.names[name] for name, _ in self.cls.inputs), "")
        return next((name for name in held if self.names.get(name) == main and self.readers[name][-1] == index), None)

    def _is_held(self, name: str) -> bool:
        """Whether a value is in a variable that is always there, and that may be given another value."""
        optional = {name for name, missing in self.cls.inputs if missing}
        tensors = {item.name for item in self.cls.parts if isinstance(item, TensorPart)}
        return name not in optional | tensors and not self._in_training(name)

    def _in_training(self, name: str) -> bool:
        part = self.parts[self.index[name]] if name in self.index else None
        return part is not None and not isinstance(part, TensorPart) and part.only_train

    def _wanted(self, part: Part) -> str:
        """What the first variable of a chain of parts is called."""
        chain = [part]
        while (following := self._following(chain[-1])) is not None:
            chain.append(following)
        last = chain[-1]
        short = len(chain) <= _SHORT and not isinstance(last, ModulePart)
        if (len(chain) == 1 or short) and not hasattr(builtins, last.name):
            return last.name
        free = (name for name in _PLAIN if name not in self.taken)
        return next(free, last.name)

    def _following(self, part: Part) -> Part | None:
        readers = self.readers.get(part.name, [])
        if len(readers) != 1 or readers[0] >= len(self.parts):
            return None
        following = self.parts[readers[0]]
        return following if self._takes_over(following) == part.name else None


def _returned(cls: Class) -> Iterator[Ref]:
    returns = cls.returns
    for item in (returns,) if isinstance(returns, Ref) else returns:
        yield item if isinstance(item, Ref) else item[1]
