"""New specs from every architecture that ships: they pass the check at once, and what their comments offer works."""

import re
from pathlib import Path

import pytest

import archspec
from archspec.commands.copies import copied
from archspec.commands.starters import extending
from archspec.spec.shipped import shipped

FAST = {"lenet", "resnet18", "squeezenet1_1", "swin_v2_t"}
NAMES = [
    pytest.param(name, marks=[] if name in FAST else pytest.mark.slow)
    for item in shipped().values()
    for name in item.names
]


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_that_extends_is_the_model_until_it_is_changed(name: str, tmp_path: Path) -> None:
    """As it stands, and with its params taken out of their comments; then with its patch."""
    text = extending("Mine", name, None, tmp_path / "mine.yaml")
    original = archspec.compile(name).graph
    assert archspec.check(text) == ()
    assert [*archspec.compile(text).graph.state()] == [*original.state()]
    live = re.sub(r"^# (?=params:|patch:|  )", "", text, flags=re.MULTILINE)
    unpatched, patch = live.split("\npatch:\n")
    assert [*archspec.compile(unpatched).graph.state()] == [*original.state()]
    assert patch.count("\n") >= 1
    assert archspec.compile(live).graph.name == "Mine"


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_is_the_model(name: str) -> None:
    """With the preset's values, and nothing in it that is not used."""
    text = copied("Mine", name, None)
    assert archspec.check(text) == ()
    assert [*archspec.compile(text).graph.state()] == [*archspec.compile(name).graph.state()]


def test_a_base_may_have_any_name_and_long_docs(tmp_path: Path) -> None:
    """A colon in the name of the file, and several lines of doc, make no YAML of their own."""
    path = tmp_path / "a: b.yaml"
    path.write_text(
        'archspec: 1\nname: Base\nparams:\n  n: {type: int, default: 4, doc: "One.\\nTwo: 2"}\n'
        "input: [N, 3]\nmodel: [Linear: $n]\n"
    )
    text = extending("Mine", str(path), None, tmp_path / "mine.yaml")
    assert "#   # One.\n#   # Two: 2\n#   n: 4\n" in text
    target = tmp_path / "mine.yaml"
    target.write_text(text)
    assert archspec.check(target) == ()
