"""The layers a spec can name: in comes a name of `torch.nn` or a class, out go its arguments and its inputs."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import Parameter
from typing import TYPE_CHECKING, Annotated, Any, get_overloads

from pydantic import BaseModel, Field, create_model
from pydantic_core import SchemaValidator

from archspec.catalog.argument_model import ArgumentModel
from archspec.catalog.hints import kind_of_argument
from archspec.catalog.inferred import inferred
from archspec.catalog.kinds import Kind, ModuleValue

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Argument", "Layer", "layer_of", "torch_layers"]

_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_PLACEMENT = ("device", "dtype")


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a layer's constructor.

    Attributes:
        name: as the constructor has it.
        required: it has no default.
        default: what the constructor takes when it is left out; None for a required one.
        is_module: it takes a module, so a spec writes a node there.
    """

    name: str
    required: bool
    default: object
    is_module: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One class that a spec can name.

    Attributes:
        name: the name in a spec.
        cls: the class.
        arguments: by name, in the order of the signature, without `device` and `dtype`, and without those that torch
            keeps to itself, whose names begin with an underscore.
        kinds: what each argument takes.
        positional: the arguments that can be given by position, in order.
        takes_device: the constructor has `device`.
        takes_dtype: the constructor has `dtype`.
        inputs: the parameters of `forward`.
        required_inputs: how many of them have no default.
        variadic_inputs: `forward` takes any number of further inputs.
        is_registered: it is a class of the caller, not one of `torch.nn`.
    """

    name: str
    cls: "type[nn.Module]"
    arguments: dict[str, Argument]
    kinds: dict[str, Kind]
    positional: tuple[str, ...]
    takes_device: bool
    takes_dtype: bool
    inputs: tuple[str, ...]
    required_inputs: int
    variadic_inputs: bool
    is_registered: bool

    @cached_property
    def model(self) -> type[BaseModel]:
        """The Pydantic model of the arguments: none of them required, no other allowed."""
        fields: dict[str, Any] = {_field_name(name): self._field(name) for name in self.arguments}
        return create_model(
            self.name, __base__=ArgumentModel, __module__=self.cls.__module__, __doc__=self.cls.__doc__, **fields
        )

    def _field(self, name: str) -> tuple[object, object]:
        default = self.arguments[name].default
        shown = default.__name__ if inspect.isfunction(default) else default
        if _field_name(name) == name:
            return Annotated[Any, self.kinds[name]], shown
        return Annotated[Any, self.kinds[name], Field(alias=name)], shown

    def validate(self, values: Mapping[str, object]) -> dict[str, object]:
        """The given values as the constructor takes them: lists as tuples, integers as floats where it means floats.

        Expressions that are not evaluated yet and the values of module arguments pass as they are.

        >>> torch_layers()["MaxPool2d"].validate({"kernel_size": [3, 2], "stride": 2})
        {'kernel_size': (3, 2), 'stride': 2}

        Raises:
            pydantic.ValidationError: some values are refused; each error's `loc` is the argument's name and, in a
                list, the position.
        """
        checked = self._validator.validate_python(dict(values)).__dict__
        return {name: checked[_field_name(name)] for name in values}

    @cached_property
    def required(self) -> frozenset[str]:
        """The arguments that have no default."""
        return frozenset(name for name, argument in self.arguments.items() if argument.required)

    @cached_property
    def sole(self) -> str | list[str] | None:
        """The argument that a single value fills, as in `Linear: 10`.

        It is the only required one that inference does not fill; where none is required, the first. The names of all
        that are still needed when they are two or more; None when the layer takes none.
        """
        known = inferred(self.name)
        needed = [name for name in self.arguments if name in self.required and name not in known]
        if len(needed) > 1:
            return needed
        return next(iter(needed or self.arguments), None)

    @cached_property
    def flags(self) -> Mapping[str, bool]:
        """The inputs that are true or false, each with whether it may be null too; read from the hints of `forward`.

        >>> dict(torch_layers()["TransformerEncoderLayer"].flags)
        {'is_causal': False}
        """
        hints = inspect.signature(self.cls.forward).parameters.items()
        return {name: item.annotation is not bool for name, item in hints if item.annotation in (bool, bool | None)}

    @cached_property
    def _validator(self) -> SchemaValidator:
        """What `model.model_validate` runs, at half the time for arguments as few as these."""
        validator: SchemaValidator = self.model.__pydantic_validator__  # type: ignore[assignment]  # or a plug-in's
        return validator


@cache
def _field_name(argument: str) -> str:
    """The argument's name, or another where Pydantic needs that name for itself."""
    taken = argument.startswith(("_", "model_")) or hasattr(BaseModel, argument)
    return f"argument_{argument}" if taken else argument


def layer_of(cls: "type[nn.Module]", name: str | None = None) -> Layer:
    """Read a module class: its constructor's arguments and its forward's inputs.

    Args:
        cls: a class of `torch.nn` or of the caller.
        name: the name in a spec, when it is not the class's own.
    """
    constructor = _constructor_parameters(cls)
    names = [parameter.name for parameter in constructor]
    of_torch = cls.__module__.startswith("torch.nn.")
    hidden = {item.name for item in constructor if of_torch and item.name.startswith("_")}  # `Embedding._freeze`
    parameters = [parameter for parameter in constructor if parameter.name not in {*_PLACEMENT, *hidden}]
    kinds = {item.name: kind_of_argument(cls.__name__, item, of_torch=of_torch) for item in parameters}
    forward = list(inspect.signature(cls.forward).parameters.values())[1:]
    inputs = [parameter for parameter in forward if parameter.kind not in _VARIADIC]
    return Layer(
        name=name or cls.__name__,
        cls=cls,
        arguments={item.name: _argument(item, kinds[item.name]) for item in parameters},
        kinds=kinds,
        positional=_positional(constructor, hidden),
        takes_device="device" in names,
        takes_dtype="dtype" in names,
        inputs=tuple(parameter.name for parameter in inputs),
        required_inputs=sum(parameter.default is Parameter.empty for parameter in inputs),
        variadic_inputs=any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in forward),
        is_registered=not of_torch,
    )


def _argument(parameter: Parameter, kind: Kind) -> Argument:
    required = parameter.default is Parameter.empty
    return Argument(
        name=parameter.name,
        required=required,
        default=None if required else parameter.default,
        is_module=isinstance(kind, ModuleValue),
    )


def _positional(constructor: list[Parameter], hidden: AbstractSet[str]) -> tuple[str, ...]:
    """The arguments before the first that cannot be given by position or that a spec does not have."""
    names = []
    for parameter in constructor:
        if parameter.kind is Parameter.KEYWORD_ONLY or parameter.name in {*_PLACEMENT, *hidden}:
            break
        names.append(parameter.name)
    return tuple(names)


def _constructor_parameters(cls: "type[nn.Module]") -> list[Parameter]:
    """The named parameters; where there are only `*args, **kwargs`, those of the first overload (LSTM, GRU, RNN)."""
    named = _named_parameters(cls.__init__)
    overloads = [] if named else get_overloads(cls.__init__)
    return _named_parameters(overloads[0]) if overloads else named


def _named_parameters(function: Callable[..., object]) -> list[Parameter]:
    """The parameters without `self`; hints written as text are evaluated where their names are known."""
    try:
        signature = inspect.signature(function, eval_str=True)
    except Exception:  # noqa: BLE001 - a hint may be any expression; the signature is good without it
        signature = inspect.signature(function)
    return [parameter for parameter in list(signature.parameters.values())[1:] if parameter.kind not in _VARIADIC]


class _TorchLayers(Mapping[str, Layer]):
    """The layers of `torch.nn` by name, each read when it is first asked for."""

    def __init__(self) -> None:
        from torch import nn

        found = {name: getattr(nn, name) for name in nn.modules.__all__}
        self._classes = {name: cls for name, cls in found.items() if _is_layer(cls)}
        self._layers: dict[str, Layer] = {}

    def __getitem__(self, name: str) -> Layer:
        layer = self._layers.get(name)
        if layer is None:
            layer = self._layers.setdefault(name, layer_of(self._classes[name], name))
        return layer

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


def _is_layer(cls: type) -> bool:
    """Whether a spec can name it: no container, not abstract, deprecated or lazy (inference does what lazy ones do)."""
    from torch import nn
    from torch.nn.modules.lazy import LazyModuleMixin

    if not issubclass(cls, nn.Module) or issubclass(cls, nn.Sequential | nn.DataParallel | LazyModuleMixin):
        return False
    return cls.forward is not nn.Module.forward and not hasattr(cls, "__deprecated__")


@cache
def torch_layers() -> Mapping[str, Layer]:
    """Every public layer of `torch.nn` by name, losses included; each is read when it is first asked for."""
    return _TorchLayers()
