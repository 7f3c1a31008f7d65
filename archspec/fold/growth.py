"""Growth: a block whose every layer reads what all layers before it gave, as DenseNet's do, becomes one loop.

concat1: {cat: , from: input}, layer1: Layer, concat2: {cat: , from: [input, layer1]}, layer2: Layer, …
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from archspec.fold.design import Constant, GrowthPart, Instance, ModulePart, OperationPart, Part, Steps, split
from archspec.graph.graph import Output, Ref

__all__ = ["grown"]

_NUMBERED = re.compile(r"(.*?)(0|[1-9][0-9]{0,8})")
_FEWEST = 3


def grown(parts: tuple[Part, ...], returns: Output) -> tuple[Part, ...]:
    """The parts of a block as one, if they grow and their last concatenation is what the block returns."""
    layers = [part for part in parts if isinstance(part, ModulePart)]
    joins = [part for part in parts if isinstance(part, OperationPart) and part.operation == "cat"]
    alternating = [part for pair in zip(joins, layers, strict=False) for part in pair]
    if len(layers) < _FEWEST or len(joins) != len(layers) + 1 or (*alternating, joins[-1]) != parts:
        return parts
    if returns != Ref(joins[-1].name) or not _grow(joins, layers):
        return parts
    made = _growth(joins, layers)
    return parts if made is None else (made,)


def _grow(joins: Sequence[OperationPart], layers: Sequence[ModulePart]) -> bool:
    """Whether each join has one value more than the one before, and each layer reads nothing but its join."""
    if len(joins[0].inputs) != 1 or any(join.arguments != joins[0].arguments or join.only_train for join in joins):
        return False
    read = all(
        layer.inputs == (Ref(join.name),) and not layer.keywords and not layer.constants and not layer.only_train
        for join, layer in zip(joins, layers, strict=False)
    )
    more = zip(pairwise(joins), layers, strict=True)
    return read and all(two.inputs == (*one.inputs, Ref(layer.name)) for (one, two), layer in more)


def _growth(joins: Sequence[OperationPart], layers: Sequence[ModulePart]) -> GrowthPart | None:
    """The loop: layers of one class, whose names count up, and one of whose arguments may do so."""
    named = _NUMBERED.fullmatch(layers[0].name)
    shapes = {split(layer.design)[0] for layer in layers}
    first = layers[0].design
    if named is None or len(shapes) > 1 or not isinstance(first, Instance):
        return None
    if any(layer.name != f"{named[1]}{int(named[2]) + index}" for index, layer in enumerate(layers)):
        return None
    columns = [[dict(layer.design.arguments)[name] for layer in layers] for name, _ in first.arguments]
    values = [_steps(column) for column in columns]
    if None in values:
        return None
    names = [name for name, _ in first.arguments]
    return GrowthPart(
        name=joins[-1].name,
        prefix=named[1],
        start=int(named[2]),
        count=Constant(len(layers)),
        cls=first.cls,
        arguments=tuple(zip(names, values, strict=True)),
        base=joins[0].inputs[0],
        join=joins[0].arguments,
    )


def _steps(column: Sequence[object]) -> object | None:
    """One value that all have, or where it starts and by how much it grows."""
    if len({*column}) == 1:
        return column[0]
    whole = [item.value for item in column if isinstance(item, Constant) and type(item.value) is int]
    step = whole[1] - whole[0] if len(whole) == len(column) else 0
    if step and whole == [whole[0] + step * index for index in range(len(whole))]:
        return Steps(Constant(whole[0]), Constant(step))
    return None
