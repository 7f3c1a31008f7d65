"""The scalars of YAML 1.2: in comes the text of a plain scalar, out goes the value that the core schema gives it."""

import re

__all__ = ["resolve"]

# Python's own `int` takes quadratic time on digits; the longest integer that any limit lets pass has 20.
MAX_DIGITS = 40

_Value = None | bool | int | float | str

_WORDS: dict[str, _Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((f"{sign}{word}" for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_BASES = {"0o": 8, "0x": 16}

_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def resolve(text: str) -> _Value:
    """The value of a plain scalar by YAML 1.2's core schema; what the schema does not know is text.

    Infinities and NaN are floats, as the schema says; whoever needs a finite number refuses them. An integer of more
    than 40 digits stays text.

    >>> [resolve(text) for text in ("1e-5", "010", "no", "12:30", "~")]
    [1e-05, 10, 'no', '12:30', None]
    """
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_STARTS else text


def _number(text: str) -> int | float | str:
    if len(text) <= MAX_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    if _DECIMAL.fullmatch(text):
        return int(text) if len(text) <= MAX_DIGITS else text
    if _FLOAT.fullmatch(text):
        return float(text)
    if _BASED.fullmatch(text) and len(text) <= MAX_DIGITS:
        return int(text[2:], _BASES[text[:2]])
    return text
