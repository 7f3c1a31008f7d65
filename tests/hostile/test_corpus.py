"""The corpus: every spec in `corpus/` is refused with the code and at the line that it says, or accepted as it says.

A file of the corpus holds sections. One that begins `=== title ⇒ expected` is a whole spec. One that begins `=== title`
is a spec with a hole, `CASE`, and behind a line `---` stands a case a line, `what fills the hole ⇒ expected`.

What is expected is `= text`, which the printed model has in it; or the errors, as `E0104 3, E0105 4` in a whole spec
with their lines, and as `E0104` where the line is that of the hole. `bug: ` stands before what is not so yet.
`⟦U+202E⟧` is a character, `⟦text × 9⟧` is a text nine times over, in which `№` counts from 0 and `№+` from 1, and `↵`
is a line break.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).with_name("corpus")
LEAST = 300

_ARROW = " ⇒ "
_HOLE = "CASE"
_BUG = "bug: "
_SECTION = re.compile(r"^=== ", re.MULTILINE)
_CHARACTER = re.compile(r"⟦U\+([0-9A-F]+)⟧")
_REPEATED = re.compile(r"⟦([^⟦⟧]*) × (\d+)⟧", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A spec, and what is expected of it: errors with their lines, or text of the printed model."""

    name: str
    text: str
    errors: tuple[tuple[str, int], ...]
    shown: str
    bug: bool


def _filled(text: str) -> str:
    """The text with its repetitions and characters written out."""

    def repeated(match: re.Match[str]) -> str:
        part, times = match[1], int(match[2])
        if "№" not in part:
            return part * times
        return "".join(part.replace("№+", str(index + 1)).replace("№", str(index)) for index in range(times))

    before = None
    while before != text:
        before, text = text, _REPEATED.sub(repeated, text)
    return _CHARACTER.sub(lambda match: chr(int(match[1], 16)), text.replace("↵", "\n"))


def _cases() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.txt")):
        _, *sections = _SECTION.split(path.read_text(encoding="utf-8"))
        for section in sections:
            head, _, body = section.partition("\n")
            title, arrow, expected = head.partition(_ARROW)
            if arrow:
                yield _case(f"{path.stem}: {title}", body.removesuffix("\n"), expected, None)
            else:
                yield from _lines(f"{path.stem}: {title}", body)


def _lines(name: str, body: str) -> Iterator[Case]:
    template, _, lines = body.partition("\n---\n")
    line = template[: template.index(_HOLE)].count("\n") + 1
    for number, entry in enumerate(filter(None, lines.split("\n")), 1):
        written, _, expected = entry.rpartition(_ARROW)
        yield _case(f"{name} {number}: {written}", template.replace(_HOLE, written), expected, line)


def _case(name: str, text: str, expected: str, line: int | None) -> Case:
    bug, expected = expected.startswith(_BUG), expected.removeprefix(_BUG)
    shown = _filled(expected.removeprefix("= ")) if expected.startswith("= ") else ""
    errors = [] if shown else [part.split() for part in expected.split(", ")]
    return Case(
        name=name,
        text=_filled(text) + "\n",
        errors=tuple((code, line or int(at[0])) for code, *at in errors),
        shown=shown,
        bug=bug,
    )


CASES = list(_cases())


def _params() -> Iterator[Any]:
    for case in CASES:
        marks = [pytest.mark.xfail(reason="not as it should be yet")] if case.bug else []
        yield pytest.param(case, id=ascii(case.name)[1:-1][:60], marks=marks)


@pytest.mark.parametrize("case", [*_params()])
def test_case(case: Case, ask: Callable[..., dict[str, Any]]) -> None:
    """A spec of the corpus is refused where it says, or makes the model that it says, at a bounded cost."""
    answer = ask(text=case.text)
    if case.errors:
        assert answer.get("errors") == [list(error) for error in case.errors], answer.get("text") or answer.get("model")
    else:
        assert case.shown in answer.get("model", ""), answer.get("text") or answer["model"]


def test_the_corpus_is_large() -> None:
    """Nothing is lost in silence when the corpus is read."""
    assert len(CASES) >= LEAST
