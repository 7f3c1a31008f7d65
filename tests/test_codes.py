"""The catalogue of codes: complete, in step with the source, and with examples that show what they say."""

import re
from pathlib import Path

import pytest

import archspec
from archspec.codes import CODES

SOURCE = Path(__file__).parents[1] / "archspec"
SPECS = sorted(code for code, entry in CODES.items() if entry.example.startswith("archspec:"))

# Their examples are commands, or need a file: what `check` can be given shows none of them.
WITHOUT_SPEC = {"E0101", "E0409", "W0105"}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(code: str) -> None:
    """`archspec explain` says of every code what it means, and shows it and its fix."""
    entry = CODES[code]
    assert all(text.strip() for text in (entry.title, entry.meaning, entry.example, entry.fix))
    assert entry.meaning.endswith(".")
    assert not entry.title.endswith(".")


def test_the_linter_gives_its_reasons() -> None:
    """What is valid and warned of all the same says why, and the paper or page that this is from."""
    linted = {code: entry for code, entry in CODES.items() if code.startswith("W02")}
    assert len(linted) == 6
    assert [
        code for code, entry in linted.items() if not (entry.why and re.search("arXiv:|https://", entry.source))
    ] == []


def test_the_source_and_the_catalogue_agree() -> None:
    """A code that is given can be explained, and a code that is explained can be given."""
    files = [path for path in SOURCE.rglob("*.py") if not path.is_relative_to(SOURCE / "codes")]
    given = {code for path in files for code in re.findall(r'"([EW]\d{4})"', path.read_text(encoding="utf-8"))}
    assert given == set(CODES)


def test_most_examples_are_whole_specs() -> None:
    """An example is a spec that can be tried, where one spec alone can show the fault."""
    assert set(CODES) - set(SPECS) == WITHOUT_SPEC


@pytest.mark.parametrize("code", SPECS)
def test_an_example_gives_its_code_alone(code: str) -> None:
    """Who tries the example sees the fault that is explained, and no other."""
    assert {diagnostic.code for diagnostic in archspec.check(CODES[code].example)} == {code}


@pytest.mark.parametrize("code", SPECS)
def test_a_fix_is_free_of_faults(code: str) -> None:
    """What the explanation recommends is accepted without an error or a warning."""
    assert archspec.check(CODES[code].fix) == ()
