"""Damaged specs: whatever is done to the text of a good one, it is accepted or refused with a diagnostic."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.compiler import Compilation
from archspec.errors import SpecError
from archspec.source import Source
from fuzz.mutations import damaged
from fuzz.verdict import judge

ARCHITECTURES = Path(__file__).parents[1] / "architectures"
SPECS = sorted(ARCHITECTURES.glob("*.yaml"))
MUTATIONS = 12


@pytest.mark.parametrize("seed", range(MUTATIONS))
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_damaged_spec_never_gives_a_traceback(path: Path, seed: int) -> None:
    """A typo, a lost line or a slip of the hand is the spec's fault, and is told as one, where it stands."""
    _try(path, random.Random(f"{path.stem} {seed}"))


@pytest.mark.slow
@given(st.sampled_from(SPECS), st.randoms(use_true_random=False))
def test_other_damage_never_gives_a_traceback(path: Path, choose: random.Random) -> None:
    """The same for damage that nobody has chosen; `--hypothesis-profile explore` looks for more."""
    _try(path, choose)


def _try(path: Path, choose: random.Random) -> None:
    text = damaged(path.read_text(encoding="utf-8"), choose)
    judge(lambda: _build(Source(name=path.name, text=text, path=path)))


def _build(source: Source) -> None:
    """Build the spec, which says of every fault where it is."""
    try:
        Compilation(source).build(device="meta")
    except SpecError as error:
        if any(item.span is None for item in error.diagnostics):
            raise AssertionError("a fault is nowhere") from error
        raise
