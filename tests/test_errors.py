"""The errors that people read: every fixture is a spec with faults, and beside it the whole text that it gives."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.codes import CODES
from archspec.diagnostic import render

FIXTURES = Path(__file__).parent / "fixtures" / "errors"
NAMES = sorted(path.stem for path in FIXTURES.glob("*.yaml"))
UPDATE = "UPDATE_GOLDEN"

# What belongs to Python or to our own code, and says nothing to who wrote the spec.
INTERNAL = re.compile(
    r"NoneType|<class|object at 0x|torch\.Size|Traceback|pydantic|Input should be|\bloc\b|\w+(?:Node|Value|Type)\("
)


def _settings(name: str) -> dict[str, Any]:
    """What the first line of a fixture sets: `# preset: wide`, or `# params: {"width": 8}`."""
    first = (FIXTURES / f"{name}.yaml").read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    match = re.fullmatch(r"# (preset|params): (.+)", first)
    if match is None:
        return {}
    return {match[1]: match[2] if match[1] == "preset" else json.loads(match[2])}


def _golden(name: str) -> str:
    return (FIXTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_text_of_every_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A faulty spec gives exactly these diagnostics: the place, what was found and expected, the fix, and no noise.

    To write the texts anew after a change, run `UPDATE_GOLDEN=1 pytest tests/test_errors.py`, and read each of them.
    """
    monkeypatch.chdir(FIXTURES)
    diagnostics = archspec.check(f"{name}.yaml", **_settings(name))
    text = "".join(f"{part}\n" for part in "\n\n".join(map(render, diagnostics)).split("\n"))
    if os.environ.get(UPDATE):
        Path(f"{name}.txt").write_text(text, encoding="utf-8")
        pytest.fail(f"wrote {name}.txt; read it, then run again without {UPDATE}")
    assert text == _golden(name)


def test_every_text_belongs_to_a_fixture() -> None:
    """A fixture that is renamed or removed leaves no text behind that nothing checks."""
    assert sorted(path.stem for path in FIXTURES.glob("*.txt")) == NAMES


def test_every_code_has_a_fixture() -> None:
    """There is no kind of fault whose message nobody has read."""
    found = {code for name in NAMES for code in re.findall(r"(?:error|warning)\[(\w+)\]: ", _golden(name))}
    assert found == set(CODES)


@pytest.mark.parametrize("name", NAMES)
def test_no_text_holds_internal_words(name: str) -> None:
    """A message is for who wrote the spec: it shows neither Python's objects nor words of our own code."""
    said = [line for line in _golden(name).splitlines() if re.match(r"\s+= |\S*\d+: |error|warning", line)]
    assert [line for line in said if INTERNAL.search(line)] == []
