"""What to compile: in come the options of the command line as text, out goes a `Compilation`."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from archspec.diagnostic import quote
from archspec.errors import Fault, SpecError, UsageError
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.suggest import did_you_mean
from archspec.syntax.parse import parse
from archspec.syntax.read import read_stdin
from archspec.syntax.tree import Mapping as TreeMapping

if TYPE_CHECKING:
    from archspec.compiler import Compilation

__all__ = ["Settings", "read_inputs", "read_limits", "read_param"]

STDIN = "-"
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_AMOUNT = re.compile(r"(\d[\d_]{0,17})\s*(KiB|MiB|GiB|TiB|)")
_SHAPE = re.compile(r"\d{1,18}([x×]\d{1,18})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options that say what is compiled, as the user wrote them.

    Attributes:
        spec: a path, the name of a shipped architecture or preset, or `-` for standard input.
        preset: a preset of the spec.
        params: `name=value`, the value in YAML.
        inputs: `name=size` or `name=AxBxC`, several with commas between them.
        limits: `name=value`.
        ignore: codes of warnings, several with commas between them.
        strict: whether a warning fails the spec too.
    """

    spec: str
    preset: str | None = None
    params: Sequence[str] = ()
    inputs: Sequence[str] = ()
    limits: Sequence[str] = ()
    ignore: Sequence[str] = ()
    strict: bool = False

    def compilation(self, source: Source | None = None) -> "Compilation":
        """The compilation; nothing but the text of the spec has been read, or `source` in its place.

        Raises:
            SpecError: the spec, or the value of a param, cannot be read.
            UsageError: an option is written wrongly, or no spec is called that.
        """
        from archspec.compiler import Compilation

        limits = read_limits(self.limits)
        sizes, shapes = read_inputs(self.inputs)
        try:
            spec = source or (read_stdin(sys.stdin.buffer, limits) if self.spec == STDIN else self.spec)
            params = [read_param(item, limits) for item in self.params]
        except Fault as fault:
            raise SpecError([fault.diagnostic]) from fault
        return Compilation(
            spec, preset=self.preset, params=params, sizes=sizes, inputs=shapes, limits=limits, ignore=self.ignore
        )

    @property
    def file(self) -> str:
        """The spec as messages name it."""
        return "<stdin>" if self.spec == STDIN else self.spec

    def with_preset(self, preset: str) -> "Settings":
        """The same with another preset."""
        return replace(self, preset=preset)


def read_param(item: str, limits: Limits = DEFAULT_LIMITS) -> TreeMapping:
    """A param as a tree, whose source is the option as the user wrote it.

    Raises:
        Fault: the value is no YAML.
        UsageError: it is no `name=value`.
    """
    name, equals, value = item.partition("=")
    if not equals or not name.isidentifier() or "\n" in value:
        raise UsageError(f"-p {quote(item)} is no name=value, such as -p num_classes=10")
    tree = parse(Source.of_text(f"{name}: {value}", name=f"-p {item}"), limits)
    assert isinstance(tree, TreeMapping), "a name, a colon and one line of YAML"
    return tree


def read_inputs(written: Sequence[str]) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """Sizes of named dimensions, and whole shapes of inputs.

    >>> read_inputs(["N=8,H=128", "image=8x3x128x128"])
    ({'N': 8, 'H': 128}, {'image': (8, 3, 128, 128)})

    Raises:
        UsageError: an option is neither.
    """
    sizes: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    for item in chain.from_iterable(option.split(",") for option in written):
        name, _, value = (part.strip() for part in item.partition("="))
        if name and re.fullmatch(r"\d{1,18}", value):
            sizes[name] = int(value)
        elif name and _SHAPE.fullmatch(value):
            shapes[name] = tuple(int(size) for size in re.split("[x×]", value))
        else:
            raise UsageError(f"--input {quote(item)} is no size, such as N=8, and no shape, such as input=8x3x128x128")
    return sizes, shapes


def read_limits(written: Sequence[str]) -> Limits:
    """The limits with some of them set.

    >>> read_limits(["parameter_bytes=16GiB"]).parameter_bytes
    17179869184

    Raises:
        UsageError: there is no such limit, or the value is no amount.
    """
    values = dict(_limit(item) for item in written)
    return DEFAULT_LIMITS.raised(**values)


def _limit(item: str) -> tuple[str, int]:
    name, _, value = (part.strip() for part in item.partition("="))
    if name not in Limits.names():
        hint = did_you_mean(name, Limits.names(), otherwise=f"the limits are {', '.join(Limits.names())}")
        raise UsageError(f"there is no limit {quote(name)}: {hint}")
    match = _AMOUNT.fullmatch(value)
    if match is None:
        raise UsageError(f"--limit {quote(item)} is no amount, such as {name}=1000 or {name}=16GiB")
    return name, int(match[1]) * UNITS[match[2]]
