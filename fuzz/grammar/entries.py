"""Entries: nodes with one input and one output, as they stand in a `Sequential`, and the widths that they give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from hypothesis import strategies as st

from fuzz.grammar.widths import AXES, LONGEST, Width, condition, number, put_in, written

__all__ = ["DEEPEST", "Entries", "Entry", "as_mapping"]

Entry = Any
"""A node as it is written in YAML: a name, a mapping or a list."""

DEEPEST = 3

_KEEPING: Mapping[str, tuple[Entry, ...]] = {
    "flat": ("BatchNorm1d", {"LayerNorm": {"eps": 1e-3}}, "RMSNorm", {"Softmax": -1}),
    "sequence": ("LayerNorm", {"TransformerEncoderLayer": {"nhead": 1, "dim_feedforward": 3, "batch_first": True}}),
    "image": (
        *("BatchNorm2d", {"GroupNorm": 1}, {"AvgPool2d": [3, 1, 1]}, {"Dropout2d": 0.1}),
        {"MaxPool2d": {"kernel_size": 3, "stride": 1, "padding": 1}},
    ),
}
_EVERYWHERE: tuple[Entry, ...] = (
    *("ReLU", "Identity", {"Dropout": 0.5}, {"LeakyReLU": 0.1}, {"GELU": None}, "PReLU", "$act"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A block that can be called: its param, and the width that it gives in terms of that and of its input."""

    name: str
    param: str
    out: Width


@dataclass(kw_only=True)
class Entries:
    """Draws entries where certain names can be read.

    Attributes:
        draw: Hypothesis' choice.
        mode: what flows: `flat` [N, W], `sequence` [N, T, W] or `image` [N, W, H, V].
        names: of numbers that can be read here.
        blocks: that can be called here.
        fresh: numbers for names that stand nowhere else.
    """

    draw: st.DrawFn
    mode: str
    names: tuple[Width, ...] = ()
    blocks: tuple[_Block, ...] = ()
    fresh: "count[int]" = field(default_factory=count)

    @property
    def axis(self) -> Width:
        """The name that a block has for the width of its input."""
        return AXES[self.mode]

    def reading(self, *names: Width) -> "Entries":
        """The same where these names can be read too."""
        return replace(self, names=(*self.names, *names))

    def with_block(self, name: str, param: str, out: Width) -> "Entries":
        """The same where this block can be called too."""
        return replace(self, blocks=(*self.blocks, _Block(name=name, param=param, out=out)))

    def name(self, beginning: str) -> str:
        """A name that stands nowhere else."""
        return f"{beginning}{next(self.fresh)}"

    def number(self) -> Width:
        """A width of its own."""
        return number(self.draw, self.names)

    def condition(self, width: Width) -> str:
        """What is true or false where something of this width flows."""
        return condition(self.draw, (*self.names, f"({width})"))

    def pick(self, choices: tuple[Any, ...]) -> Any:
        """One of them."""
        return self.draw(st.sampled_from(choices))

    def sequence(self, width: Width, depth: int) -> tuple[list[Entry], Width]:
        """Entries one after the other."""
        entries = []
        for _ in range(self.draw(st.integers(1, 3))):
            entry, width = self.repeated(width) if self.draw(st.booleans()) else self.entry(width, depth)
            entries.append(entry)
        return entries, width

    def entry(self, width: Width, depth: int) -> tuple[Entry, Width]:
        """One node."""
        ways: list[Callable[[Width, int], tuple[Entry, Width]]] = [self._changing, self._keeping, self._switched]
        if self.blocks:
            ways.append(self._call)
        if depth < DEEPEST:
            ways += [self._listed, self._named, self._graph]
        return self.pick(tuple(ways))(width, depth)

    def changing(self, width: Width, to: Width) -> Entry:
        """A layer that gives another width, in one of the ways to write one."""
        if self.mode == "image":
            kernels = ({"kernel_size": 1}, {"kernel_size": 3, "padding": 1}, {"kernel_size": 5, "padding": "same"})
            return {"Conv2d": {"out_channels": written(to), **self.pick(kernels)}}
        return self.pick(
            (
                {"Linear": written(to)},
                {"Linear": {"out_features": written(to), "bias": self.draw(st.booleans())}},
                {"Linear": [written(width), written(to)]},
            )
        )

    def _changing(self, width: Width, _depth: int) -> tuple[Entry, Width]:
        to = self.number()
        return self.changing(width, to), to

    def keeping(self) -> Entry:
        """A layer that gives the width that it gets."""
        return self.pick((*_KEEPING[self.mode], *_EVERYWHERE))

    def _keeping(self, width: Width, _depth: int) -> tuple[Entry, Width]:
        return self.keeping(), width

    def _switched(self, width: Width, _depth: int) -> tuple[Entry, Width]:
        return {**as_mapping(self.keeping()), "when": self.condition(width)}, width

    def _call(self, width: Width, _depth: int) -> tuple[Entry, Width]:
        block, argument = self.pick(self.blocks), self.number()
        out = put_in(block.out, {block.param: argument, self.axis: width})
        form = self.pick(({block.param: written(argument)}, [written(argument)], written(argument)))
        return {block.name: form}, self.short(out) or width

    def short(self, width: Width) -> Width:
        """The width, or nothing where its text is too long to be built upon."""
        return width if len(width) <= LONGEST else ""

    def _listed(self, width: Width, depth: int) -> tuple[Entry, Width]:
        return self.sequence(width, depth + 1)

    def _named(self, width: Width, depth: int) -> tuple[Entry, Width]:
        named = {}
        for _ in range(self.draw(st.integers(1, 2))):
            named[self.name("part")], width = self.entry(width, depth + 1)
        return {"Sequential": named}, width

    def _graph(self, width: Width, depth: int) -> tuple[Entry, Width]:
        from fuzz.grammar.graphs import graph

        nodes, out, _ = graph(self, self.axis, depth + 1)
        return {"Graph": nodes}, put_in(out, {self.axis: width})

    def repeated(self, width: Width) -> tuple[Entry, Width]:
        """A loop of any kind that gives the width that it gets."""
        index = self.name("i")
        inner = self.reading(f"({index} + 1)")
        wide = inner.number()
        body = [self.changing(width, wide), self.keeping(), self.changing(wide, width)]
        loop = self.pick(
            (
                {"for": f"{index} in range({self.pick((1, 2, 3))})"},
                {"for": f"{index} in [2, 0, 1]"},
                {"for": f"{index}, ({index}a, {index}b) in enumerate([[1, 2], [3, 4]])"},
                {"for": f"{index}, {index}a in zip(range(2), ['x', 'y'])"},
            )
        )
        return self.pick(
            (
                {**as_mapping(self.keeping()), "repeat": self.pick((0, 1, 2, "$(1 + 1)"))},
                {**as_mapping(self.changing(width, width)), **loop},
                {**loop, "do": body},
                {"repeat": 2, "do": [self.changing(width, width), self.keeping()]},
                {**as_mapping(self.keeping()), **loop, "when": f"{index} != 1"},
            )
        ), width


def as_mapping(entry: Entry) -> dict[str, Any]:
    """An entry to which keys can be added."""
    if isinstance(entry, str):
        return {entry: None}
    return {"Sequential": entry} if isinstance(entry, list) else entry
