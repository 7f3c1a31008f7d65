"""Timing: in come functions that do the same thing in several ways, out go their times, taken in turns."""

import gc
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

__all__ = [
    "NOT_INSTALLED",
    "ROOT",
    "Comparison",
    "Effort",
    "Sample",
    "Times",
    "compare",
    "compare_processes",
    "environment",
    "run_python",
    "take_turns",
    "timed",
]

ROOT = Path(__file__).parent.parent
NOT_INSTALLED = "not installed"  # what stands in the cells of a peer that is absent
SHORTEST_S = 0.02  # a timing that is shorter is of several calls
QUICK_S = 0.2  # a first call that is longer tells what the next will take
WARM_UP = -1  # the number of the round that warms up


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took.

    Attributes:
        wall: seconds by the clock on the wall, which counts what other processes did meanwhile.
        cpu: seconds of this process (or of the one that was started) on all cores.
        peak: bytes of memory at most; 0 where that was not measured.
    """

    wall: float
    cpu: float
    peak: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """What one way took, by the number of the round."""

    rounds: Mapping[int, Sample]

    def of(self, clock: str) -> list[float]:
        """The `wall`, the `cpu` or the `peak` of every round."""
        return [getattr(sample, clock) for sample in self.rounds.values()]

    def median(self, clock: str = "cpu") -> float:
        """The median of every round's."""
        return float(median(self.of(clock)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How often something is run: as often as fits a budget, for what is dear needs no more rounds than it can have.

    Attributes:
        seconds: of CPU time that one way may take in all.
        least: rounds at least, however dear.
        most: rounds at most, however cheap.
    """

    seconds: float = 1.5
    least: int = 3
    most: int = 31

    def rounds(self, cost: float) -> int:
        """How many rounds there are of a way of which one takes `cost` seconds."""
        return max(self.least, min(self.most, int(self.seconds / cost)))

    def times(self, factor: float) -> "Effort":
        """The same with a larger budget, for what is noisy or matters more; a fixed number of rounds stays."""
        most = self.most if self.most == self.least else round(self.most * factor)
        return Effort(seconds=self.seconds * factor, least=self.least, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Several ways to do one thing.

    Attributes:
        title: what is done.
        floor: the name of the way that the others are compared with.
        ways: the times by name, in the order of the table.
        targets: how many times the floor a way may take, by its name.
        silent: why other ways could not be measured, by name.
        note: what a reader has to know.
    """

    title: str
    floor: str
    ways: Mapping[str, Times]
    targets: Mapping[str, float] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def ratio(self, name: str, clock: str = "cpu") -> float:
        """How many times the floor a way takes: the median of the ratios within each round."""
        return float(median(self.ratios(name, clock)))

    def ratios(self, name: str, clock: str = "cpu") -> list[float]:
        """The ratio of every round in which the way ran."""
        floor = self.ways[self.floor].rounds
        rounds = self.ways[name].rounds.items()
        return [getattr(sample, clock) / getattr(floor[number], clock) for number, sample in rounds if number in floor]


def compare(runs: Mapping[str, Callable[[], object]], floor: str, effort: Effort) -> dict[str, Times]:
    """Time functions in turns, so that whatever slows the machine slows all of them.

    Args:
        runs: what to run, by name.
        floor: the name of the one that the others are compared with.
        effort: how often.
    """
    with _little_to_collect():
        first = {name: _warmed(run) for name, run in runs.items()}
        calls = {name: math.ceil(SHORTEST_S / sample.wall) for name, sample in first.items()}
        ways = {name: partial(timed, run, calls[name]) for name, run in runs.items()}
        return take_turns(ways, floor, effort, first)


def compare_processes(commands: Mapping[str, Sequence[str]], floor: str, effort: Effort) -> dict[str, Times]:
    """Time whole processes in turns, from their start to their end; each runs once before, untimed."""
    return take_turns({name: partial(_launch, command) for name, command in commands.items()}, floor, effort)


def take_turns(
    ways: Mapping[str, Callable[[], Sample]], floor: str, effort: Effort, first: Mapping[str, Sample] | None = None
) -> dict[str, Times]:
    """Run the ways in turns, each round in another order: what one leaves in caches and in the heap, its next finds.

    Dear ways sit out some rounds, evenly; none runs in more rounds than the floor, without which there is no ratio.
    Where one run is more than the whole budget, the one that warmed up counts as a round.

    Args:
        ways: each runs once and says what it took.
        floor: the name of the one that the others are compared with.
        effort: how often.
        first: what each took when it warmed up; by default they do so now.
    """
    first = first or {name: way() for name, way in ways.items()}
    dear = {name for name, sample in first.items() if sample.cpu > effort.seconds and name != floor}
    taken = {name: {WARM_UP: first[name]} if name in dear or (dear and name == floor) else {} for name in ways}
    planned = {name: effort.rounds(first[name].cpu) - (name in dear) for name in ways}
    most, names = planned[floor], list(ways)
    for number in range(most):
        for name in random.Random(number).sample(names, len(names)):
            if _is_due(number, min(planned[name], most), most):
                taken[name][number] = ways[name]()
    return {name: Times(rounds) for name, rounds in taken.items()}


def _is_due(number: int, rounds: int, most: int) -> bool:
    """Whether a way that has `rounds` of all the `most` runs in this one."""
    return (number + 1) * rounds // most > number * rounds // most


def timed(run: Callable[[], object], calls: int = 1) -> Sample:
    """What one call takes, the mean of several."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        run()
    cpu = time.process_time() - cpu
    return Sample((time.perf_counter() - wall) / calls, cpu / calls)


def _warmed(run: Callable[[], object]) -> Sample:
    """What a call takes once caches are warm; where that is long anyway, what the first took."""
    first = timed(run)
    return timed(run) if first.wall < QUICK_S else first


@contextmanager
def _little_to_collect() -> Iterator[None]:
    """Keep what was imported from the collector, which would walk it in every round, and in turns of chance."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _launch(command: Sequence[str]) -> Sample:
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "launch.py")]
    done = subprocess.run(
        [*launcher, *command], cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True
    )
    wall, cpu, peak = done.stdout.split()
    return Sample(float(wall), float(cpu), int(peak))


def run_python(code: str, *arguments: str) -> str:
    """What a Python program prints that is run in a process of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def environment() -> dict[str, str]:
    """This process's environment, with bytecode kept between runs, as it is for an installed package."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"NO_COLOR": "1", "TERM": "dumb"}
