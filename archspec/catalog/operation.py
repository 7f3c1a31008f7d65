"""One operation: in come the values of its arguments, out go checked ones, and the function that it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from functools import cache, cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from archspec.catalog.argument_model import ArgumentModel
from archspec.catalog.kinds import Kind
from archspec.catalog.operation_calls import FORMS, bounded, resolve, with_dtypes

__all__ = ["MISSING", "Operation", "Parameter", "sole_operation_argument"]

_WRITABLE = (bool, int, float, str, list, tuple)
_PREFIX = "argument_"  # keeps the fields of a model apart from what every Pydantic model has


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of an operation.

    Attributes:
        name: as a spec writes it.
        type: its type as text; `dtype` stands for a name of `DTYPES`.
        default: what torch takes when it is left out, None when that cannot be written; `MISSING` when it is required.
        kind: what values it takes.
    """

    name: str
    type: str
    default: object = MISSING
    kind: Kind = field(repr=False)

    @property
    def required(self) -> bool:
        """Whether a spec must write it."""
        return self.default is MISSING


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """One operation on tensors.

    Attributes:
        name: the name in a spec.
        target: what plain Python calls: `torch.flatten`, `torch.nn.functional.relu`, `torch.Tensor.expand`.
        tensors: the tensor inputs, which come from `from`, in order.
        required_tensors: how many of them must be there.
        variadic: it takes any number of tensors.
        arguments: everything else, in order.
        call: how the target is called, one of `operation_calls.FORMS`.
        doc: what it does, in one line.
        extra: what any further argument is, such as the sizes of axes in einops; None when there are no others.
        implementation: the function itself, when it is the caller's own.
    """

    name: str
    target: str
    tensors: tuple[str, ...]
    required_tensors: int
    variadic: bool
    arguments: dict[str, Parameter]
    call: str
    doc: str
    extra: Parameter | None = None
    implementation: Callable[..., object] | None = None

    @property
    def positional(self) -> tuple[str, ...]:
        """The arguments that a list can give, in order: all of them."""
        return tuple(self.arguments)

    @cached_property
    def model(self) -> type[BaseModel]:
        """The Pydantic model of the arguments: none of them required."""
        fields: dict[str, Any] = {_PREFIX + name: _field(item) for name, item in self.arguments.items()}
        base = ArgumentModel if self.extra is None else _open_arguments(self.extra.kind)
        return create_model(self.name, __base__=base, __doc__=self.doc, **fields)

    def validate(self, values: Mapping[str, object]) -> dict[str, object]:
        """The given values, checked; lists become tuples. What is no plain value yet passes as it is, in lists too.

        >>> from archspec.catalog.operations import OPERATIONS
        >>> OPERATIONS["permute"].validate({"dims": [0, 2, 1]})
        {'dims': (0, 2, 1)}

        Raises:
            pydantic.ValidationError: some values are refused; each error's `loc` is the argument's name and, in a
                list, the position.
        """
        checked = self.model.model_validate(values)
        found = checked.__dict__ | {_PREFIX + name: value for name, value in (checked.model_extra or {}).items()}
        return {name: found[_PREFIX + name] for name in values}

    def function(self) -> Callable[..., object]:
        """The operation as a Python function: `f(*tensors, **arguments)`.

        None stands for an optional tensor that is left out. Where the form of the call depends on whether the model is
        in training, the function takes `training=` as well, False by default.
        """
        target = resolve(self.target) if self.implementation is None else self.implementation
        function = FORMS[self.call](target, self.tensors)
        if self.implementation is not None:
            return function
        dtypes = tuple(name for name, parameter in self.arguments.items() if parameter.type == "dtype")
        return bounded(self.name, with_dtypes(function, dtypes) if dtypes else function)


@cache
def _open_arguments(kind: Kind) -> type[ArgumentModel]:
    """A base of models that take further arguments, all of one kind."""
    annotations = {"__pydantic_extra__": dict[str, Annotated[Any, kind]]}
    contents = {"model_config": ConfigDict(extra="allow"), "__annotations__": annotations, "__module__": __name__}
    return type("_OpenArguments", (ArgumentModel,), contents)


def _field(parameter: Parameter) -> tuple[object, object]:
    shown = parameter.default if isinstance(parameter.default, _WRITABLE) else None
    return Annotated[Any, parameter.kind, Field(alias=parameter.name)], shown


def sole_operation_argument(operation: Operation) -> str | list[str] | None:
    """The argument that a single value fills, as in `flatten: 1` and `mul: 0.5`.

    It is the only required one; where none is required, the first.

    Returns:
        Its name; the names of all required ones when they are two or more; None when the operation takes none.
    """
    required = [parameter.name for parameter in operation.arguments.values() if parameter.required]
    if len(required) > 1:
        return required
    return next(iter(required or operation.arguments), None)
