"""Amounts in words."""

import pytest

from archspec.commands.amounts import count, listed, memory, short


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (248_024, "242.2 KiB"),
        (5 * 2**20, "5.0 MiB"),
        (3 * 2**30, "3.0 GiB"),
        (2 * 2**40, "2.0 TiB"),
        (5000 * 2**40, "5,000.0 TiB"),
    ],
)
def test_memory_is_shown_in_the_largest_unit_that_fits(size: int, text: str) -> None:
    """A person compares `97.8 MiB` with what the machine has, not 102,549,160."""
    assert memory(size) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 errors"), (1, "1 error"), (2, "2 errors"), (1000, "1,000 errors")])
def test_nouns_agree_with_their_number(number: int, text: str) -> None:
    """`1 errors` reads as a mistake of ours."""
    assert count(number, "error") == text


@pytest.mark.parametrize(("names", "text"), [("", ""), ("N", "N"), ("NH", "N and H"), ("NHW", "N, H and W")])
def test_names_are_listed_as_in_a_sentence(names: str, text: str) -> None:
    """A comma between all but the last two."""
    assert listed(list(names)) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00K"),
        (9_994, "9.99K"),
        (9_996, "10.0K"),
        (651_720, "652K"),
        (999_499, "999K"),
        (999_501, "1.00M"),
        (4_089_184_256, "4.09G"),
        (405 * 10**9, "405G"),
        (6_461_023_322_112, "6.46T"),
        (2 * 10**15, "2.00P"),
        (3 * 10**18, "3000P"),
    ],
)
def test_large_numbers_are_short(number: int, text: str) -> None:
    """Three digits are what a person compares, and a column of them is six characters wide."""
    assert short(number) == text
