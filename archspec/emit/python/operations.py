"""Operations as people write them: `x.flatten(1)`, `x[:, 0]`, `torch.cat([x, y], dim=1)`."""

import ast
from collections.abc import Mapping

from archspec.catalog.operations import Operation
from archspec.emit.operations import OperationWriter
from archspec.emit.python.imports import Imports
from archspec.emit.python.registered import Imported
from archspec.emit.syntax import attribute, call, load

__all__ = ["PlainOperations"]

# Methods of tensors that do what the function of torch does, and whose first arguments say enough without their names.
_METHODS = {
    "chunk": 1,
    "flatten": 2,
    "movedim": 2,
    "split": 1,
    "squeeze": 1,
    "transpose": 2,
    "unflatten": 2,
    "unsqueeze": 1,
}
# The arguments of functions that make tensors, in the order in which these take them by position.
_CREATION = {"arange": ("start", "end", "step"), "full": ("size", "fill_value")}
_CREATION |= dict.fromkeys(("ones", "rand", "randn", "zeros"), ("size",))
_CALLED = frozenset({"rearrange", "reduce", "repeat", "stochastic_depth"})
_REDUCING = ("mean", "softmax")
_FUNCTIONAL, _TORCH = "torch.nn.functional.", "torch."


class PlainOperations(OperationWriter):
    """Writes calls with the names that a file imports."""

    def __init__(self, imports: Imports, registered: Mapping[str, Imported]) -> None:
        """Add what the calls need to `imports`; `registered` are the caller's own functions."""
        super().__init__({})
        self._imports = imports
        self._registered = registered

    @property
    def reserved(self) -> frozenset[str]:
        """The names of functions that `forward` may call, which no variable may take."""
        return _CALLED | {own.local for own in self._registered.values()}

    def write(self, operation: Operation, tensors: list[ast.expr], arguments: dict[str, ast.expr]) -> ast.expr:
        """The call of an operation."""
        if operation.implementation is None:
            if operation.name == "select" and (taken := _select(tensors[0], arguments)) is not None:
                return taken
            if operation.name in _REDUCING:
                return call(attribute(tensors[0], operation.name), [], arguments)
            positional = _METHODS.get(operation.name)
            if positional is not None and [*arguments][:1] == [*operation.arguments][:1]:
                return _method(operation.name, tensors, arguments, positional)
        return super().write(operation, tensors, arguments)

    def _creation(self, operation: Operation, tensors: list[ast.expr], arguments: dict[str, ast.expr]) -> ast.expr:
        """`torch.arange(0, 8, 2, device=x.device)`: the sizes stand first, without their names."""
        order = _CREATION.get(operation.name, ())
        given = dict(arguments)
        first = [given.pop(name) for name in order if name in given]
        return call(self.function(operation), first, {**given, "device": attribute(tensors[0], "device")})

    def _items(self, operation: Operation, tensors: list[ast.expr], arguments: dict[str, ast.expr]) -> ast.expr:
        """`stochastic_depth(x, p=0.1, training=self.training)`, a function of the file itself."""
        self._imports.uses_stochastic_depth = True
        training = attribute(load("self"), "training")
        return call(load(operation.name), tensors, {**arguments, "training": training})

    def dtype(self, name: object) -> ast.expr:
        """`torch.float32`."""
        return self._imports.torch(str(name))

    def function(self, operation: Operation) -> ast.expr:
        """The function by the name under which the file has it."""
        own = self._registered.get(operation.name)
        if own is not None:
            return self._imports.other(own.module, own.name, own.local)
        if operation.target.startswith(_FUNCTIONAL):
            return self._imports.functional(operation.target.removeprefix(_FUNCTIONAL))
        if operation.target.startswith(_TORCH):
            return _dotted(self._imports, operation.target.removeprefix(_TORCH))
        module, _, name = operation.target.rpartition(".")
        return self._imports.other(module, name)


def _dotted(imports: Imports, path: str) -> ast.expr:
    first, *rest = path.split(".")
    found = imports.torch(first)
    for name in rest:
        found = attribute(found, name)
    return found


def _method(name: str, tensors: list[ast.expr], arguments: dict[str, ast.expr], positional: int) -> ast.expr:
    values = [*arguments.items()]
    return call(attribute(tensors[0], name), [value for _, value in values[:positional]], dict(values[positional:]))


def _select(tensor: ast.expr, arguments: dict[str, ast.expr]) -> ast.expr | None:
    """`x[:, 0]`, where the dimension is known."""
    dim = arguments.get("dim")
    if not isinstance(dim, ast.Constant) or not isinstance(dim.value, int) or "index" not in arguments:
        return None
    whole: list[ast.expr] = [ast.Slice() for _ in range(dim.value)]
    index = ast.Tuple(elts=[*whole, arguments["index"]], ctx=ast.Load()) if whole else arguments["index"]
    return ast.Subscript(value=tensor, slice=index, ctx=ast.Load())
