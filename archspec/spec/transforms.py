"""`transforms:`: in come the lists of transforms as written, out go `TransformNode`s, their arguments checked."""

from dataclasses import dataclass
from typing import cast

from archspec.catalog.transforms import HELD, LEFT_OUT, TRANSFORMS, Transform
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.spec.arguments import read_arguments
from archspec.spec.names import refuse_label
from archspec.spec.node import Arguments
from archspec.spec.wiring import found_in
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Expression, Written, parse_expression, parse_written
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["Pipelines", "TransformNode", "read_transforms"]

_EXAMPLE = "a transform such as `RandomHorizontalFlip`, or one with arguments such as `Resize: 256`"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TransformNode:
    """A transform as written; the value of an argument `transforms` is a tuple of these."""

    transform: Transform
    arguments: Arguments
    when: Expression | None
    type_tree: Scalar


Pipelines = dict[str, tuple[TransformNode, ...]]


def read_transforms(tree: Tree | None, limits: Limits, collector: Collector) -> Pipelines:
    """The pipelines of a file by name; every fault is collected."""
    if not isinstance(tree, Mapping):
        return {}
    reader = _Reader(limits, collector)
    for _, key, _ in tree.items():
        refuse_label(key, "a pipeline", collector)
    return {name: reader.several(value) for name, _, value in tree.items() if isinstance(value, Sequence)}


class _Reader:
    def __init__(self, limits: Limits, collector: Collector) -> None:
        self.limits = limits
        self.collector = collector

    def several(self, tree: Tree) -> tuple[TransformNode, ...]:
        """A list of transforms, without those that are wrong."""
        if not isinstance(tree, Sequence):
            self.collector.add(_malformed("this is no list of transforms", tree, "[transform, …]"))
            return ()
        found = [self._collected(item) for item in tree.items]
        return tuple(node for node in found if node is not None)

    def _collected(self, tree: Tree) -> TransformNode | None:
        try:
            return self._node(tree)
        except Fault as fault:
            self.collector.add(fault.diagnostic)
            return None

    def _node(self, tree: Tree) -> TransformNode:
        if isinstance(tree, Scalar) and isinstance(tree.value, str):
            return self._typed(tree, None, None)
        if not isinstance(tree, Mapping):
            raise Fault(_malformed("this is no transform", tree, _EXAMPLE))
        types = [name for name in tree if name != "when"]
        if len(types) != 1:
            raise Fault(self._several_types(tree, types))
        when = tree.get("when")
        condition = None if when is None else self._condition(when)
        return self._typed(tree.entries[types[0]][0], tree.get(types[0]), condition)

    def _condition(self, tree: Tree) -> Expression:
        if isinstance(tree, Scalar) and isinstance(tree.value, (bool, int, str)):
            return parse_expression(tree.text, tree.span, self.limits)
        message, expected = "`when` has a wrong value", "an expression, such as `size > 64`"
        raise Fault(Diagnostic(code="E0304", message=message, span=tree.span, found=found_in(tree), expected=expected))

    def _typed(self, type_tree: Scalar, tree: Tree | None, when: Expression | None) -> TransformNode:
        transform = TRANSFORMS.get(type_tree.text)
        if transform is None:
            raise Fault(_unknown(type_tree))
        arguments = self._arguments(transform, tree, type_tree)
        given = arguments.trees.keys()
        missing = [item.name for item in transform.arguments.values() if item.required and item.name not in given]
        if missing and given <= transform.arguments.keys():  # one that is misspelt has been reported already
            names = " and ".join(f"`{name}`" for name in missing)
            hint = f"write {transform.name}: {{{', '.join(f'{name}: …' for name in missing)}}}"
            message = f"{transform.name} needs {names}"
            raise Fault(Diagnostic(code="E0303", message=message, span=type_tree.span, hint=hint))
        return TransformNode(transform=transform, arguments=arguments, when=when, type_tree=type_tree)

    def _arguments(self, transform: Transform, tree: Tree | None, type_tree: Scalar) -> Arguments:
        if transform.holds and isinstance(tree, Sequence):
            return Arguments({HELD: self._value(HELD, tree)}, {HELD: tree}, constant=False)
        read = self._value if transform.holds else None
        return read_arguments(transform, transform.sole, tree, type_tree, self.limits, self.collector, read_value=read)

    def _value(self, name: str, tree: Tree) -> Written:
        """The value of an argument of a transform that applies others."""
        return cast("Written", self.several(tree)) if name == HELD else parse_written(tree, self.limits)

    def _several_types(self, tree: Mapping, types: list[str]) -> Diagnostic:
        """What is wrong with a mapping that has not one type.

        Raises:
            Fault: E0405, YAML cut an expression off at a comma and made keys of the rest.
        """
        for _, _, value in tree.items():
            if isinstance(value, Scalar) and "$(" in value.text:
                parse_written(value, self.limits)
        if not types:
            return _malformed("this transform has no type", tree, _EXAMPLE)
        known = [name for name in types if name in TRANSFORMS]
        others = [name for name in types if name not in known]
        if len(known) == 1:
            message = f"{quote(others[0])} cannot stand beside {known[0]}; only `when` can"
            hint = f"arguments go inside braces: {known[0]}: {{{others[0]}: …}}"
            key = tree.entries[others[0]][0]
        else:
            message = f"a transform has one type, this one has {len(types)}: {', '.join(map(quote, types))}"
            hint = "make each an item of its own"
            key = tree.entries[types[1]][0]
        return Diagnostic(code="E1002", message=message, span=key.span, hint=hint)


def _malformed(message: str, tree: Tree, expected: str) -> Diagnostic:
    return Diagnostic(code="E1002", message=message, span=tree.span, found=found_in(tree), expected=expected)


def _unknown(type_tree: Scalar) -> Diagnostic:
    name = type_tree.text
    hint = LEFT_OUT.get(name) or did_you_mean(name, list(TRANSFORMS))
    message = f"there is no transform {quote(name)}" if name not in LEFT_OUT else f"a spec cannot name {quote(name)}"
    expected = "" if name in LEFT_OUT else "a transform of images, such as `Resize` or `Normalize`"
    fix = None if name in LEFT_OUT else respelled(type_tree.span, name, TRANSFORMS)
    return Diagnostic(code="E1001", message=message, span=type_tree.span, expected=expected, hint=hint, fix=fix)
