"""Timing: in come functions that do the same thing in several ways, out go their times, taken in turns."""

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

__all__ = ["ROOT", "Comparison", "Times", "compare", "compare_processes", "run_python", "take_turns"]

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What one way took, in seconds, round by round.

    Attributes:
        wall: by the clock on the wall, which counts what other processes did meanwhile.
        cpu: of this process (or of the one that was started) on all cores.
    """

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median time on the CPU."""
        return median(self.cpu)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Several ways to do one thing.

    Attributes:
        title: what is done.
        floor: the name of the way that the others are compared with.
        target: how many times the floor our ways may take.
        ways: the times by name, ours first.
        note: what a reader has to know.
    """

    title: str
    floor: str
    target: float
    ways: Mapping[str, Times]
    note: str = ""

    def ratio(self, name: str, clock: str = "cpu") -> float:
        """How many times the floor a way takes: the median of the ratios within each round."""
        pairs = zip(getattr(self.ways[name], clock), getattr(self.ways[self.floor], clock), strict=True)
        return float(median(ours / floor for ours, floor in pairs))


def compare(ways: Mapping[str, Callable[[], object]], rounds: int, calls: int = 1) -> dict[str, Times]:
    """Time the ways in turns, so that whatever slows the machine slows all of them.

    Args:
        ways: what to run, by name; each runs once before, untimed.
        rounds: how often each is timed.
        calls: how many calls are one timing; the times are those of one call.
    """
    for run in ways.values():
        run()
    return take_turns({name: partial(_time, run, calls) for name, run in ways.items()}, rounds)


def _time(run: Callable[[], object], calls: int) -> tuple[float, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        run()
    cpu = time.process_time() - cpu
    return (time.perf_counter() - wall) / calls, cpu / calls


def compare_processes(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Times]:
    """Time whole processes in turns, from their start to their end; each runs once before, untimed."""
    for command in commands.values():
        _run(command)
    return take_turns({name: partial(_run, command) for name, command in commands.items()}, rounds)


def take_turns(ways: Mapping[str, Callable[[], tuple[float, float]]], rounds: int) -> dict[str, Times]:
    """Run the ways in turns, another first each round; each says how long it took, on the wall and on the CPU."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    names = list(ways)
    for start in range(rounds):
        for index in range(len(names)):
            name = names[(start + index) % len(names)]
            taken[name].append(ways[name]())
    return {
        name: Times(wall=tuple(wall for wall, _ in times), cpu=tuple(cpu for _, cpu in times))
        for name, times in taken.items()
    }


def _run(command: Sequence[str]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_python(code: str, *arguments: str) -> str:
    """What a Python program prints that is run in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def environment() -> dict[str, str]:
    """This process's environment, with bytecode kept between runs, as it is for an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"NO_COLOR": "1", "TERM": "dumb"}
