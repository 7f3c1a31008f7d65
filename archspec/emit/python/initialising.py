"""Initialisation as people write it: in come rules, out go loops over modules, and calls of `nn.init`."""

import ast
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from archspec.emit.python.imports import Imports
from archspec.emit.python.syntax import member, value_of
from archspec.emit.syntax import attribute, call, constant, load, store, subscript
from archspec.fold.design import Fill, Rule

__all__ = ["Initialiser"]


class Initialiser:
    """Writes what applies rules; `types` gives the classes that a type of a rule means."""

    def __init__(self, imports: Imports, types: Callable[[str], list[ast.expr]]) -> None:
        """Add what the lines need to `imports`."""
        self.imports = imports
        self.types = types

    def lines(self, rules: tuple[Rule, ...], root: ast.expr) -> Iterator[ast.stmt]:
        """What applies rules to the modules below `root`, in the order in which archspec does."""
        if all(rule.place is not None and not rule.types for rule in rules):
            for rule in sorted(rules, key=lambda rule: rule.place or 0):
                yield from self._fills(rule, walked(root, rule.pattern))
            return
        by_path = not all(rule.types for rule in rules)
        module = load("module")
        body = self._tests(rules, module)
        if by_path:
            pair = ast.Tuple(elts=[store("name"), store("module")], ctx=ast.Store())
            yield ast.For(target=pair, iter=call(attribute(root, "named_modules")), body=body, orelse=[])
        else:
            yield ast.For(target=store("module"), iter=call(attribute(root, "modules")), body=body, orelse=[])

    def _tests(self, rules: tuple[Rule, ...], module: ast.expr) -> list[ast.stmt]:
        tests = [ast.If(test=self._test(rule, module), body=[*self._fills(rule, module)], orelse=[]) for rule in rules]
        types = [name for rule in rules for name in rule.types]
        if len({*types}) < len(types) or not all(rule.types for rule in rules):
            return [*tests]
        for test, following in pairwise(tests):
            test.orelse = [following]
        return [tests[0]]

    def _test(self, rule: Rule, module: ast.expr) -> ast.expr:
        if not rule.types:
            if rule.place is not None:
                return ast.Compare(left=load("name"), ops=[ast.Eq()], comparators=[constant(rule.pattern)])
            return call(self.imports.standard("fnmatch", "fnmatchcase"), [load("name"), constant(rule.pattern)])
        types = [found for name in rule.types for found in self.types(name)]
        if rule.exact:
            one = len(types) == 1
            wanted = types[0] if one else ast.Tuple(elts=types, ctx=ast.Load())
            return ast.Compare(
                left=call(load("type"), [module]), ops=[ast.Is() if one else ast.In()], comparators=[wanted]
            )
        wanted = types[0] if len(types) == 1 else ast.Tuple(elts=types, ctx=ast.Load())
        return call(load("isinstance"), [module, wanted])

    def _fills(self, rule: Rule, module: ast.expr) -> Iterator[ast.stmt]:
        for fill in rule.fills:
            line = ast.Expr(value=self.fill(fill.initialiser, walked(module, fill.name), dict(fill.arguments)))
            yield ast.If(test=_has(module, fill, rule), body=[line], orelse=[]) if fill.guarded else line

    def fill(self, name: str, tensor: ast.expr, arguments: Mapping[str, object]) -> ast.expr:
        """The call that fills a tensor."""
        keywords = {key: value_of(value, load) for key, value in arguments.items()}
        return call(self.imports.init(f"{name}_"), [tensor], keywords)


def _has(module: ast.expr, fill: Fill, rule: Rule) -> ast.expr:
    tensor = walked(module, fill.name)
    if not rule.types and "." not in fill.name:
        tensor = call(load("getattr"), [module, constant(fill.name), constant(None)])
    return ast.Compare(left=tensor, ops=[ast.IsNot()], comparators=[constant(None)])


def walked(root: ast.expr, path: str) -> ast.expr:
    """What is at a path below a module: `self.layers[0].weight`."""
    found = root
    for name in filter(None, path.split(".")):
        found = subscript(found, int(name)) if name.isdigit() else member(found, name)
    return found
