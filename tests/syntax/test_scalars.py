"""`archspec.syntax.scalars`."""

import math
import time

import pytest

from archspec.syntax.scalars import MAX_DIGITS, resolve

NULLS = ["", "~", "null", "Null", "NULL"]
INTEGERS = [
    ("0", 0),
    ("7", 7),
    ("-0", 0),
    ("+12", 12),
    ("-12", -12),
    ("010", 10),
    ("-007", -7),
    ("0o17", 15),
    ("0o0", 0),
    ("0xFF", 255),
    ("0xfe", 254),
    ("9223372036854775808", 2**63),
]
FLOATS = [
    ("1e-5", 1e-5),
    ("1E5", 1e5),
    ("1e5", 1e5),
    (".5", 0.5),
    ("-.5", -0.5),
    ("5.", 5.0),
    ("+1.25", 1.25),
    ("1.0e+3", 1000.0),
    ("00.5", 0.5),
    (".inf", math.inf),
    ("+.Inf", math.inf),
    ("-.INF", -math.inf),
    ("1e999", math.inf),
]
TEXTS = [
    # what YAML 1.1 takes for a boolean, a number in base 60 or 2, or a date
    *("no", "No", "NO", "on", "off", "yes", "y", "n", "N"),
    *(
        "12:30",
        "190:20:30",
        "1_000",
        "0b11",
        "0o8",
        "0O17",
        "0X1F",
        "-0x1",
        "+0o7",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
    ),
    # nearly a word or a number
    *(
        "nULL",
        "tRUE",
        "True ",
        "none",
        "None",
        "inf",
        "nan",
        "NaN",
        "Infinity",
        "-.nan",
        "..5",
        ".",
        "-",
        "+",
        "--1",
        "+-1",
    ),
    *("1e", "e5", "1e+", "1.2.3", "1 2", "0x", "0o", "0xG", "1.5f", "1L", "1,000", "-a", "1\n"),
    # digits that are not ASCII
    *("\u0661\u0662", "\uff11", "1\u0660", "\u00b2"),
    # a spec's own words
    *("ReLU", "$planes", "$(1 + 2)", "conv1", "=", "<<", "1x1", "3x3"),
]


@pytest.mark.parametrize("text", NULLS)
def test_null(text: str) -> None:
    """The five spellings of null are None."""
    assert resolve(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (word, value)
        for value, name in ((True, "true"), (False, "false"))
        for word in (name, name.title(), name.upper())
    ],
)
def test_booleans(text: str, *, value: bool) -> None:
    """`true` and `false` are booleans in three spellings each."""
    assert resolve(text) is value


@pytest.mark.parametrize(("text", "value"), INTEGERS)
def test_integers(text: str, value: int) -> None:
    """Decimals, with leading zeros or without, octals with `0o` and hexadecimals with `0x` are integers."""
    assert resolve(text) == value
    assert type(resolve(text)) is int


@pytest.mark.parametrize(("text", "value"), FLOATS)
def test_floats(text: str, value: float) -> None:
    """A number with a point or an exponent is a float; so are the infinities."""
    assert resolve(text) == value
    assert type(resolve(text)) is float


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    """NaN is a float, which strict types refuse later."""
    value = resolve(text)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", TEXTS)
def test_text(text: str) -> None:
    """All else is text: Norway's `no` is no boolean, `12:30` no number of minutes, and a date no date."""
    assert resolve(text) == text
    assert type(resolve(text)) is str


def test_integers_stay_integers_up_to_40_characters() -> None:
    """The longest integer that is read has 40 characters."""
    digits = "9" * MAX_DIGITS
    assert resolve(digits) == 10**MAX_DIGITS - 1
    assert resolve(digits + "9") == digits + "9"
    assert resolve("-" + digits) == "-" + digits
    assert resolve("0x" + "f" * (MAX_DIGITS - 2)) == 16 ** (MAX_DIGITS - 2) - 1
    assert resolve("0x" + "f" * (MAX_DIGITS - 1)) == "0x" + "f" * (MAX_DIGITS - 1)


@pytest.mark.parametrize(
    "text",
    ["9" * 2**20, "-" + "9" * 2**20, "0x" + "f" * 2**20, "." + "1" * 2**20, "1" * 2**20 + "e5", "1e" + "9" * 2**20],
)
def test_a_long_number_costs_no_more_than_its_length(text: str) -> None:
    """A million digits are read, or left, in well under a second."""
    started = time.perf_counter()
    resolve(text)
    assert time.perf_counter() - started < 0.5
