"""Folding: equal blocks are one class with parameters, equal siblings one run, and every value is where it was."""

from collections.abc import Callable
from textwrap import dedent

import pytest

import archspec
from archspec.catalog.registry import default_registry
from archspec.fold.design import Class, Constant, Container, Folded, Instance, Member, Run, Use
from archspec.fold.fold import fold

HEADER = "archspec: 1\nname: Net\n"


@pytest.fixture
def folded() -> Callable[[str], Folded]:
    """Folds the spec that consists of a header of two lines and the text, or one that ships."""

    def made(text: str) -> Folded:
        spec = HEADER + dedent(text).lstrip("\n") if "\n" in text else text
        return fold(archspec.compile(spec).graph, default_registry())

    return made


def _class(folded: Folded, name: str) -> Class:
    return next(cls for cls in folded.classes if cls.name == name)


def _parameters(cls: Class) -> list[tuple[str, str, object]]:
    return [(item.name, item.type, item.default and item.default.value) for item in cls.parameters]


def test_resnet(folded: Callable[[str], Folded]) -> None:
    """The 16 blocks of ResNet-50 are one class; what all have in common is no parameter of it."""
    found = folded("resnet50")
    assert [cls.name for cls in found.classes] == ["Bottleneck", "ResNet"]
    assert _parameters(_class(found, "Bottleneck")) == [
        ("in_channels", "int", None),
        ("planes", "int", None),
        ("stride", "int", 1),
        ("downsample", "bool", False),
    ]


def test_a_multiple_holds_in_every_instance(folded: Callable[[str], Folded]) -> None:
    """The last convolution of a Bottleneck has four times the planes."""
    conv3 = next(part for part in _class(folded("resnet50"), "Bottleneck").parts if part.name == "conv3")
    assert dict(conv3.design.arguments)["out_channels"] == Use("planes", times=4)


BLOCKS = """
    input: [N, 8]
    model: [{Block: WIDTHS}, {Block: 8}, {Block: 8}]
    blocks:
      Block:
        params: {width: int}
        model:
          fc: {Linear: $width}
          act: relu
          back: {Linear: 8}
    """


def test_equal_blocks_have_no_parameters(folded: Callable[[str], Folded]) -> None:
    """What is the same in all instances stands in the class, and equal siblings are a run."""
    found = folded(BLOCKS.replace("WIDTHS", "8"))
    assert _parameters(_class(found, "Block")) == []
    assert isinstance(found.root, Container)
    assert found.root.members == (Run("", 0, Constant(3), Instance("Block", ())),)


def test_what_differs_is_a_parameter(folded: Callable[[str], Folded]) -> None:
    """It is called as the param of the block, and only those that are equal are a run."""
    found = folded(BLOCKS.replace("WIDTHS", "4"))
    assert _parameters(_class(found, "Block")) == [("width", "int", None)]
    assert isinstance(found.root, Container)
    first, rest = found.root.members
    assert first == Member("0", Instance("Block", (("width", Constant(4)),)))
    assert isinstance(rest, Run)
    assert rest.count == Constant(2)


def test_a_run_whose_members_differ_in_a_value(folded: Callable[[str], Folded]) -> None:
    """Four or more siblings that differ in a value or two are a run, with a column for what differs."""
    text = """
        input: [N, 8]
        model: {blocks: [{Block: $(i + 1), for: i in range(4)}]}
        blocks:
          Block: {params: {width: int}, model: {fc: {Linear: $width}, back: {Linear: 8}}}
        """
    root = _class(folded(text), "Net")
    (run,) = root.parts[0].design.members  # type: ignore[union-attr] # the one part is a module
    assert run.columns == (Constant((1, 2, 3, 4)),)


def test_numbers_of_other_types_are_other_values(folded: Callable[[str], Folded]) -> None:
    """1 and 1.0 are equal in Python, and do not mean the same in a model."""
    text = """
        input: [N, 8]
        model: {a: {Block: 1}, b: {Block: 1.0}}
        blocks:
          Block: {params: {value: any}, model: {full: {full_like: {fill_value: $value}}}}
        """
    assert len(_class(folded(text), "Block").parameters) == 1


def test_blocks_within_blocks_of_the_same_name(folded: Callable[[str], Folded]) -> None:
    """Blocks that have no name of their own may hold each other; each is a class then."""
    text = """
        input: [N, 8]
        model: {a: {Graph: {b: {Graph: {c: {Linear: 8}}}, d: relu}}}
        """
    found = folded(text)
    assert len({cls.name for cls in found.classes}) == len(found.classes) == 3
