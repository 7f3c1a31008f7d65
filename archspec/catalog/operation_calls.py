"""How operations are called: in come a form and a target, out goes a function of tensors and keyword arguments.

This is what each form means; what writes Python source writes the same as text.

| form | as Python source |
|---|---|
| `function` | `f(t1, t2, a=…)`; a target `torch.Tensor.m` is a method: `t1.m(t2, a=…)` |
| `keyword` | `f(t1, name2=t2, a=…)`: an argument stands between the tensors, so all but the first go by name |
| `list` | `f([t1, t2], a=…)` |
| `star` | `t1.m(*sizes)`: the one argument is a list, and its items are the positional arguments of a method |
| `pattern` | `f(t1, t2, pattern, a=…)`: the pattern follows the tensors by position |
| `operator` | `t1 + t2 + t3` by `OPERATORS`; with arguments as `function` |
| `training` | `f(t1, a=…, training=self.training)` |
| `attention` | `f(t1, t2, t3, dropout_p=p if self.training else 0.0, a=…)`: the target itself does not ask |
| `creation` | `f(a=…, device=t1.device)` |
| `items` | `f(t1.unsqueeze(0), a=…, train=self.training).squeeze(0)`: the target takes a batch's items for channels |
| `slice` | `t1[:, start:end:step]` for `dim: 1`, `t1[..., start:end:step]` for `dim: -1` |

The functions made here of `training`, `attention` and `items` take `training=` as a keyword, False by default.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from importlib import import_module
from typing import Any

__all__ = ["FORMS", "MOST_PIECES", "OPERATORS", "bounded", "resolve", "with_dtypes"]

MOST_PIECES = 10_000
"""The most tensors that cutting one may give. Each is an object, even where no memory is behind it."""

OPERATORS: Mapping[str, str] = {"add": "+", "div": "/", "matmul": "@", "mul": "*", "pow": "**", "sub": "-"}
"""The Python operator of each operation of the form `operator`."""

_Function = Callable[..., Any]


def resolve(target: str) -> _Function:
    """The function or method that a target of the table names; its package is imported."""
    package, *names = target.split(".")
    found: Any = import_module(package)
    for name in names:
        found = getattr(found, name)
    return found  # type: ignore[no-any-return] # a table names functions only


def _function(target: _Function, _names: tuple[str, ...]) -> _Function:
    return target


def _keyword(target: _Function, names: tuple[str, ...]) -> _Function:
    def run(first: object, *others: object, **arguments: object) -> object:
        named = {name: tensor for name, tensor in zip(names[1:], others, strict=False) if tensor is not None}
        return target(first, **named, **arguments)

    return run


def _list(target: _Function, _names: tuple[str, ...]) -> _Function:
    return lambda *tensors, **arguments: target(list(tensors), **arguments)


def _star(target: _Function, _names: tuple[str, ...]) -> _Function:
    return lambda tensor, **arguments: target(tensor, *(item for sizes in arguments.values() for item in sizes))


def _pattern(target: _Function, _names: tuple[str, ...]) -> _Function:
    return lambda *tensors, pattern, **arguments: target(*tensors, pattern, **arguments)


def _operator(target: _Function, _names: tuple[str, ...]) -> _Function:
    def run(*tensors: object, **arguments: object) -> object:
        if arguments:
            return target(*tensors, **arguments)
        if len(tensors) == 1:
            raise TypeError(f"{target.__name__} takes two tensors, or one tensor and a number")
        return reduce(target, tensors)

    return run


def _training(target: _Function, _names: tuple[str, ...]) -> _Function:
    return lambda *tensors, training=False, **arguments: target(*tensors, **arguments, training=training)


def _attention(target: _Function, _names: tuple[str, ...]) -> _Function:
    def run(*tensors: object, dropout_p: float = 0.0, training: bool = False, **arguments: object) -> object:
        return target(*tensors, dropout_p=dropout_p if training else 0.0, **arguments)

    return run


def _creation(target: _Function, _names: tuple[str, ...]) -> _Function:
    return lambda like, **arguments: target(**arguments, device=like.device)


def _items(target: _Function, _names: tuple[str, ...]) -> _Function:
    def run(tensor: Any, *, training: bool = False, **arguments: object) -> object:
        return target(tensor.unsqueeze(0), **arguments, train=training).squeeze(0)

    return run


def _slice(_target: _Function, _names: tuple[str, ...]) -> _Function:
    def run(
        tensor: Any, *, dim: int = 0, start: int | None = None, end: int | None = None, step: int | None = None
    ) -> object:
        if not -tensor.ndim <= dim < tensor.ndim:
            raise IndexError(f"Dimension out of range (of {tensor.ndim} dimensions, but got {dim})")
        part, whole = slice(start, end, step), slice(None)
        return tensor[(*[whole] * dim, part)] if dim >= 0 else tensor[(..., part, *[whole] * (-dim - 1))]

    return run


FORMS: Mapping[str, Callable[[_Function, tuple[str, ...]], _Function]] = {
    "attention": _attention,
    "creation": _creation,
    "function": _function,
    "items": _items,
    "keyword": _keyword,
    "list": _list,
    "operator": _operator,
    "pattern": _pattern,
    "slice": _slice,
    "star": _star,
    "training": _training,
}
"""Form to what makes a function of a target and the names of the tensor inputs."""


def with_dtypes(function: _Function, names: tuple[str, ...]) -> _Function:
    """The same function, which takes the arguments `names` as the text of a dtype."""
    import torch

    def run(*tensors: object, **arguments: object) -> object:
        for name in names:
            value = arguments.get(name)
            if isinstance(value, str):
                arguments[name] = getattr(torch, value)
        return function(*tensors, **arguments)

    return run


def bounded(name: str, function: _Function) -> _Function:
    """The same function; on meta, where dimensions cost nothing, it refuses to give more tensors than `MOST_PIECES`.

    Args:
        name: the operation's name; one that does not cut tensors is not touched.
        function: what the operation does.
    """
    pieces = _PIECES.get(name)
    if pieces is None:
        return function

    def run(tensor: Any, **arguments: Any) -> object:
        dim = arguments.get("dim", 0)
        if tensor.is_meta and -tensor.ndim <= dim < tensor.ndim:
            count = pieces(tensor.shape[dim], arguments)
            if count > MOST_PIECES:
                raise ValueError(f"{name} would give {count:,} tensors, more than {MOST_PIECES:,}")
        return function(tensor, **arguments)

    return run


def _chunks(size: int, arguments: Mapping[str, Any]) -> int:
    chunks: int = arguments.get("chunks", 0)
    return min(size, chunks)


def _sections(size: int, arguments: Mapping[str, Any]) -> int:
    step = arguments.get("split_size_or_sections")
    return -(-size // step) if isinstance(step, int) and step > 0 else 0


def _slices(size: int, _arguments: Mapping[str, Any]) -> int:
    return size


_PIECES: Mapping[str, Callable[[int, Mapping[str, Any]], int]] = {
    "chunk": _chunks,
    "split": _sections,
    "unbind": _slices,
}
