"""`rename:`: keys of a checkpoint by the names that they have in the model."""

import time

import pytest

from archspec.spec.rename import rename, rename_all


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("head.weight", "fc.weight", "head.weight", "fc.weight"),
        ("head.weight", "fc.weight", "head.weights", "head.weights"),
        ("module.*", "*", "module.conv.weight", "conv.weight"),
        ("*", "backbone.*", "conv.weight", "backbone.conv.weight"),
        ("*.gamma", "*.weight", "norm.gamma", "norm.weight"),
        ("*.norm.*.*", "*.norm*.*", "block1.norm.2.bias", "block1.norm2.bias"),
        ("a*b*c", "*-*", "a1b2b3c", "1-2b3"),
        ("a**b", "*|*", "axb", "|x"),
        ("a*a", "*", "a", "a"),
        ("a*a", "<*>", "aa", "<>"),
        ("*.w", "*.w", "conv.x", "conv.x"),
    ],
)
def test_each_star_gives_back_what_it_stands_for(old: str, new: str, key: str, expected: str) -> None:
    """The first star stands for as little as possible, and a pattern must be the whole key."""
    assert rename(key, [(old, new)]) == expected


def test_the_first_rule_decides_and_is_applied_once() -> None:
    """A key is not renamed again by what it has become."""
    rules = [("a.*", "b.*"), ("b.*", "c.*"), ("*", "d.*")]
    assert [rename(key, rules) for key in ("a.x", "b.x", "x")] == ["b.x", "c.x", "d.x"]


def test_keys_that_get_the_same_name_are_both_told() -> None:
    """Whoever loads them can refuse."""
    assert rename_all(["a.x", "x"], [("a.*", "*")]) == {"x": ["a.x", "x"]}


def test_no_pattern_takes_long() -> None:
    """A pattern that a regular expression would try for ever is done at once."""
    start = time.perf_counter()
    assert rename("a" * 100_000, [("*a*a*a*a*a*a*a*b", "*" * 8)]) == "a" * 100_000
    assert rename("a" * 100_000, [("*a*a*a*a*a*a*a*", "*" * 8)]) == "a" * (100_000 - 7)
    assert time.perf_counter() - start < 1
