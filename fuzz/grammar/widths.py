"""Widths: how many features or channels there are, as the text of an expression, so that no param needs a value here.

Equal texts are equal widths. Every name stands for an integer of at least 1, and so does what is made of it.
"""

import re
from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

__all__ = ["AXES", "Width", "condition", "number", "put_in", "written"]

Width = str

AXES: Mapping[str, Width] = {"flat": "in_features", "sequence": "in_features", "image": "in_channels"}
"""What flows, and the name that a block has for the width of its input."""

LONGEST = 60  # characters, so that widths made of widths stay within the limit of expressions

_NAME = re.compile(r"\b[a-z_]\w*\b(?!\()")
_FORMS = (
    *("{a}", "{a} * 2", "{a} + 1", "{a} ** 2 % 5 + 1", "{a} // 2 + 1", "abs(-{a})", "int({a} / 2) + 1"),
    *("len([{a}, 1])", "[{a}] [0]", "len(range({a}))"),
    *("max({a}, {b})", "min({a}, {b})", "{a} if {a} > {b} else {b}", "sum([{a}, {b}][:1])", "round_to({a}, 2) + 1"),
    *("({a}, {b})[-1]", "range(1, 9)[{a} % 8]", "1 + ({a} > {b} and {a} or 2)", "floor(sqrt({a})) + 1"),
)
_CONDITIONS = (
    *("{a} > {b}", "true", "false", "not {a} == {b}", "{a} in [1, 2, 3]", "1 < {a} <= 4 or {b} != 2"),
    *("any([{a} > 3, {b} > 3])", "len(str({a})) == 1", "null == 1", "{a} % 2 == 0 and {b} % 2 == 0"),
)


def number(draw: st.DrawFn, names: Sequence[Width]) -> Width:
    """A width of its own."""
    form = draw(st.sampled_from(_FORMS)) if names and draw(st.booleans()) else "{a}"
    return form.format(a=_atom(draw, names), b=_atom(draw, names))


def condition(draw: st.DrawFn, names: Sequence[Width]) -> str:
    """What is true or false."""
    return draw(st.sampled_from(_CONDITIONS)).format(a=_atom(draw, names), b=_atom(draw, names))


def _atom(draw: st.DrawFn, names: Sequence[Width]) -> Width:
    return draw(st.one_of(st.integers(1, 6).map(str), *([st.sampled_from([*names])] if names else [])))


def written(width: Width) -> int | str:
    """A width as the value of an argument."""
    if width.isdigit():
        return int(width)
    return f"${width}" if width.isidentifier() else f"$({width})"


def put_in(width: Width, meanings: Mapping[str, Width]) -> Width:
    """A width of a block as it is outside of it: what it says of the block's own names put in their place."""
    return _NAME.sub(lambda match: f"({meanings[match[0]]})" if match[0] in meanings else match[0], width)
