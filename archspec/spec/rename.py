"""Renaming: in come the key of a checkpoint and the rules of `rename:`, out goes what the key is called in the model.

A rule is `old: new`. In `old` each `*` stands for any text, dots and nothing at all included, the first as little as
possible; `new` has as many, and each gives back what its counterpart stands for. The first rule whose `old` is the
whole key decides, and a key is renamed once.
"""

from collections.abc import Iterable, Sequence

__all__ = ["MOST_STARS", "STAR", "rename", "rename_all"]

STAR = "*"
MOST_STARS = 8


def rename(key: str, rules: Iterable[tuple[str, str]]) -> str:
    """The new name of a key: its own where no rule is about it.

    >>> rename("block1.norm.2.bias", [("*.norm.*.*", "*.norm*.*")])
    'block1.norm2.bias'
    """
    for old, new in rules:
        texts = _match(key, old.split(STAR))
        if texts is not None:
            first, *rest = new.split(STAR)
            return first + "".join(text + part for text, part in zip(texts, rest, strict=True))
    return key


def rename_all(keys: Iterable[str], rules: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The keys by their new names; a name that two keys get has both."""
    named: dict[str, list[str]] = {}
    for key in keys:
        named.setdefault(rename(key, rules), []).append(key)
    return named


def _match(key: str, parts: list[str]) -> list[str] | None:
    """What each `*` between the parts of a pattern stands for, or None where the pattern is not the key.

    Each part is looked for once, from where the one before ended, so the time does not grow with the ways to match.
    """
    first, *middle = parts
    if not middle:
        return [] if key == first else None
    last = middle.pop()
    if not key.startswith(first) or not key.endswith(last):
        return None
    texts, start, end = [], len(first), len(key) - len(last)
    for part in middle:
        place = key.find(part, start, end)
        if place < 0:
            return None
        texts.append(key[start:place])
        start = place + len(part)
    return [*texts, key[start:end]] if start <= end else None
