"""Classes: in come the blocks of one name, out go as few classes as can be, and each block as an instance of one."""

from collections.abc import Sequence
from dataclasses import dataclass

from archspec.fold.design import Class, Instance, Part, Rule, filled, split
from archspec.fold.naming import unused
from archspec.fold.parameters import Default, Table, parameters_of
from archspec.fold.variants import Row, Variant, whole
from archspec.graph.graph import Block, TensorStep
from archspec.graph.types import TensorType, Type

__all__ = ["Instances", "classes_of"]


@dataclass(frozen=True, slots=True)
class Instances:
    """Blocks, and what each is made of."""

    blocks: list[Block]
    parts: list[tuple[Part, ...]]


def classes_of(
    instances: Instances, rules: Sequence[tuple[Rule, ...]], taken: set[str], default: Default
) -> tuple[list[Class], list[Instance]]:
    """The classes of blocks of one name, and what makes each of the blocks.

    Args:
        instances: the blocks.
        rules: what their own `init` says, for each of them.
        taken: the names that other classes have.
        default: what an argument of a layer, or of another class, is when it is left out.
    """
    variants = [_variant(*item) for item in zip(instances.blocks, instances.parts, rules, strict=True)]
    groups: dict[Variant, list[int]] = {}
    rows: list[Row] = [()] * len(variants)
    for index, (template, values) in enumerate(whole(variants)):
        groups.setdefault(template, []).append(index)
        rows[index] = values
    classes: list[Class] = []
    made: dict[int, Instance] = {}
    for template, members in groups.items():
        blocks = [instances.blocks[index] for index in members]
        known = [dict(block.params) for block in blocks]
        table = Table(
            template=template,
            rows=[rows[index] for index in members],
            known=known,
            default=default,
            taken=frozenset(taken),
        )
        cls, calls = _class(table, blocks, unused(template.name, taken))
        taken.add(cls.name)
        classes.append(cls)
        made |= zip(members, calls, strict=True)
    return classes, [made[index] for index in range(len(variants))]


def _variant(block: Block, parts: tuple[Part, ...], rules: tuple[Rule, ...]) -> tuple[Variant, Row]:
    inputs = tuple((item.name, item.optional) for item in block.inputs)
    return split(Variant(block.name, block.doc, inputs, parts, block.returns, rules))


def _class(table: Table, blocks: list[Block], name: str) -> tuple[Class, list[Instance]]:
    parameters, values, arguments = parameters_of(table)
    given = _types(blocks)
    variant = filled(table.template, values)
    cls = Class(
        name=name,
        block=variant.name,
        doc=variant.doc,
        inputs=variant.inputs,
        parts=variant.parts,
        returns=variant.returns,
        rules=variant.rules,
        parameters=parameters,
        types=tuple((name, types[0]) for name, types in given.items() if len({*types}) == 1),
        tensors=frozenset(name for name, types in given.items() if all(isinstance(kind, TensorType) for kind in types)),
    )
    return cls, [Instance(name, given) for given in arguments]


def _types(blocks: list[Block]) -> dict[str, list[Type]]:
    """What the inputs and steps of blocks give."""
    found: dict[str, list[Type]] = {}
    for block in blocks:
        for item in block.inputs:
            found.setdefault(item.name, []).append(item.type)
        for step in block.steps:
            if step.output is not None and not isinstance(step, TensorStep):
                found.setdefault(step.name, []).append(step.output)
    return found
