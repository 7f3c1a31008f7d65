"""Writes `forward` for readers: in comes a class of the folded model, out goes the method as `ast` nodes."""

import ast
from collections.abc import Iterator

from archspec.catalog.registry import Registry
from archspec.emit.python.formulas import sizes, written
from archspec.emit.python.imports import Imports
from archspec.emit.python.layout import Commented
from archspec.emit.python.operations import PlainOperations
from archspec.emit.python.running import Call, Runner, is_called
from archspec.emit.python.shapes import Shapes
from archspec.emit.python.syntax import member, value_of
from archspec.emit.python.variables import reads, runs, select_of, variables
from archspec.emit.syntax import assign, attribute, constant, load, store, subscript
from archspec.fold.design import (
    TRUE,
    CallPart,
    Class,
    ComputePart,
    Formula,
    GrowthPart,
    ModulePart,
    OperationPart,
    Part,
    TensorPart,
)
from archspec.fold.naming import unused
from archspec.graph.graph import Ref
from archspec.graph.types import TensorType

__all__ = ["ForwardWriter"]


class ForwardWriter:
    """Writes the `forward` of one class; `stored` are the parameters of `__init__` that it reads, with their names."""

    def __init__(
        self, cls: Class, registry: Registry, imports: Imports, operations: PlainOperations, shapes: Shapes
    ) -> None:
        """Nothing is written before `function`."""
        self.cls = cls
        self.registry = registry
        self.imports = imports
        self.shapes = shapes
        self.operations = operations
        self.variables = variables(cls, operations.reserved)
        self.taken = {*self.variables.values()}
        self.runner = Runner(self._fresh)
        self.types = dict(cls.types)
        self.tensors = {part.name for part in cls.parts if isinstance(part, TensorPart)}
        self.stored: dict[str, str] = {}
        self.items = _common_items(cls)

    def function(self) -> ast.FunctionDef:
        """The method."""
        parts = [part for part in self.cls.parts if runs(part)]
        body: list[ast.stmt] = []
        for part in parts:
            body += self._part(part)
        body += self._returns()
        parameters = [ast.arg(arg="self")]
        for name, _ in self.cls.inputs:
            parameters.append(ast.arg(arg=self.variables[name], annotation=self._hint(name)))
        optional = [index for index, (_, missing) in enumerate(self.cls.inputs) if missing]
        defaults = len(self.cls.inputs) - optional[0] if optional else 0
        args = ast.arguments(
            posonlyargs=[],
            args=parameters,
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[constant(None) for _ in range(defaults)],
        )
        return ast.FunctionDef(
            name="forward", args=args, body=_inlined(body), decorator_list=[], returns=self._result()
        )

    def _fresh(self, wanted: str) -> str:
        name = unused(wanted, self.taken)
        self.taken.add(name)
        return name

    def _hint(self, name: str) -> ast.expr | None:
        optional = dict(self.cls.inputs)[name]
        if self._is_tensor(name):
            tensor = self.imports.tensor()
            return ast.BinOp(left=tensor, op=ast.BitOr(), right=constant(None)) if optional else tensor
        return None

    def _result(self) -> ast.expr | None:
        if not isinstance(self.cls.returns, Ref):
            return None
        return self.imports.tensor() if not self.cls.returns.items and self._is_tensor(self.cls.returns.name) else None

    def _is_tensor(self, name: str) -> bool:
        return name in self.cls.tensors

    def _part(self, part: Part) -> Iterator[ast.stmt]:
        """The lines of one part."""
        assert not isinstance(part, TensorPart)
        name = self.variables[part.name]
        if isinstance(part, GrowthPart):
            yield from self._growth(part, name)
            return
        lines, value = self._value(part)
        if item := self.items.get(part.name):
            for key in item:
                value = subscript(value, key)
        if part.only_train:
            body = [*lines, assign(store(name), value)]
            other = None if part.otherwise is None else self.value(part.otherwise)
            orelse: list[ast.stmt] = [] if other is None or _same(other, name) else [assign(store(name), other)]
            yield ast.If(test=attribute(load("self"), "training"), body=body, orelse=orelse)
        elif part.present != TRUE:
            yield from self._optional(part, name, lines, value)
        else:
            yield from lines
            if not _same(value, name):
                yield self._commented(assign(store(name), value), part)

    def _growth(self, part: GrowthPart, name: str) -> Iterator[ast.stmt]:
        """Each child reads what all before it gave."""
        assert part.base is not None
        features, layer = self._fresh("features"), self._fresh("layer")
        operation = self.registry.operation("cat")
        assert operation is not None, "it is in the table"
        arguments = {key: self._constant(value) for key, value in part.join}
        joined = self.operations.function(operation)
        keywords = [ast.keyword(arg=key, value=value) for key, value in arguments.items()]
        whole = ast.Call(func=joined, args=[load(features)], keywords=keywords)
        one = ast.Call(func=load(layer), args=[whole], keywords=[])
        line = ast.Expr(value=ast.Call(func=attribute(load(features), "append"), args=[one], keywords=[]))
        children = ast.Call(func=attribute(load("self"), "children"), args=[], keywords=[])
        yield assign(store(features), ast.List(elts=[self.value(part.base)], ctx=ast.Load()))
        yield ast.For(target=store(layer), iter=children, body=[line], orelse=[])
        yield assign(store(name), whole)

    def _optional(self, part: Part, name: str, lines: list[ast.stmt], value: ast.expr) -> Iterator[ast.stmt]:
        """A part that not every instance has: without it, its value is what stands in."""
        assert not isinstance(part, TensorPart)
        assert part.stand_in is not None
        passed = self.value(part.stand_in)
        test = self._presence(part)
        if lines or _same(passed, name):
            orelse: list[ast.stmt] = [] if _same(passed, name) else [assign(store(name), passed)]
            yield ast.If(test=test, body=[*lines, assign(store(name), value)], orelse=orelse)
        else:
            yield assign(store(name), ast.IfExp(test=test, body=value, orelse=passed))

    def _presence(self, part: Part) -> ast.expr:
        """What tells whether this instance has a part."""
        if isinstance(part, ModulePart):
            module = attribute(load("self"), part.name)
            return ast.Compare(left=module, ops=[ast.IsNot()], comparators=[constant(None)])
        return self._constant(part.present)

    def _commented(self, line: ast.stmt, part: Part) -> ast.stmt:
        """The line, with the shape of its result where that is another than its input has."""
        kind = self.types.get(part.name)
        first = next(reads(part), None)
        before = None if first is None else self.types.get(first.name)
        shown = kind != before and isinstance(before, TensorType | None) and not self.items.get(part.name)
        comment = self.shapes.describe(kind) if shown else ""
        return Commented(line, comment) if comment else line

    def _value(self, part: Part) -> tuple[list[ast.stmt], ast.expr]:
        match part:
            case ModulePart():
                return self._run(part, part.design, attribute(load("self"), part.name))
            case CallPart():
                return self._run(part, part.shape, self._target(part.target))
            case OperationPart():
                return [], self._operate(part)
            case ComputePart():
                return [], self._compute(part.formula)
        raise AssertionError(f"{part.name} does not run")

    @staticmethod
    def _target(path: tuple[str, ...]) -> ast.expr:
        module: ast.expr = load("self")
        for name in path:
            module = subscript(module, int(name)) if name.isdigit() else member(module, name)
        return module

    def _run(self, part: ModulePart | CallPart, design: object, module: ast.expr) -> tuple[list[ast.stmt], ast.expr]:
        keywords = {name: self.value(ref) for name, ref in part.keywords}
        keywords |= {name: self._constant(value) for name, value in part.constants}
        given = Call([self.value(ref) for ref in part.inputs or ()], keywords)
        select = select_of(part)
        # A chain works on in the variable of its input, which must not be needed afterwards.
        lines: list[ast.stmt] = []
        name = self.variables[part.name]
        chained = getattr(getattr(design, "design", design), "mode", "") == "chain"
        if chained and not is_called(design) and given.args and not _same(given.args[0], name):
            lines.append(assign(store(name), given.args[0]))
            given = given.after(load(name))
        more, value = self.runner.run(design, module, given, self.value(select) if isinstance(select, Ref) else None)
        return [*lines, *more], value

    def _operate(self, part: OperationPart) -> ast.expr:
        operation = self.registry.operation(part.operation)
        assert operation is not None, "the caller has looked for what is registered"
        tensors = [constant(None) if ref is None else self.value(ref) for ref in part.inputs]
        return self.operations.write(
            operation, tensors, {name: self._argument(value) for name, value in part.arguments}
        )

    def _argument(self, value: object) -> ast.expr:
        if isinstance(value, Formula):
            return self._sizes(value)
        if isinstance(value, tuple):
            return ast.Tuple(elts=[self._argument(item) for item in value], ctx=ast.Load())
        return self._constant(value)

    def _constant(self, value: object) -> ast.expr:
        return value_of(value, self._stored)

    def _stored(self, name: str) -> ast.expr:
        """A parameter of `__init__` as an attribute, under a name that nothing else has."""
        if name not in self.stored:
            self.stored[name] = self._attribute(name)
        return attribute(load("self"), self.stored[name])

    def _attribute(self, name: str) -> str:
        from torch import nn

        own = {part.name for part in self.cls.parts if not isinstance(part, OperationPart | ComputePart)}
        taken = own | {*dir(nn.Module())} | {*self.stored.values()}
        return name if name not in taken else unused(f"{name}_value", taken)

    def _compute(self, formula: Formula) -> ast.expr:
        tree = ast.parse(formula.text, mode="eval").body
        return written(tree, formula, self.value, self._stored, self.operations, self.registry)

    def _sizes(self, formula: Formula) -> ast.expr:
        return sizes(formula, self.value, self._stored)

    def value(self, ref: Ref) -> ast.expr:
        """The expression that reads a value."""
        tensor = ref.name in self.tensors
        value: ast.expr = attribute(load("self"), ref.name) if tensor else load(self.variables[ref.name])
        for item in ref.items[len(self.items.get(ref.name, ())) :]:
            value = subscript(value, item)
        return value

    def _returns(self) -> Iterator[ast.stmt]:
        returns = self.cls.returns
        if isinstance(returns, Ref):
            yield ast.Return(value=self.value(returns))
            return
        absent = {
            p.name for p in self.cls.parts if not isinstance(p, TensorPart) and p.only_train and p.otherwise is None
        }
        pairs: list[tuple[str | None, Ref]] = [item if isinstance(item, tuple) else (None, item) for item in returns]
        always = [(key, ref) for key, ref in pairs if ref.name not in absent]
        if len(always) < len(pairs):
            whole = ast.Return(value=self._collection(pairs))
            yield ast.If(test=attribute(load("self"), "training"), body=[whole], orelse=[])
        alone = len(always) == 1 and len(pairs) > 1 and always[0][0] is None
        yield ast.Return(value=self.value(always[0][1]) if alone else self._collection(always))

    def _collection(self, pairs: list[tuple[str | None, Ref]]) -> ast.expr:
        values = [self.value(ref) for _, ref in pairs]
        if pairs and pairs[0][0] is not None:
            return ast.Dict(keys=[constant(key) for key, _ in pairs], values=values)
        return ast.Tuple(elts=values, ctx=ast.Load())


def _same(value: ast.expr, name: str) -> bool:
    return isinstance(value, ast.Name) and value.id == name


def _inlined(body: list[ast.stmt]) -> list[ast.stmt]:
    """The body, whose last assignment is returned at once."""
    if len(body) < 2:  # noqa: PLR2004 - an assignment and a return
        return body
    *before, line, last = body
    plain = line.statement if isinstance(line, Commented) else line
    if not (isinstance(plain, ast.Assign) and isinstance(last, ast.Return) and isinstance(last.value, ast.Name)):
        return body
    target = plain.targets[0]
    if not (isinstance(target, ast.Name) and target.id == last.value.id):
        return body
    return [*before, ast.Return(value=plain.value)]


def _common_items(cls: Class) -> dict[str, tuple[int | str, ...]]:
    """For each value of which only one item is read, that item."""
    found: dict[str, set[tuple[int | str, ...]]] = {}
    refs = [ref for part in cls.parts if runs(part) for ref in reads(part)]
    returned = cls.returns
    refs += [
        item if isinstance(item, Ref) else item[1] for item in ((returned,) if isinstance(returned, Ref) else returned)
    ]
    for ref in refs:
        found.setdefault(ref.name, set()).add(ref.items[:1])
    made = {part.name: part for part in cls.parts if runs(part)}
    return {
        name: next(iter(items))
        for name, items in found.items()
        if name in made and len(items) == 1 and () not in items and made[name].present == TRUE
    }
