"""The process that opens the specs sees what it is there to see: without this, all that it finds would be good."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MISDEEDS = (
    *("import", "read", "read above", "write", "list", "run", "shell", "connect", "eval", "exec", "variable"),
    "unpickle",
)


@pytest.mark.parametrize("what", MISDEEDS)
def test_a_misdeed_is_seen(what: str, worker: Any, tmp_path: Path) -> None:
    """What no spec may make the interpreter do is noted when it is done."""
    assert worker.ask(do="misbehave", folder=tmp_path, what=what)["seen"] != []


def test_time_and_memory_are_measured(worker: Any, tmp_path: Path) -> None:
    """A loop that takes time, and a list that takes memory, are seen in the figures."""
    answer = worker.ask(do="misbehave", folder=tmp_path, what="waste")
    assert answer["seconds"] > 0.2
    assert answer["growth"] > 100 << 20
    assert worker.ask(do="misbehave", folder=tmp_path, what="nothing")["growth"] < 50 << 20


def test_more_memory_than_there_is_becomes_an_error(worker: Any, tmp_path: Path) -> None:
    """A spec that asked for ten gigabytes would fail the test, not the machine."""
    assert "MemoryError" in worker.ask(do="misbehave", folder=tmp_path, what="hoard")["crash"]


def test_a_crash_is_told(worker: Any, tmp_path: Path) -> None:
    """An exception that is none of ours is handed back whole."""
    assert "ZeroDivisionError" in worker.ask(do="misbehave", folder=tmp_path, what="fail")["crash"]


def test_what_is_printed_is_looked_at(ask: Callable[..., Any]) -> None:
    """A control character that were printed would fail the test."""
    with pytest.raises(AssertionError, match=r"U\+001B"):
        ask(do="misbehave", what="print")
