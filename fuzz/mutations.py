"""Damage: in comes the text of a spec, out comes the same with what slips of the hand, and of the mind, do to it."""

import random
import re

__all__ = ["damaged"]

# What is put in place of a word: other words of the language, other kinds of value, and values at the edge.
WORDS = (
    *("0", "-1", "2.5", "true", "~", "[]", "{}", "[1, 2]", "{a: 1}", "text", "'8'", ".nan", "9999999999999999999999"),
    *("$x", "$(1 // 0)", '"$"', "*a", "&a", "x: y", "ReLU", "Linear", "Conv2d", "relu", "add", "input", "a[0]", "b*"),
    *("Sequential", "ModuleList", "Graph", "Parameter", "compute", "call", "from", "when", "else", "repeat", "for"),
    *("model", "output", "params", "blocks", "init", "use", "extends", "patch", "range(3)", "MultiheadAttention"),
    *("$(range(9))", '"\\e\\u202e"', "e\u0301", "\uff2cinear", "9" * 400, "1e999", "!!int 3", "<<", "$$", "|", "? a"),
)
CHARACTERS = ("", ":", ",", "[", "]", "{", "}", "$", "(", ")", " ", "-", "'", '"', "#", "\t", "\\", "*", "&", "!", "|")


def damaged(text: str, choose: random.Random) -> str:
    """The text with one to three changes: of a line, a word, a character, or the rest."""
    for _ in range(choose.choice((1, 1, 2, 3))):
        text = _changed(text, choose)
    return text


def _changed(text: str, choose: random.Random) -> str:
    lines = text.split("\n")
    at, other = choose.randrange(len(lines)), choose.randrange(len(lines))
    change = choose.choice(("delete", "swap", "repeat", "indent", "end", "word", "word", "word", "character"))
    match change:
        case "delete":
            del lines[at]
        case "swap":
            lines[at], lines[other] = lines[other], lines[at]
        case "repeat":
            lines.insert(at, lines[other])
        case "indent":
            lines[at] = f"  {lines[at]}"
        case "end":
            del lines[max(1, at) :]
        case _:
            lines[at] = _replaced(lines[at], change, choose)
    return "\n".join(lines)


def _replaced(line: str, change: str, choose: random.Random) -> str:
    spots = list(re.finditer(r"[\w.$]+" if change == "word" else r".", line))
    if not spots:
        return line
    spot = choose.choice(spots)
    return line[: spot.start()] + choose.choice(WORDS if change == "word" else CHARACTERS) + line[spot.end() :]
