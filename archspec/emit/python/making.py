"""Making modules: in comes a design, out goes the expression that makes it."""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from archspec.catalog.registry import Registry
from archspec.emit.python.imports import Imports
from archspec.emit.python.registered import Imported
from archspec.emit.python.syntax import value_of
from archspec.emit.syntax import call, constant, load, store
from archspec.fold.design import (
    Class,
    Constant,
    Container,
    Design,
    GrowthPart,
    Initialised,
    Instance,
    Item,
    Layer,
    Member,
    Rule,
    Run,
    Steps,
    Use,
    Value,
    mapped,
)
from archspec.fold.naming import unused

__all__ = ["Maker"]

# People write the sizes that a layer maps between by position, `nn.Conv2d(3, 64, kernel_size=11)`, and name the rest.
_BY_POSITION = 2
_SHORTEST_RANGE = 3
Helper = Callable[[tuple[Rule, ...]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Writes the expressions that make modules; `helper` names the function that applies the rules of one."""

    registry: Registry
    imports: Imports
    classes: Mapping[str, Class]
    registered: Mapping[str, Imported]
    helper: Helper

    def make(self, design: Design) -> ast.expr:
        """The expression that makes a module."""
        match design:
            case Layer():
                return call(self.type(design.type), *self.arguments(design))
            case Instance():
                return call(load(design.cls), *self._instance(design))
            case Initialised():
                return call(load(self.helper(design.rules)), [self.make(design.design)])
            case Container():
                return call(self.imports.nn(design.kind), *self.members(design))

    def type(self, name: str) -> ast.expr:
        """The class of a layer."""
        layer = self.registry.layer(name)
        if layer is not None and layer.is_registered:
            own = self.registered[name]
            return self.imports.other(own.module, own.name, own.local)
        return self.imports.nn(name)

    def arguments(self, design: Layer) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The arguments of a layer, without those that are as by default."""
        layer = self.registry.layer(design.type)
        known = {} if layer is None else layer.arguments
        required = [name for name, item in known.items() if item.required][:_BY_POSITION]
        first = [name for name in required if layer is not None and name in layer.positional]
        given = {
            name: self._value(value) for name, value in design.arguments if not _is_default(known.get(name), value)
        }
        return [given.pop(name) for name in first if name in given], given

    def _instance(self, design: Instance) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The arguments of a class of the file: those that it requires by position."""
        given = dict(design.arguments)
        parameters = self.classes[design.cls].parameters
        args = [self._value(given[item.name]) for item in parameters if item.default is None]
        keywords = {
            item.name: self._value(given[item.name])
            for item in parameters
            if item.default is not None and item.default != given[item.name]
        }
        return args, keywords

    def grown(self, part: GrowthPart) -> ast.expr:
        """One of the children of a growing block, the one with the number `i`."""
        return self.make(Instance(part.cls, part.arguments))

    def _value(self, value: object) -> ast.expr:
        if isinstance(value, Layer):
            return self.make(value)
        if isinstance(value, Steps):
            step = ast.BinOp(left=value_of(value.step, load), op=ast.Mult(), right=load("i"))
            return ast.BinOp(left=value_of(value.start, load), op=ast.Add(), right=step)
        if isinstance(value, _Loop):
            return load(value.name)
        if isinstance(value, tuple):
            return ast.Tuple(elts=[self._value(item) for item in value], ctx=ast.Load())
        return value_of(value, load)

    def members(self, design: Container) -> tuple[list[ast.expr], dict[str, ast.expr]]:
        """The arguments that make a container: its children."""
        if design.kind == "ModuleDict":
            return [self._dictionary(design)], {}
        if design.kind == "Sequential" and not design.numbered:
            return [self._ordered(design)], {}
        items = [self._numbered(member) for member in design.members]
        if design.kind == "Sequential":
            return items, {}
        only = items[0].value if len(items) == 1 and isinstance(items[0], ast.Starred) else None
        return [only if only is not None else ast.List(elts=items, ctx=ast.Load())] if items else [], {}

    def _numbered(self, member: Member | Run) -> ast.expr:
        if isinstance(member, Member):
            return self.make(member.design)
        made, loop = self._loop(member)
        return ast.Starred(value=ast.GeneratorExp(elt=made, generators=[loop]), ctx=ast.Load())

    def _ordered(self, design: Container) -> ast.expr:
        """Named children, in an `OrderedDict`."""
        ordered = self.imports.standard("collections", "OrderedDict")
        members = design.members
        if all(isinstance(member, Member) and member.name.isidentifier() for member in members):
            return call(
                ordered, [], {item.name: self.make(item.design) for item in members if isinstance(item, Member)}
            )
        pairs: list[ast.expr] = []
        for member in members:
            if isinstance(member, Member):
                pairs.append(ast.Tuple(elts=[constant(member.name), self.make(member.design)], ctx=ast.Load()))
            else:
                name, made, loop = self._named(member)
                pair = ast.Tuple(elts=[name, made], ctx=ast.Load())
                pairs.append(ast.Starred(value=ast.GeneratorExp(elt=pair, generators=[loop]), ctx=ast.Load()))
        if len(pairs) == 1 and isinstance(pairs[0], ast.Starred):
            return call(ordered, [pairs[0].value])
        return call(ordered, [ast.List(elts=pairs, ctx=ast.Load())])

    def _dictionary(self, design: Container) -> ast.expr:
        if len(design.members) == 1 and isinstance(design.members[0], Run):
            name, made, loop = self._named(design.members[0])
            return ast.DictComp(key=name, value=made, generators=[loop])
        singles = [single for member in design.members for single in _singles(member)]
        keys: list[ast.expr | None] = [constant(single.name) for single in singles]
        return ast.Dict(keys=keys, values=[self.make(single.design) for single in singles])

    def _loop(self, run: Run) -> tuple[ast.expr, ast.comprehension]:
        """What makes each child of a run, and the loop around it."""
        if not run.columns:
            counts = call(load("range"), [self._value(run.count)])
            return self.make(run.design), _comprehension(store("_"), counts)
        names = _loop_names(run)
        design = mapped(run.design, lambda value: _Loop(names[value.column]) if isinstance(value, Item) else value)
        return self.make(design), _comprehension(*self._columns(run, names))

    def _columns(self, run: Run, names: list[str]) -> tuple[ast.expr, ast.expr]:
        """What a loop assigns to, and what it goes through."""
        targets: list[ast.expr] = [store(name) for name in names]
        if len(names) == 1:
            return targets[0], self._column(run.columns[0])
        columns = [column.value for column in run.columns if isinstance(column, Constant)]
        if len(columns) == len(names):
            rows = [constant(tuple(row)) for row in zip(*columns, strict=True)]
            return ast.Tuple(elts=targets, ctx=ast.Store()), ast.List(elts=rows, ctx=ast.Load())
        pairs = call(load("zip"), [self._column(column) for column in run.columns], {"strict": constant(value=True)})
        return ast.Tuple(elts=targets, ctx=ast.Store()), pairs

    def _column(self, column: object) -> ast.expr:
        values = column.value if isinstance(column, Constant) else None
        if isinstance(values, tuple) and (steps := _range(values)):
            return call(load("range"), [constant(step) for step in steps])
        if isinstance(values, tuple):
            return ast.List(elts=[constant(value) for value in values], ctx=ast.Load())
        return self._value(column)

    def _named(self, run: Run) -> tuple[ast.expr, ast.expr, ast.comprehension]:
        """The name of each child of a run, what makes it, and the loop around both."""
        name = ast.JoinedStr(values=[constant(run.prefix), ast.FormattedValue(value=load("i"), conversion=-1)])
        if not run.columns:
            bounds: list[ast.expr] = [self._value(run.count)]
            if run.start:
                bounds = [constant(run.start), _plus(run.start, run.count, bounds[0])]
            return name, self.make(run.design), _comprehension(store("i"), call(load("range"), bounds))
        names = _loop_names(run)
        design = mapped(run.design, lambda value: _Loop(names[value.column]) if isinstance(value, Item) else value)
        target, values = self._columns(run, names)
        start = {"start": constant(run.start)} if run.start else {}
        pair = ast.Tuple(elts=[store("i"), target], ctx=ast.Store())
        return name, self.make(design), _comprehension(pair, call(load("enumerate"), [values], start))


class _Loop:
    """A variable of a loop, in the place of a value."""

    def __init__(self, name: str) -> None:
        self.name = name


def _loop_names(run: Run) -> list[str]:
    """What the variables of a run's loop are called: by the parameters that they are given to."""
    design = run.design.design if isinstance(run.design, Initialised) else run.design
    assert isinstance(design, Instance), "only instances of classes vary within a run"
    names = {value.column: name for name, value in reversed(design.arguments) if isinstance(value, Item)}
    taken: set[str] = set()
    mapped(design, lambda value: taken.add(value.name) if isinstance(value, Use) else value)
    for column in range(len(run.columns)):
        names[column] = unused(names[column], taken)
        taken.add(names[column])
    return [names[column] for column in range(len(run.columns))]


def _singles(member: Member | Run) -> Iterator[Member]:
    """The children that a run stands for, one by one."""
    if isinstance(member, Member):
        yield member
        return
    assert isinstance(member.count, Constant)
    assert isinstance(member.count.value, int)
    for index in range(member.count.value):
        yield Member(f"{member.prefix}{member.start + index}", _single(member, index))


def _single(run: Run, index: int) -> Design:
    """One child of a run."""

    def of_row(value: Value) -> Value:
        if not isinstance(value, Item):
            return value
        column = run.columns[value.column]
        assert isinstance(column, Constant)
        assert isinstance(column.value, tuple)
        return Constant(column.value[index])

    made: Design = mapped(run.design, of_row)
    return made


def _plus(start: int, count: object, written: ast.expr) -> ast.expr:
    if isinstance(count, Constant) and isinstance(count.value, int):
        return constant(start + count.value)
    return ast.BinOp(left=constant(start), op=ast.Add(), right=written)


def _comprehension(target: ast.expr, iterable: ast.expr) -> ast.comprehension:
    return ast.comprehension(target=target, iter=iterable, ifs=[], is_async=0)


def _range(values: tuple[object, ...]) -> tuple[int, ...]:
    """The arguments of a `range` that gives these values; nothing when none does."""
    whole = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    if len(whole) < len(values) or len(whole) < _SHORTEST_RANGE:
        return ()
    step = whole[1] - whole[0]
    if step == 0 or [*range(whole[0], whole[0] + step * len(whole), step)] != whole:
        return ()
    bounds = (whole[0], whole[-1] + (1 if step > 0 else -1))
    return (*bounds, step) if step != 1 else bounds if whole[0] else bounds[1:]


def _is_default(argument: object, value: object) -> bool:
    """Whether an argument is as it would be without being given."""
    return argument is not None and not argument.required and Constant(argument.default) == value  # type: ignore[attr-defined]
