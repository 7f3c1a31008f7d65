"""Kinds of value: in comes one value of a layer's argument, out goes what torch takes, or a refusal that says why.

A refusal is a Pydantic error of one of the types `wrong_kind`, `out_of_range`, `wrong_length`, `not_finite` and
`unknown_choice`. As in Pydantic's own, its message is `Input should be …`; its context has the rest as `expected`
("at least 1"), and `hint`, the likely fix or nothing.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, LiteralString

from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator, core_schema

from archspec.suggest import did_you_mean
from archspec.syntax.expression import Expression, Template

__all__ = [
    "BOOLEAN",
    "NULL",
    "TEXT",
    "UNBOUNDED",
    "Alternative",
    "Anything",
    "Bounds",
    "Choice",
    "Integer",
    "Items",
    "Kind",
    "ModuleValue",
    "Number",
    "OneOf",
    "Simple",
    "Unwritable",
]

INT64 = 2**63 - 1
EXPRESSION_PATTERN = r"\$"

JsonSchema = dict[str, Any]


class Kind(ABC):
    """What one argument takes. As an annotation it tells Pydantic how to check a field and how to describe it."""

    __slots__ = ()

    @abstractmethod
    def check(self, value: Any) -> object:
        """The value as torch takes it.

        Raises:
            PydanticCustomError: it is refused.
            ValidationError: items of it are refused, each at its own place.
        """

    @abstractmethod
    def json_schema(self) -> JsonSchema:
        """The same as JSON Schema, for editors."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: object) -> CoreSchema:
        """Let Pydantic check a field with `check`."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _schema: object, _handler: object) -> JsonSchema:
        """Let Pydantic describe a field with `json_schema`."""
        return self.json_schema()


def _refusal(
    error: LiteralString, expected: object, hint: str = "", choices: tuple[str, ...] = ()
) -> PydanticCustomError:
    context = {"expected": str(expected), "hint": hint, "choices": choices}
    return PydanticCustomError(error, "Input should be {expected}", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The least and the greatest number allowed; `exclusive` leaves out both ends."""

    low: float = -math.inf
    high: float = math.inf
    exclusive: bool = False

    def hold(self, value: float) -> bool:
        """Whether the number is within."""
        return self.low < value < self.high if self.exclusive else self.low <= value <= self.high

    def __str__(self) -> str:
        """The bounds in words: `at least 1`, `above 0`, `from 0 to 1`; nothing when there are none."""
        if self.high < math.inf:
            ends = (f"{self.low:g}", f"{self.high:g}")
            return "between {} and {}".format(*ends) if self.exclusive else "from {} to {}".format(*ends)
        if self.low > -math.inf:
            return f"{'above' if self.exclusive else 'at least'} {self.low:g}"
        return ""

    def describe(self, noun: str) -> str:
        """The bounds with what they bound: `an integer of at least 1`."""
        words = str(self)
        joint = " of " if words.startswith("at least") else " "
        return f"{noun}{joint}{words}" if words else noun

    def json_schema(self) -> JsonSchema:
        """The bounds as JSON Schema's keywords."""
        prefix = ("exclusiveMinimum", "exclusiveMaximum") if self.exclusive else ("minimum", "maximum")
        ends = zip(prefix, (self.low, self.high), strict=True)
        return {keyword: end for keyword, end in ends if math.isfinite(end)}


UNBOUNDED = Bounds()


class Alternative(Kind):
    """A kind that the Python type of a value decides."""

    __slots__ = ()

    @abstractmethod
    def claims(self) -> Iterable[type]:
        """The Python types whose values are of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Alternative):
    """A whole number that fits in 64 bits; `true` is none."""

    bounds: Bounds = UNBOUNDED

    def claims(self) -> Iterable[type]:
        """Python integers."""
        return (int,)

    def check(self, value: int) -> int:
        """The number itself."""
        if not self.bounds.hold(value):
            raise _refusal("out_of_range", self.bounds)
        if not -INT64 <= value <= INT64:
            raise _refusal("out_of_range", "an integer of 64 bits")
        return value

    def json_schema(self) -> JsonSchema:
        """An integer with its bounds."""
        return {"type": "integer", **self.bounds.json_schema()}

    def __str__(self) -> str:
        """Such as `an integer of at least 1`."""
        return self.bounds.describe("an integer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Alternative):
    """A finite number; an integer becomes a float."""

    bounds: Bounds = UNBOUNDED

    def claims(self) -> Iterable[type]:
        """Both kinds of number."""
        return (int, float)

    def check(self, value: float) -> float:
        """The number as a float."""
        if not -INT64 <= value <= INT64 and (type(value) is int or not math.isfinite(value)):
            raise _refusal("not_finite", "a finite number")
        if not self.bounds.hold(value):
            raise _refusal("out_of_range", self.bounds)
        return float(value)

    def json_schema(self) -> JsonSchema:
        """A number with its bounds."""
        return {"type": "number", **self.bounds.json_schema()}

    def __str__(self) -> str:
        """Such as `a number from 0 to 1`."""
        return self.bounds.describe("a number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple(Alternative):
    """Every value of one Python type: `BOOLEAN`, `NULL`, `TEXT`."""

    python_type: type
    keyword: str
    words: str

    def claims(self) -> Iterable[type]:
        """The one type."""
        return (self.python_type,)

    def check(self, value: object) -> object:
        """The value itself."""
        return value

    def json_schema(self) -> JsonSchema:
        """JSON Schema's name of the type."""
        return {"type": self.keyword}

    def __str__(self) -> str:
        """As a spec writes it."""
        return self.words


BOOLEAN = Simple(python_type=bool, keyword="boolean", words="true or false")
NULL = Simple(python_type=type(None), keyword="null", words="null")
TEXT = Simple(python_type=str, keyword="string", words="text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Alternative):
    """One of a few values, most often names."""

    values: tuple[str | int, ...]

    def claims(self) -> Iterable[type]:
        """The types of the values to choose from."""
        return {type(value) for value in self.values}

    def check(self, value: str | int) -> str | int:
        """The value itself."""
        if value not in self.values:
            choices = tuple(map(str, self.values)) if isinstance(value, str) else ()
            raise _refusal("unknown_choice", self, did_you_mean(str(value), choices), choices)
        return value

    def json_schema(self) -> JsonSchema:
        """The values."""
        return {"enum": list(self.values)}

    def __str__(self) -> str:
        """Such as `` one of `relu`, `gelu` ``."""
        names = ", ".join(f"`{value}`" for value in self.values)
        return f"one of {names}" if len(self.values) > 1 else names


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritable(Alternative):
    """Something that a spec cannot write: a tensor, a function."""

    what: str

    def claims(self) -> Iterable[type]:
        """No type."""
        return ()

    def check(self, value: object) -> object:
        """Never called: no value is of this kind."""
        raise NotImplementedError

    def json_schema(self) -> JsonSchema:
        """Nothing."""
        return {}

    def __str__(self) -> str:
        """Such as ``a `Tensor`, which a spec cannot write``."""
        return f"a `{self.what}`, which a spec cannot write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Items(Alternative):
    """A list of items of one kind, as a `container`; `lengths` are the lengths allowed, none for any."""

    item: Kind
    lengths: tuple[int, ...] = ()
    container: type[tuple[object, ...]] | type[list[object]] = tuple
    _validator: SchemaValidator = field(init=False, repr=False, compare=False)

    def claims(self) -> Iterable[type]:
        """Lists, and the tuples that expressions make."""
        return (list, tuple)

    def __post_init__(self) -> None:
        """Prepare the validator that puts an item's position into its error."""
        object.__setattr__(self, "_validator", _list_validator(self.item))

    def check(self, value: list[object] | tuple[object, ...]) -> object:
        """The items, each checked."""
        if self.lengths and len(value) not in self.lengths:
            raise _refusal("wrong_length", self.briefly())
        return self.container(self._validator.validate_python(value))

    def _count(self) -> str:
        *others, last = self.lengths
        if others and last - others[0] == len(others):
            numbers = f"{others[0]} to {last}"
        else:
            numbers = f"{', '.join(map(str, others))} or {last}" if others else str(last)
        return f"{numbers} item{'' if numbers == '1' else 's'}"

    def json_schema(self) -> JsonSchema:
        """An array with its items and lengths."""
        schema: JsonSchema = {"type": "array", "items": self.item.json_schema()}
        if self.lengths:
            schema |= {"minItems": self.lengths[0], "maxItems": self.lengths[-1]}
        return schema

    def __str__(self) -> str:
        """Such as `a list of 2 items, each an integer of at least 1`."""
        return f"{self.briefly()}, each {self.item}"

    def briefly(self) -> str:
        """Such as `a list of 2 items`."""
        return f"a list of {self._count()}" if self.lengths else "a list of items"


@cache
def _list_validator(item: Kind) -> SchemaValidator:
    return SchemaValidator(core_schema.list_schema(core_schema.no_info_plain_validator_function(item.check)))


@dataclass(frozen=True, slots=True)
class OneOf(Kind):
    """Alternatives, chosen by the Python type of the value, so that a mistake gives one error and not one for each.

    Expressions that are not evaluated yet pass as they are.
    """

    kinds: tuple[Alternative, ...]
    _by_type: Mapping[type, Alternative] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the table of types; the first kind that claims a type has it."""
        table = {claimed: kind for kind in reversed(self.kinds) for claimed in kind.claims()}
        object.__setattr__(self, "_by_type", table)

    def check(self, value: Any) -> object:
        """The value as the kind of its type takes it."""
        kind = self._by_type.get(type(value))
        if kind is not None:
            return kind.check(value)
        if isinstance(value, Expression | Template):
            return value
        raise _refusal("wrong_kind", self)

    def json_schema(self) -> JsonSchema:
        """All kinds in one flat schema; values to choose from stand beside it, where editors look for them."""
        flat = [kind.json_schema() for kind in self.kinds if not isinstance(kind, Choice | Unwritable)]
        types = [part.pop("type") for part in flat]
        keywords = {keyword: value for part in flat for keyword, value in part.items()}
        if "string" not in types:
            types.append("string")
            keywords["pattern"] = EXPRESSION_PATTERN
        schema = {"type": types, **keywords}
        choices = [kind.json_schema() for kind in self.kinds if isinstance(kind, Choice)]
        return {"anyOf": [*choices, schema]} if choices else schema

    def __str__(self) -> str:
        """Such as `an integer of at least 1 or a list of 2 items`."""
        words: list[str] = []
        for kind in self.kinds:
            known = isinstance(kind, Items) and str(kind.item) in words
            words.append(kind.briefly() if isinstance(kind, Items) and known else str(kind))
        return " or ".join(words)


@dataclass(frozen=True, slots=True)
class ModuleValue(Kind):
    """A module: a node of the spec, which is checked as a node and not here."""

    def check(self, value: object) -> object:
        """The value as it is."""
        return value

    def json_schema(self) -> JsonSchema:
        """Whatever a node may be."""
        return {}

    def __str__(self) -> str:
        """In two words."""
        return "a module"


@dataclass(frozen=True, slots=True)
class Anything(Kind):
    """Any plain value: what an argument without a type hint takes."""

    def check(self, value: Any) -> object:
        """The value as it is, once no number in it is infinite."""
        _refuse_infinite(value)
        return value

    def json_schema(self) -> JsonSchema:
        """No restriction."""
        return {}

    def __str__(self) -> str:
        """In three words."""
        return "any plain value"


def _refuse_infinite(value: object) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_infinite(item)
    elif isinstance(value, dict):
        for item in value.values():
            _refuse_infinite(item)
    elif isinstance(value, float) and not math.isfinite(value):
        raise _refusal("not_finite", "a finite number")
