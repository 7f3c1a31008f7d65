"""Running modules: in come a module's design and what it is called with, out go the lines that run it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archspec.emit.syntax import assign, attribute, call, constant, load, store, subscript
from archspec.fold.design import Constant, Container, Initialised, Instance, Layer, Run

__all__ = ["Call", "Runner", "is_called"]


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a call."""

    args: list[ast.expr]
    keywords: dict[str, ast.expr]

    def of(self, module: ast.expr) -> ast.expr:
        """The call of a module."""
        return call(module, self.args, self.keywords)

    def after(self, first: ast.expr) -> "Call":
        """The same with another first argument."""
        return Call([first, *self.args[1:]], self.keywords)


def is_called(design: object) -> bool:
    """Whether a module is run by calling it; lists and dictionaries are walked instead."""
    match design:
        case Layer() | Instance():
            return True
        case Initialised():
            return is_called(design.design)
        case Container(kind="Sequential"):
            return all(is_called(member.design) for member in design.members)
    return False


def _container(design: object) -> Container:
    found = design.design if isinstance(design, Initialised) else design
    assert isinstance(found, Container), "what is no container is called"
    return found


class Runner:
    """Writes the lines that run modules; `fresh` gives a variable that nothing else has."""

    def __init__(self, fresh: Callable[[str], str]) -> None:
        """Start without any line."""
        self.fresh = fresh

    def run(
        self, design: object, module: ast.expr, given: Call, select: ast.expr | None
    ) -> tuple[list[ast.stmt], ast.expr]:
        """The lines to run before, and the expression that is the result."""
        if is_called(design):
            return [], given.of(module)
        container = _container(design)
        if container.kind == "Sequential" or container.mode == "chain":
            return self._chain(container, module, given)
        if container.mode == "zip":
            return self._zip(container, module, given)
        if container.mode == "branch":
            return self._branch(container, module, given)
        return self._select(container, module, given, select)

    def _chain(self, container: Container, module: ast.expr, given: Call) -> tuple[list[ast.stmt], ast.expr]:
        """Each member gets what the one before gives. A variable as the first argument is used on."""
        first = given.args[0]
        lines: list[ast.stmt] = []
        name = first.id if isinstance(first, ast.Name) else self.fresh("x")
        if not isinstance(first, ast.Name):
            lines.append(assign(store(name), first))
        chained = given.after(load(name))
        inner = _alike(container)
        if inner is not None and is_called(inner):
            layer = self.fresh("layer")
            body: list[ast.stmt] = [assign(store(name), chained.of(load(layer)))]
            return [*lines, _loop(store(layer), module, body)], load(name)
        for member, one in _each(container, module):
            before, result = self.run(member, one, chained, None)
            lines += before
            if not (isinstance(result, ast.Name) and result.id == name):
                lines.append(assign(store(name), result))
        return lines, load(name)

    def _branch(self, container: Container, module: ast.expr, given: Call) -> tuple[list[ast.stmt], ast.expr]:
        """Every member gets the same."""
        inner = _alike(container)
        if inner is not None and is_called(inner):
            layer = self.fresh("layer")
            if container.kind == "ModuleList":
                return [], ast.ListComp(elt=given.of(load(layer)), generators=[_each_of(store(layer), module)])
            key = self.fresh("key")
            pair = ast.Tuple(elts=[store(key), store(layer)], ctx=ast.Store())
            loop = _each_of(pair, call(attribute(module, "items")))
            return [], ast.DictComp(key=load(key), value=given.of(load(layer)), generators=[loop])
        lines: list[ast.stmt] = []
        results: list[ast.expr] = []
        for member, one in _each(container, module):
            results.append(self._kept(member, one, given, lines))
        if container.kind == "ModuleList":
            return lines, ast.List(elts=results, ctx=ast.Load())
        return lines, ast.Dict(keys=[constant(name) for name in _names(container)], values=results)

    def _zip(self, container: Container, module: ast.expr, given: Call) -> tuple[list[ast.stmt], ast.expr]:
        """Each member gets its own item of the first argument."""
        inner = _alike(container)
        if inner is not None and is_called(inner):
            layer, item = self.fresh("layer"), self.fresh("item")
            pair = ast.Tuple(elts=[store(layer), store(item)], ctx=ast.Store())
            strict = {"strict": constant(value=True)}
            loop = _each_of(pair, call(load("zip"), [module, given.args[0]], strict))
            return [], ast.ListComp(elt=given.after(load(item)).of(load(layer)), generators=[loop])
        lines: list[ast.stmt] = []
        items = self.fresh("items")
        lines.append(assign(store(items), given.args[0]))
        results = [
            self._kept(member, one, given.after(subscript(load(items), index)), lines)
            for index, (member, one) in enumerate(_each(container, module))
        ]
        return lines, ast.List(elts=results, ctx=ast.Load())

    def _kept(self, design: object, module: ast.expr, given: Call, lines: list[ast.stmt]) -> ast.expr:
        """The result of one of several members; lines that it needs are added, and leave alone what the others read."""
        if not is_called(design) and isinstance(given.args[0], ast.Name):
            name = self.fresh("y")
            lines.append(assign(store(name), given.args[0]))
            given = given.after(load(name))
        before, result = self.run(design, module, given, None)
        lines += before
        return result

    def _select(
        self, container: Container, module: ast.expr, given: Call, select: ast.expr | None
    ) -> tuple[list[ast.stmt], ast.expr]:
        if isinstance(container.select, str):
            chosen = dict(zip(_names(container), _each(container, module), strict=True))[container.select]
            return self.run(*chosen, given, None)
        assert select is not None, "a dictionary that selects has something to select by"
        inner = _alike(container)
        if inner is not None and is_called(inner):
            return [], given.of(ast.Subscript(value=module, slice=select, ctx=ast.Load()))
        result = self.fresh("y")
        otherwise: list[ast.stmt] = [ast.Raise(exc=call(load("KeyError"), [select]), cause=None)]
        for key, (member, one) in reversed([*zip(_names(container), _each(container, module), strict=True)]):
            lines: list[ast.stmt] = []
            lines.append(assign(store(result), self._kept(member, one, given, lines)))
            test = ast.Compare(left=select, ops=[ast.Eq()], comparators=[constant(key)])
            otherwise = [ast.If(test=test, body=lines, orelse=otherwise)]
        return otherwise, load(result)


def _alike(container: Container) -> object | None:
    """The design of one member, if all are called, or there is one only."""
    designs = [member.design for member in container.members]
    if designs and (len(designs) == 1 or all(map(is_called, designs))):
        return designs[0]
    return Layer("Identity", ()) if not designs else None


def _each(container: Container, module: ast.expr) -> Iterator[tuple[object, ast.expr]]:
    """Every member with what reads it."""
    index = 0
    for member in container.members:
        for _ in range(_count(member)):
            key: object = index
            if container.kind == "ModuleDict":
                key = _names(container)[index]
            yield member.design, subscript(module, key)
            index += 1


def _names(container: Container) -> list[str]:
    names: list[str] = []
    for member in container.members:
        if isinstance(member, Run):
            names += [f"{member.prefix}{member.start + index}" for index in range(_count(member))]
        else:
            names.append(member.name)
    return names


def _count(member: object) -> int:
    if not isinstance(member, Run):
        return 1
    assert isinstance(member.count, Constant), "members that are not called are counted"
    assert isinstance(member.count.value, int)
    return member.count.value


def _loop(target: ast.expr, iterable: ast.expr, body: list[ast.stmt]) -> ast.For:
    return ast.For(target=target, iter=iterable, body=body, orelse=[])


def _each_of(target: ast.expr, iterable: ast.expr) -> ast.comprehension:
    return ast.comprehension(target=target, iter=iterable, ifs=[], is_async=0)
