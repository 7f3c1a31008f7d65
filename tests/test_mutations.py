"""Damaged specs: whatever is done to the text of a good one, it is accepted or refused with a diagnostic."""

import random
import re
from pathlib import Path

import pytest

from archspec.compiler import Compilation
from archspec.diagnostic import Diagnostic
from archspec.errors import SpecError
from archspec.source import Source

ARCHITECTURES = Path(__file__).parents[1] / "architectures"
SPECS = sorted(ARCHITECTURES.glob("*.yaml"))
MUTATIONS = 12

# What is put in place of a word: other words of the language, other kinds of value, and values at the edge.
WORDS = (
    *("0", "-1", "2.5", "true", "~", "[]", "{}", "[1, 2]", "{a: 1}", "text", "'8'", ".nan", "9999999999999999999999"),
    *("$x", "$(1 // 0)", '"$"', "*a", "&a", "x: y", "ReLU", "Linear", "Conv2d", "relu", "add", "input", "a[0]", "b*"),
    *("Sequential", "ModuleList", "Graph", "Parameter", "compute", "call", "from", "when", "else", "repeat", "for"),
    *("model", "output", "params", "blocks", "init", "use", "extends", "patch", "range(3)", "MultiheadAttention"),
)
CHARACTERS = ("", ":", ",", "[", "]", "{", "}", "$", "(", ")", " ", "-", "'", '"', "#", "\t")


def _mutated(text: str, choose: random.Random) -> str:
    lines = text.split("\n")
    at, other = choose.randrange(len(lines)), choose.randrange(len(lines))
    change = choose.choice(("delete", "swap", "repeat", "word", "word", "word", "character"))
    if change == "delete":
        del lines[at]
    elif change == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif change == "repeat":
        lines.insert(at, lines[other])
    else:
        lines[at] = _changed(lines[at], change, choose)
    return "\n".join(lines)


def _changed(line: str, change: str, choose: random.Random) -> str:
    spots = list(re.finditer(r"[\w.$]+" if change == "word" else r".", line))
    if not spots:
        return line
    spot = choose.choice(spots)
    return line[: spot.start()] + choose.choice(WORDS if change == "word" else CHARACTERS) + line[spot.end() :]


@pytest.mark.parametrize("seed", range(MUTATIONS))
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_damaged_spec_never_gives_a_traceback(path: Path, seed: int) -> None:
    """A typo, a lost line or a slip of the hand is the spec's fault, and is told as one."""
    choose = random.Random(f"{path.stem} {seed}")
    text = path.read_text(encoding="utf-8")
    for _ in range(choose.choice((1, 1, 2, 3))):
        text = _mutated(text, choose)
    assert all(item.span is not None for item in _refusal(Source(name=path.name, text=text, path=path)))


def _refusal(source: Source) -> tuple[Diagnostic, ...]:
    """The diagnostics of a spec that is refused."""
    try:
        Compilation(source).build(device="meta")
    except SpecError as error:
        return error.diagnostics
    return ()
