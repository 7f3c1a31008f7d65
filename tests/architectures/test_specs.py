"""The shipped architectures as texts: a student can read what each one is, and every preset is clean."""

import re

import pytest

import archspec
from archspec.spec.shipped import shipped

NAMES = sorted(shipped())
PRESETS = [preset for item in shipped().values() for preset in item.presets]


@pytest.mark.parametrize("name", NAMES)
def test_a_doc_says_what_and_when(name: str) -> None:
    """The first line is one sentence with the year; the paper and what to look at follow."""
    doc = archspec.compile(name).graph.doc
    first, *rest = doc.splitlines()
    assert re.fullmatch(r".*\((?:19|20)\d\d\).*\.", first)
    assert "What to look at:" in doc
    assert rest[0] == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_doc_names_the_paper(name: str) -> None:
    """The second paragraph is who wrote it, its title and where it stands: `archspec list` shows it as the paper."""
    assert re.match(
        r'[A-Z][\w\' .,-]+ and [\w .-]+, "[A-Z][^"]+", \S|[A-Z]\w+, "[A-Z][^"]+", \S', shipped()[name].paper
    )


@pytest.mark.parametrize("name", [*NAMES, *PRESETS])
def test_there_is_nothing_to_warn_about(name: str) -> None:
    """Neither in a spec with its own defaults nor in a preset."""
    assert archspec.check(name) == ()
