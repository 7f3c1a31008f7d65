"""How the benchmarks measure: rounds follow the cost of a way, and a ratio compares what ran in the same round."""

import sys
from collections.abc import Callable

import pytest

from benchmarks.measure import WARM_UP, Comparison, Effort, Sample, Times, compare, compare_processes, take_turns

FIXED = Effort(least=3, most=3)


def _way(log: list[str], name: str, seconds: float) -> Callable[[], Sample]:
    def run() -> Sample:
        log.append(name)
        return Sample(seconds, seconds)

    return run


@pytest.mark.parametrize(("cost", "rounds"), [(0.001, 31), (0.2, 10), (1.0, 3), (60.0, 3)])
def test_rounds_follow_the_cost(cost: float, rounds: int) -> None:
    """What is cheap runs often, what is dear still thrice."""
    assert Effort(seconds=2.0, least=3, most=31).rounds(cost) == rounds


def test_more_effort_is_more_rounds_unless_their_number_is_given() -> None:
    """What is noisy gets more rounds, cheap or dear; `--rounds 3` is three of everything."""
    more = Effort(seconds=2.0, least=3, most=31).times(4)
    assert (more.rounds(0.001), more.rounds(0.8), more.rounds(60.0)) == (124, 10, 3)
    assert FIXED.times(4).rounds(0.001) == 3


def test_the_ways_take_turns_each_round_in_another_order() -> None:
    """What slows the machine for a while slows every way, and none always runs behind the same other."""
    log: list[str] = []
    take_turns({name: _way(log, name, 0.1) for name in "abc"}, "a", Effort(least=20, most=20))
    rounds = ["".join(log[start : start + 3]) for start in range(3, len(log), 3)]
    assert len(rounds) == 20
    assert {*rounds} == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_a_dear_way_sits_out_rounds_evenly() -> None:
    """Its few rounds are spread over the whole run, each beside one of the floor."""
    log: list[str] = []
    ways = {"floor": _way(log, "floor", 0.1), "dear": _way(log, "dear", 0.5)}
    times = take_turns(ways, "floor", Effort(seconds=1.5, least=3, most=15))
    assert [*times["floor"].rounds] == [*range(15)]
    assert [*times["dear"].rounds] == [4, 9, 14]


def test_the_warm_up_of_what_is_too_dear_to_repeat_counts() -> None:
    """A run that takes more than the whole budget is one of its three rounds, and so is the floor's beside it."""
    log: list[str] = []
    ways = {"floor": _way(log, "floor", 0.1), "dear": _way(log, "dear", 30.0)}
    times = take_turns(ways, "floor", Effort(seconds=1.0, least=3, most=10))
    assert log.count("dear") == len(times["dear"].rounds) == 3
    assert WARM_UP in times["dear"].rounds
    assert WARM_UP in times["floor"].rounds


def test_a_ratio_is_the_median_of_those_of_the_same_round() -> None:
    """A round that was slow for all says as much as one that was not; one without the floor says nothing."""
    floor = Times({0: Sample(1.0, 1.0), 1: Sample(10.0, 10.0), 2: Sample(1.0, 1.0)})
    ours = Times({0: Sample(2.0, 2.0), 1: Sample(30.0, 30.0), 2: Sample(4.0, 4.0), 3: Sample(99.0, 99.0)})
    comparison = Comparison(title="", floor="floor", ways={"ours": ours, "floor": floor})
    assert comparison.ratios("ours") == [2.0, 3.0, 4.0]
    assert comparison.ratio("ours") == 3.0


def test_what_is_quick_is_timed_over_several_calls() -> None:
    """The time is that of one call, however many are needed to measure it."""
    calls: list[int] = []
    times = compare({"quick": lambda: calls.append(0), "slow": lambda: sum(range(2_000_000))}, "quick", FIXED)
    assert len(calls) > 3 * 1000
    assert times["quick"].median() < 0.001 < times["slow"].median()


def test_the_memory_of_a_process_is_its_own() -> None:
    """A small program is small although the one that measures it has imported torch."""
    command = [sys.executable, "-I", "-S", "-c", "sum(range(1_000_000))"]
    times = compare_processes({"small": command}, "small", Effort(least=1, most=1))
    assert 1 << 20 < times["small"].median("peak") < 64 << 20
    assert 0 < times["small"].median("cpu") < 10
