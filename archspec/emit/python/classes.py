"""Classes: in comes a class of the folded model, out goes its definition, docstring, `__init__` and `forward`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from archspec.catalog.registry import Registry
from archspec.emit.python.docstrings import docstring_of
from archspec.emit.python.formulas import written
from archspec.emit.python.forward import ForwardWriter
from archspec.emit.python.imports import Imports
from archspec.emit.python.initialising import Initialiser
from archspec.emit.python.making import Maker
from archspec.emit.python.operations import PlainOperations
from archspec.emit.python.shapes import Shapes
from archspec.emit.python.syntax import value_of
from archspec.emit.syntax import assign, attribute, call, constant, load, store
from archspec.fold.design import (
    TRUE,
    Class,
    Constant,
    Formula,
    GrowthPart,
    Initialised,
    ModulePart,
    Parameter,
    TensorPart,
    Value,
)

__all__ = ["ClassWriter"]

_SHORTEST_RANGE = 3
_VALUE = "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassWriter:
    """Writes the definition of classes, with what the whole file shares."""

    registry: Registry
    imports: Imports
    maker: Maker
    initialiser: Initialiser
    operations: PlainOperations
    shapes: Shapes

    def write(self, cls: Class, after: list[ast.stmt]) -> ast.ClassDef:
        """The definition; `after` are lines at the end of `__init__`."""
        forward = ForwardWriter(cls, self.registry, self.imports, self.operations, self.shapes)
        method = forward.function()
        body: list[ast.stmt] = [*docstring_of(cls.doc)]
        init = [*self._stored(forward.stored), *self._parts(cls), *self._rules(cls), *after]
        if init or cls.parameters:
            body.append(self._init(cls, init))
        body.append(method)
        return ast.ClassDef(name=cls.name, bases=[self.imports.nn("Module")], keywords=[], body=body, decorator_list=[])

    def _init(self, cls: Class, body: list[ast.stmt]) -> ast.FunctionDef:
        start = ast.Expr(value=call(attribute(call(load("super")), "__init__")))
        parameters = [ast.arg(arg="self"), *map(_parameter, cls.parameters)]
        defaults = [value_of(item.default, load) for item in cls.parameters if item.default is not None]
        args = ast.arguments(posonlyargs=[], args=parameters, kwonlyargs=[], kw_defaults=[], defaults=defaults)
        return ast.FunctionDef(
            name="__init__", args=args, body=[start, *body], decorator_list=[], returns=constant(None)
        )

    @staticmethod
    def _stored(stored: dict[str, str]) -> Iterator[ast.stmt]:
        for parameter, name in stored.items():
            yield assign(attribute(load("self"), name), load(parameter))

    def _parts(self, cls: Class) -> Iterator[ast.stmt]:
        for part in cls.parts:
            if isinstance(part, TensorPart):
                yield from self._tensor(part)
            elif isinstance(part, ModulePart):
                yield from self._module(part)
            elif isinstance(part, GrowthPart):
                yield self._growth(part)

    def _module(self, part: ModulePart) -> Iterator[ast.stmt]:
        place = attribute(load("self"), part.name)
        design = part.design
        lines: list[ast.stmt] = []
        if isinstance(design, Initialised):
            lines += self.initialiser.lines(design.rules, place)
            design = design.design
        lines.insert(0, assign(place, self.maker.make(design)))
        if part.present == TRUE:
            yield from lines
            return
        yield assign(place, constant(None))
        yield ast.If(test=value_of(part.present, load), body=lines, orelse=[])

    def _growth(self, part: GrowthPart) -> ast.stmt:
        """Children of one class that are added one by one."""
        number: ast.expr = load("i")
        if part.start:
            number = ast.BinOp(left=number, op=ast.Add(), right=constant(part.start))
        name = ast.JoinedStr(values=[constant(part.prefix), ast.FormattedValue(value=number, conversion=-1)])
        made = self.maker.grown(part)
        line = ast.Expr(value=call(attribute(load("self"), "add_module"), [name, made]))
        count = call(load("range"), [value_of(part.count, load)])
        return ast.For(target=store("i"), iter=count, body=[line], orelse=[])

    def _rules(self, cls: Class) -> Iterator[ast.stmt]:
        if cls.rules:
            yield from self.initialiser.lines(cls.rules, load("self"))

    def _tensor(self, part: TensorPart) -> Iterator[ast.stmt]:
        """A parameter or a buffer, filled."""
        place = attribute(load("self"), part.name)
        lines, tensor, is_filled = self._content(part)
        yield from lines
        if part.is_parameter:
            yield assign(place, call(self.imports.nn("Parameter"), [tensor]))
        else:
            keywords = {} if part.persistent else {"persistent": constant(value=False)}
            yield ast.Expr(
                value=call(attribute(load("self"), "register_buffer"), [constant(part.name), tensor], keywords)
            )
        if part.initialiser is not None and not is_filled:
            yield ast.Expr(value=self.initialiser.fill(part.initialiser, place, dict(part.arguments)))

    def _content(self, part: TensorPart) -> tuple[list[ast.stmt], ast.expr, bool]:
        """Lines to run before, the tensor, and whether it is filled already."""
        if part.initialiser is None:
            return (*self._given(part), True)
        plain = part.initialiser in ("zeros", "ones")
        dtype = {} if part.dtype == "float32" else {"dtype": self.imports.torch(part.dtype)}
        sizes = [value_of(size, load) for size in part.shape]
        args = sizes or [ast.Tuple(elts=[], ctx=ast.Load())]
        return [], call(self.imports.torch(part.initialiser if plain else "empty"), args, dtype), plain

    def _given(self, part: TensorPart) -> tuple[list[ast.stmt], ast.expr]:
        """A buffer that starts from a value."""
        start = self._start(part.value, None if part.compute is not None else part.dtype)
        if part.compute is None:
            return [], start
        read = sum(isinstance(node, ast.Name) and node.id == _VALUE for node in ast.walk(ast.parse(part.compute.text)))
        lines: list[ast.stmt] = [assign(store(_VALUE), start)] if read != 1 else []
        made = self._computed(part.compute, load(_VALUE) if lines else start)
        for method, argument in part.after:
            made = call(attribute(made, method), [self.imports.torch(argument)] if argument else [])
        return lines, made

    def _start(self, value: Value, dtype: str | None) -> ast.expr:
        if isinstance(value, Constant) and _counts(value.value) and dtype in (None, "int64"):
            assert isinstance(value.value, tuple)
            return call(self.imports.torch("arange"), [constant(len(value.value))])
        keywords = {} if dtype in (None, _natural(value)) else {"dtype": self.imports.torch(str(dtype))}
        return call(self.imports.torch("tensor"), [_listed(value_of(value, load))], keywords)

    def _computed(self, formula: Formula, start: ast.expr) -> ast.expr:
        tree = ast.parse(formula.text, mode="eval").body
        return written(tree, formula, lambda _: start, load, self.operations, self.registry)


def _parameter(item: Parameter) -> ast.arg:
    return ast.arg(arg=item.name, annotation=ast.Name(id=item.type, ctx=ast.Load()))


def _counts(value: object) -> bool:
    """Whether a value counts up from 0."""
    plain = isinstance(value, tuple) and all(type(item) is int for item in value)
    return plain and len(value) >= _SHORTEST_RANGE and [*value] == [*range(len(value))]  # type: ignore[arg-type, misc]


def _natural(value: Value) -> str | None:
    """The dtype that `torch.tensor` gives to a value, if that is plain to see."""
    found = value.value if isinstance(value, Constant) else None
    while isinstance(found, tuple) and found:
        kinds = {type(item) for item in found}
        found = found[0] if len(kinds) == 1 else None
    return {bool: "bool", int: "int64", float: "float32"}.get(type(found))


def _listed(value: ast.expr) -> ast.expr:
    """Tuples as lists, which people write for the content of tensors."""
    if isinstance(value, ast.Tuple):
        return ast.List(elts=[_listed(item) for item in value.elts], ctx=ast.Load())
    return value
