"""Copies of specs: the same text under another name, with a preset's values as defaults."""

import json
from pathlib import Path

import pytest

import archspec
from archspec._version import __version__
from archspec.commands.copies import copied
from archspec.errors import UsageError

HEAD = """\
# yaml-language-server: $schema=archspec.schema.json
# (Editors check and complete this file by that one; `archspec schema -o archspec.schema.json` writes it.)
# Copied from {origin} of archspec {version}.
"""

BASE = """\
# yaml-language-server: $schema=../schemas/archspec.schema.json
archspec: 1
name: Base
doc: A net of mine.
params:
  width: 3 # how wide
  layer: {type: module, default: ReLU}
  kinds: int
  rows:
    type: list
    default: # in, out
      - [1, 2]
      - [3, 4]
    doc: Rows.
  slope: 0.5
presets:
  # Two of them.
  wide: {width: 30, layer: {LeakyReLU: 0.2}, kinds: 5, rows: [[5, 6], [7, 8], [9, 10]]}
  leaky:
    layer: {Leaky: }
    kinds: 2
input: [N, 4] # samples
model:
  body:
    - Linear: $width
    - $layer
    - Linear: $(row[1])
      for: row in rows
  head: {Linear: $kinds}
blocks:
  Leaky:
    model: {LeakyReLU: $slope}
"""

WIDE = """\
archspec: 1
name: Mine
doc: A net of mine.
params:
  width: 30 # how wide
  layer: {type: module, default: {LeakyReLU: 0.2}}
  kinds: {type: int, default: 5}
  rows:
    type: list
    default: # in, out
      - [5, 6]
      - [7, 8]
      - [9, 10]
    doc: Rows.
input: [N, 4] # samples
model:
  body:
    - Linear: $width
    - $layer
    - Linear: $(row[1])
      for: row in rows
  head: {Linear: $kinds}
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A file to copy."""
    path = tmp_path / "base.yaml"
    path.write_text(BASE, encoding="utf-8")
    return path


def test_a_preset_becomes_the_defaults(base: Path) -> None:
    """Comments and layout stay; what only other presets need goes."""
    text = copied("Mine", str(base), "wide")
    assert text == HEAD.format(origin=f"wide ({base})", version=__version__) + WIDE
    assert archspec.check(text) == ()


def test_without_a_preset_all_stays(base: Path) -> None:
    """The copy has the presets of the original."""
    base.write_text(BASE.replace("kinds: int", "kinds: 1"), encoding="utf-8")
    text = copied("Mine", str(base), None)
    assert text.endswith(BASE.partition("name: Base\n")[2].replace("kinds: int", "kinds: 1"))
    assert list(archspec.compile(text).spec.presets) == ["wide", "leaky"]


def _lines(base: Path, text: str, preset: str | None) -> list[str]:
    """What a copy of the text has below its head."""
    base.write_text(text, encoding="utf-8")
    copy = copied("Mine", str(base), preset)
    mine, theirs = archspec.compile(copy).graph, archspec.compile(base, preset=preset).graph
    assert [*mine.state()] == [*theirs.state()]
    return copy.splitlines()[3:]


def test_a_spec_without_a_name_gets_one(base: Path) -> None:
    """And one whose last line has no end keeps it whole."""
    lines = _lines(base, "archspec: 1\ninput: [N, 4]\nmodel: {head: {Linear: 2}}", None)
    assert lines == ["archspec: 1", "name: Mine", "input: [N, 4]", "model: {head: {Linear: 2}}"]


def test_json_is_copied_as_yaml(base: Path) -> None:
    """It has no comments to keep and no lines to take out."""
    spec = {"archspec": 1, "params": {"k": 3}, "presets": {"p": {"k": 5}}, "input": ["N", 4]}
    lines = _lines(base, json.dumps({**spec, "model": ["ReLU", {"Linear": "$k"}]}), "p")
    assert lines == ["archspec: 1", "name: Mine", "params: {k: 5}", "input: [N, 4]", "model: [ReLU, {Linear: $k}]"]
    after_a_comment = f"# one line\n---\n{json.dumps({**spec, 'model': ['ReLU', {'Linear': '$k'}]})}"
    assert _lines(base, after_a_comment, "p") == lines


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("", ["params:", "  classes: 5"]),
        ("params: {}\n", ["params: {classes: 5}"]),
        ("params: {extra: 1}\n", ["params: {extra: 1, classes: 5}"]),
        ("params:\n  extra: 1\n", ["params:", "  extra: 1", "  classes: 5"]),
    ],
)
def test_inherited_params_get_a_line(base: Path, params: str, expected: list[str]) -> None:
    """A preset may set what only the spec below declares."""
    text = f"archspec: 1\nextends: lenet\n{params}presets: {{p: {{classes: 5}}}}\nlet: {{a: $(extra)}}\n"
    text = text if "extra" in params else text.replace("let: {a: $(extra)}\n", "")
    lines = _lines(base, text, "p")
    assert [line for line in lines if line.startswith(("params", " "))] == expected


def test_what_ships_is_named_and_not_looked_for(tmp_path: Path) -> None:
    """A shipped spec that names the file beside it names it as one that ships, for the copy stands elsewhere."""
    path = tmp_path / "mine.yaml"
    path.write_text(copied("Mine", "swin_v2_t", None), encoding="utf-8")
    assert "\nextends: swin\n" in path.read_text(encoding="utf-8")
    assert archspec.check(path) == ()


def test_an_alias_cannot_be_given_another_value(base: Path) -> None:
    """Two params that share a text cannot be told apart in it: better no copy than a wrong one."""
    model = "input: [N, 4]\nmodel: [{Linear: $a}, {Linear: $b}]\n"
    base.write_text(f"archspec: 1\nparams: {{a: &n 3, b: *n}}\npresets: {{p: {{b: 5}}}}\n{model}", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be copied with its preset"):
        copied("Mine", str(base), "p")
