"""Writes operations: in come `ast` expressions for inputs and arguments, out goes the call in plain Python.

One function for each form of `catalog.operation_calls.FORMS`, so that `forward` pays for no wrapper.
"""

import ast
from typing import TYPE_CHECKING

from archspec.catalog.operation_calls import resolve
from archspec.catalog.operations import DTYPES, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["OperationWriter"]

Expressions = list[ast.expr]
Named = dict[str, ast.expr]

_OPERATORS: dict[str, type[ast.operator]] = {
    "add": ast.Add,
    "sub": ast.Sub,
    "mul": ast.Mult,
    "div": ast.Div,
    "matmul": ast.MatMult,
    "pow": ast.Pow,
}
_METHOD = "torch.Tensor."


class OperationWriter:
    """Writes calls of operations, and gathers the functions they need as the globals of the generated code."""

    def __init__(self, names: dict[str, object]) -> None:
        """Add what the calls need to `names`, under names that no node can have."""
        self._names = names
        self._forms: Mapping[str, Callable[[Operation, Expressions, Named], ast.expr]] = {
            "attention": self._attention,
            "creation": self._creation,
            "function": self._function,
            "items": self._items,
            "keyword": self._keyword,
            "list": self._list,
            "operator": self._operator,
            "pattern": self._pattern,
            "slice": self._slice,
            "star": self._star,
            "training": self._training,
        }

    def write(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        """The call of an operation."""
        arguments = {name: self._dtype(operation, name, value) for name, value in arguments.items()}
        return self._forms[operation.call](operation, tensors, arguments)

    def _dtype(self, operation: Operation, name: str, value: ast.expr) -> ast.expr:
        """A dtype, which a spec names, as the torch object."""
        parameter = operation.arguments.get(name)
        if (
            parameter is None
            or not parameter.type.startswith("dtype")
            or not isinstance(value, ast.Constant)
            or value.value not in DTYPES
        ):
            return value
        return self.dtype(value.value)

    def dtype(self, name: object) -> ast.expr:
        """What stands for a dtype of torch."""
        return self._global(f"_torch_{name}", resolve(f"torch.{name}"))

    def function(self, operation: Operation) -> ast.expr:
        """What stands for the function that an operation calls."""
        return self._global(f"_{operation.name}", operation.implementation or resolve(operation.target))

    def _global(self, name: str, value: object) -> ast.Name:
        self._names[name] = value
        return ast.Name(id=name, ctx=ast.Load())

    def _call(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.Call:
        """`f(t1, t2, a=…)`, or for a method of tensors `t1.m(t2, a=…)`."""
        keywords = [ast.keyword(arg=name, value=value) for name, value in arguments.items()]
        if operation.implementation is None and operation.target.startswith(_METHOD):
            method = ast.Attribute(value=tensors[0], attr=operation.target.removeprefix(_METHOD), ctx=ast.Load())
            return ast.Call(func=method, args=tensors[1:], keywords=keywords)
        return ast.Call(func=self.function(operation), args=tensors, keywords=keywords)

    def _function(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        while tensors and isinstance(tensors[-1], ast.Constant) and tensors[-1].value is None:
            tensors = tensors[:-1]
        return self._call(operation, tensors, arguments)

    def _keyword(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        first, *others = tensors
        named = {
            name: value
            for name, value in zip(operation.tensors[1:], others, strict=False)
            if not (isinstance(value, ast.Constant) and value.value is None)
        }
        return self._call(operation, [first], named | arguments)

    def _list(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        return self._call(operation, [ast.List(elts=tensors, ctx=ast.Load())], arguments)

    def _star(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        sizes: Expressions = []
        for value in arguments.values():
            sizes += value.elts if isinstance(value, ast.Tuple) else [value]
        return self._call(operation, [tensors[0], *sizes], {})

    def _pattern(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        rest = {name: value for name, value in arguments.items() if name != "pattern"}
        return self._call(operation, [*tensors, arguments["pattern"]], rest)

    def _operator(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        if arguments:
            return self._call(operation, tensors, arguments)
        result = tensors[0]
        for tensor in tensors[1:]:
            result = ast.BinOp(left=result, op=_OPERATORS[operation.name](), right=tensor)
        return result

    def _training(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        return self._call(operation, tensors, {**arguments, "training": _self_training()})

    def _attention(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        if "dropout_p" in arguments:
            chosen = ast.IfExp(test=_self_training(), body=arguments["dropout_p"], orelse=ast.Constant(value=0.0))
            arguments = {**arguments, "dropout_p": chosen}
        return self._function(operation, tensors, arguments)

    def _creation(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        device = ast.Attribute(value=tensors[0], attr="device", ctx=ast.Load())
        return self._call(operation, [], {**arguments, "device": device})

    def _items(self, operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        call = self._call(operation, [_at_front("unsqueeze", tensors[0])], {**arguments, "train": _self_training()})
        return _at_front("squeeze", call)

    def _slice(self, _operation: Operation, tensors: Expressions, arguments: Named) -> ast.expr:
        dim = ast.literal_eval(arguments["dim"]) if "dim" in arguments else 0
        part = ast.Slice(lower=arguments.get("start"), upper=arguments.get("end"), step=arguments.get("step"))
        whole = [ast.Slice(lower=None, upper=None, step=None) for _ in range(dim if dim >= 0 else -dim - 1)]
        items: Expressions = [*whole, part] if dim >= 0 else [ast.Constant(value=...), part, *whole]
        return ast.Subscript(value=tensors[0], slice=ast.Tuple(elts=items, ctx=ast.Load()), ctx=ast.Load())


def _at_front(method: str, tensor: ast.expr) -> ast.Call:
    """`tensor.unsqueeze(0)`, or another method of a dimension."""
    function = ast.Attribute(value=tensor, attr=method, ctx=ast.Load())
    return ast.Call(func=function, args=[ast.Constant(value=0)], keywords=[])


def _self_training() -> ast.Attribute:
    return ast.Attribute(value=ast.Name(id="self", ctx=ast.Load()), attr="training", ctx=ast.Load())
