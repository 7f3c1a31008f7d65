"""Writes `forward`: in comes a `Program`, out goes the function, of `ast` nodes that carry the spec's lines."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from archspec.catalog.formula import checked_formula, split_call
from archspec.catalog.registry import Registry
from archspec.elaborate.evaluate import Runtime
from archspec.emit.lifetimes import deaths, reads
from archspec.emit.operations import OperationWriter
from archspec.emit.program import Compute, Operate, Place, Plan, Program, Run, Statement, absent_in_evaluation
from archspec.emit.syntax import assign, attribute, constant, load, store, subscript
from archspec.graph.graph import Ref
from archspec.source import Source, Span

__all__ = ["forward_function"]

# Names that begin with an underscore cannot be names of nodes, so these never meet one.
_BUILTINS = {"_zip": zip, "_KeyError": KeyError}
_NO_SPAN = Span(Source.of_text(""), 1, 1, 1, 1)

# Plans whose result is a list or a dictionary of what the modules give.
_COLLECTING = frozenset({"branch", "branch_dict", "zip"})


def forward_function(program: Program, registry: Registry) -> Callable[..., Any]:
    """Compile the `forward` of a program.

    Raises:
        LookupError: it uses a registered operation that is registered no longer.
    """
    writer = _Writer(program, registry)
    module = ast.Module(body=[writer.function()], type_ignores=[])
    namespace: dict[str, Any] = {**_BUILTINS, **writer.globals, "__name__": f"archspec.{program.name}"}
    exec(compile(module, program.filename, "exec", dont_inherit=True), namespace)  # noqa: S102 - our own ast, no text
    forward: Callable[..., Any] = namespace["forward"]
    forward.__qualname__ = f"{program.name}.forward"
    return forward


class _Writer:
    def __init__(self, program: Program, registry: Registry) -> None:
        self.program = program
        self.registry = registry
        self.globals: dict[str, Any] = {}
        self.operations = OperationWriter(self.globals)
        self.deaths = deaths(program)
        self.temporaries = 0

    def function(self) -> ast.FunctionDef:
        """The whole function."""
        program = self.program
        train_only = absent_in_evaluation(program)
        body: list[ast.stmt] = []
        for index, statement in enumerate(program.statements):
            dead = [name for name in self.deaths.get(index, []) if name not in train_only]
            for line in self._with_deaths(statement, dead):
                _locate(line, statement.place)
                body.append(line)
        returns = [*self._returns(train_only)]
        for line in returns:
            _locate(line, program.statements[-1].place if program.statements else program.place)
        function = ast.FunctionDef(
            name="forward",
            args=self._parameters(),
            body=[*body, *returns],
            decorator_list=[],
            returns=None,
            type_comment=None,
        )
        _locate(function, program.place, children=False)
        ast.fix_missing_locations(function)
        return function

    def _parameters(self) -> ast.arguments:
        names = ["self", *(name for name, _ in self.program.inputs)]
        optional = [index for index, (_, missing) in enumerate(self.program.inputs) if missing]
        defaults = len(self.program.inputs) - optional[0] if optional else 0
        return ast.arguments(
            posonlyargs=[],
            args=[ast.arg(arg=name) for name in names],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[ast.Constant(value=None) for _ in range(defaults)],
        )

    def _with_deaths(self, statement: Statement, dead: list[str]) -> list[ast.stmt]:
        """The lines of a statement, and the deletion of what nothing reads any more.

        A chain begins by giving its input another name. When that was the last use, the first name goes at once, so
        that the input is freed when the first module of the chain has run.
        """
        lines = [*self.statement(statement)]
        if statement.only_train:
            other = None if statement.otherwise is None else self.value(statement.otherwise)
            orelse: list[ast.stmt] = [] if other is None else [assign(store(_variable(statement.name)), other)]
            lines = [ast.If(test=attribute(load("self"), "training"), body=lines, orelse=orelse)]
        elif isinstance(statement, Run) and statement.plan.kind == "chain":
            first = statement.inputs[0].name
            if first in dead and [*reads(statement)].count(first) == 1:
                dead = [name for name in dead if name != first]
                lines.insert(1, _delete(_variable(first)))
        return [*lines, _delete(*map(_variable, dead))] if dead else lines

    def statement(self, statement: Statement) -> Iterator[ast.stmt]:
        """The lines of one statement."""
        match statement:
            case Run():
                yield from self._run(statement)
            case Operate():
                yield assign(store(_variable(statement.name)), self._operate(statement))
            case Compute():
                yield assign(store(_variable(statement.name)), self._compute(statement))

    def _run(self, statement: Run) -> Iterator[ast.stmt]:
        module: ast.expr = load("self")
        for part in statement.target:
            module = subscript(module, int(part)) if part.isdigit() else attribute(module, part)
        arguments = [self.value(ref) for ref in statement.inputs]
        keywords = {key: self.value(ref) for key, ref in statement.keywords}
        keywords |= {key: constant(value) for key, value in statement.constants}
        select = None if statement.select is None else self.value(statement.select)
        target = _variable(statement.name)
        yield from self._plan(statement.plan, module, _Call(arguments, keywords), target, select)

    def _plan(
        self, plan: Plan, module: ast.expr, call: "_Call", target: str, select: ast.expr | None
    ) -> Iterator[ast.stmt]:
        if plan.kind == "call":
            yield assign(store(target), call.of(module))
        elif plan.kind in _COLLECTING and call.reads(target):
            # Inside a chain: the collection must not take the name of what its modules still read.
            yield from self._keep(plan, module, call, lambda result: assign(store(target), result))
        elif plan.kind == "select":
            yield from self._select(plan, module, call, target, select)
        elif plan.kind == "chain":
            if not (isinstance(call.arguments[0], ast.Name) and call.arguments[0].id == target):
                yield assign(store(target), call.arguments[0])
            chained = _Call([load(target), *call.arguments[1:]], call.keywords)
            yield from self._members(
                plan, module, lambda member, inner: self._plan(inner, member, chained, target, None)
            )
        elif plan.kind == "zip":
            yield from self._zip(plan, module, call, target)
        elif plan.kind == "branch_dict":
            yield from self._branch_dict(plan, module, call, target)
        else:
            yield assign(store(target), ast.List(elts=[], ctx=ast.Load()))
            yield from self._members(plan, module, lambda member, inner: self._append(inner, member, call, target))

    def _members(
        self, plan: Plan, module: ast.expr, body: Callable[[ast.expr, Plan], Iterator[ast.stmt]]
    ) -> Iterator[ast.stmt]:
        """A loop over members that are run alike; otherwise they are unpacked, each run in its own way."""
        if plan.uniform:
            member = self._temporary()
            yield _for(store(member), module, [*body(load(member), plan.members[0])])
            return
        names = [self._temporary() for _ in plan.members]
        yield ast.Assign(targets=[ast.Tuple(elts=[store(name) for name in names], ctx=ast.Store())], value=module)
        for name, inner in zip(names, plan.members, strict=True):
            yield from body(load(name), inner)

    def _append(self, plan: Plan, member: ast.expr, call: "_Call", target: str) -> Iterator[ast.stmt]:
        def append(result: ast.expr) -> ast.stmt:
            return ast.Expr(value=ast.Call(func=attribute(load(target), "append"), args=[result], keywords=[]))

        yield from self._keep(plan, member, call, append)

    def _keep(
        self, plan: Plan, member: ast.expr, call: "_Call", keep: Callable[[ast.expr], ast.stmt]
    ) -> Iterator[ast.stmt]:
        """Run a member and put its result where it belongs; no variable outlives that and holds the result."""
        if plan.kind == "call":
            yield keep(call.of(member))
            return
        result = self._temporary()
        yield from self._plan(plan, member, call, result, None)
        yield keep(load(result))
        yield _delete(result)

    def _zip(self, plan: Plan, module: ast.expr, call: "_Call", target: str) -> Iterator[ast.stmt]:
        items, *rest = call.arguments
        yield assign(store(target), ast.List(elts=[], ctx=ast.Load()))
        member, item = self._temporary(), self._temporary()
        inner = _Call([load(item), *rest], call.keywords)
        pairs = ast.Call(
            func=load("_zip"), args=[module, items], keywords=[ast.keyword(arg="strict", value=constant(value=True))]
        )
        if plan.uniform:
            both = ast.Tuple(elts=[store(member), store(item)], ctx=ast.Store())
            body = [*self._append(plan.members[0], load(member), inner, target), _delete(item)]
            yield _for(both, pairs, body)
            return
        modules = [self._temporary() for _ in plan.members]
        values = [self._temporary() for _ in plan.members]
        yield ast.Assign(targets=[ast.Tuple(elts=[store(name) for name in modules], ctx=ast.Store())], value=module)
        yield ast.Assign(targets=[ast.Tuple(elts=[store(name) for name in values], ctx=ast.Store())], value=items)
        for name, value, plan_ in zip(modules, values, plan.members, strict=True):
            yield from self._append(plan_, load(name), _Call([load(value), *rest], call.keywords), target)
            yield _delete(value)

    def _branch_dict(self, plan: Plan, module: ast.expr, call: "_Call", target: str) -> Iterator[ast.stmt]:
        yield assign(store(target), ast.Dict(keys=[], values=[]))
        pairs = [(self._temporary(), self._temporary()) for _ in plan.members]
        unpacked = [ast.Tuple(elts=[store(key), store(member)], ctx=ast.Store()) for key, member in pairs]
        items = ast.Call(func=attribute(module, "items"), args=[], keywords=[])
        bodies = [
            self._store_item(inner, load(member), call, target, load(key))
            for (key, member), inner in zip(pairs, plan.members, strict=True)
        ]
        if plan.uniform:
            yield _for(unpacked[0], items, [*bodies[0]])
            return
        yield ast.Assign(targets=[ast.Tuple(elts=[*unpacked], ctx=ast.Store())], value=items)
        for body in bodies:
            yield from body

    def _store_item(
        self, plan: Plan, member: ast.expr, call: "_Call", target: str, key: ast.expr
    ) -> Iterator[ast.stmt]:
        place = ast.Subscript(value=load(target), slice=key, ctx=ast.Store())
        return self._keep(plan, member, call, lambda result: ast.Assign(targets=[place], value=result))

    def _select(
        self, plan: Plan, module: ast.expr, call: "_Call", target: str, select: ast.expr | None
    ) -> Iterator[ast.stmt]:
        if plan.select is not None:
            chosen = plan.members[0 if plan.uniform else plan.keys.index(plan.select)]
            yield from self._plan(chosen, subscript(module, plan.select), call, target, None)
            return
        assert select is not None, "a plan that selects has something to select by"
        if plan.uniform:
            member = ast.Subscript(value=module, slice=select, ctx=ast.Load())
            yield from self._plan(plan.members[0], member, call, target, None)
            return
        otherwise: list[ast.stmt] = [
            ast.Raise(exc=ast.Call(func=load("_KeyError"), args=[select], keywords=[]), cause=None)
        ]
        for key, inner in reversed(list(zip(plan.keys, plan.members, strict=True))):
            test = ast.Compare(left=select, ops=[ast.Eq()], comparators=[constant(key)])
            body = [*self._plan(inner, subscript(module, key), call, target, None)]
            otherwise = [ast.If(test=test, body=body, orelse=otherwise)]
        yield from otherwise

    def _operate(self, statement: Operate) -> ast.expr:
        operation = self.registry.operation(statement.operation)
        if operation is None:
            raise LookupError(f"no operation is called {statement.operation!r}; register it before building")
        tensors = [constant(None) if ref is None else self.value(ref) for ref in statement.inputs]
        sizes = dict(statement.sizes)
        arguments = {name: self._argument(value, sizes) for name, value in statement.arguments}
        return self.operations.write(operation, tensors, arguments)

    def _argument(self, value: object, sizes: dict[str, Ref]) -> ast.expr:
        if isinstance(value, tuple):
            return ast.Tuple(elts=[self._argument(item, sizes) for item in value], ctx=ast.Load())
        if isinstance(value, Runtime):
            sizes_written: ast.expr = _Sizes(self, sizes).visit(ast.parse(value.text, mode="eval").body)
            return sizes_written
        return constant(value)

    def _compute(self, statement: Compute) -> ast.expr:
        formula = checked_formula(statement.text, self.registry)
        written: ast.expr = _Formula(self, dict(statement.refs)).visit(formula.tree)
        return written

    def value(self, ref: Ref) -> ast.expr:
        """The expression that reads a value."""
        value: ast.expr = load(_variable(ref.name))
        if ref.name in self.program.tensors:
            value = attribute(load("self"), ref.name)
        for item in ref.items:
            value = subscript(value, item)
        return value

    def _returns(self, train_only: set[str]) -> Iterator[ast.stmt]:
        returns = self.program.returns
        if isinstance(returns, Ref):
            yield ast.Return(value=self.value(returns))
            return
        pairs: list[tuple[str | None, Ref]] = [item if isinstance(item, tuple) else (None, item) for item in returns]
        always = [(key, ref) for key, ref in pairs if ref.name not in train_only]
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

    def _temporary(self) -> str:
        self.temporaries += 1
        return f"_{self.temporaries}"


class _Call:
    """The arguments of a call."""

    def __init__(self, arguments: list[ast.expr], keywords: dict[str, ast.expr]) -> None:
        self.arguments = arguments
        self.keywords = keywords

    def reads(self, name: str) -> bool:
        """Whether an argument reads the variable `name`."""
        parts = [part for value in (*self.arguments, *self.keywords.values()) for part in ast.walk(value)]
        return any(isinstance(part, ast.Name) and part.id == name for part in parts)

    def of(self, module: ast.expr) -> ast.Call:
        keywords = [ast.keyword(arg=name, value=value) for name, value in self.keywords.items()]
        return ast.Call(func=module, args=list(self.arguments), keywords=keywords)


class _Sizes(ast.NodeTransformer):
    """`size(x, 0)` becomes `x.size(0)`."""

    def __init__(self, writer: _Writer, refs: dict[str, Ref]) -> None:
        self.writer = writer
        self.refs = refs

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "size" and isinstance(node.args[0], ast.Name):
            value = self.writer.value(self.refs[node.args[0].id])
            return ast.Call(func=attribute(value, "size"), args=node.args[1:], keywords=[])
        node.args = [self.visit(argument) for argument in node.args]
        return node


class _Formula(ast.NodeTransformer):
    """Names become values, and calls become calls of operations."""

    def __init__(self, writer: _Writer, refs: dict[str, Ref]) -> None:
        self.writer = writer
        self.refs = refs

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.writer.value(self.refs[node.id])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        call = split_call(node, self.writer.registry, _NO_SPAN)
        tensors = [constant(None) if part is None else self.visit(part) for part in call.tensors]
        arguments = {name: constant(value) for name, value in call.arguments.items()}
        return self.writer.operations.write(call.operation, tensors, arguments)


def _variable(name: str) -> str:
    """The variable that holds a value. A node may be called `self`; in `forward` that is the module it belongs to."""
    return "_self" if name == "self" else name


def _delete(*names: str) -> ast.Delete:
    return ast.Delete(targets=[ast.Name(id=name, ctx=ast.Del()) for name in names])


def _for(target: ast.expr, iterable: ast.expr, body: list[ast.stmt]) -> ast.For:
    return ast.For(target=target, iter=iterable, body=body, orelse=[], type_comment=None)


def _locate(tree: ast.AST, place: Place, *, children: bool = True) -> None:
    for node in ast.walk(tree) if children else (tree,):
        if isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword)):
            node.lineno = place.line
            node.col_offset = place.column
            node.end_lineno = place.end_line
            node.end_col_offset = place.end_column
