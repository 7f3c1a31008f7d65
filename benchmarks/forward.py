"""What a forward costs, one image at a time on one thread: the compiled class beside the one by hand, and others."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

import archspec
from benchmarks.interpreter import Interpreted
from benchmarks.measure import NOT_INSTALLED, ROOT, Comparison, Effort, compare
from benchmarks.peers.models import MODELS, Model
from benchmarks.peers.peer import peer
from benchmarks.section import Section, comparison_table, ratio_figures

__all__ = ["measure"]

FLOOR, OURS, GRAPH, LOOP = "by hand", "archspec", "torcharc (`torch.fx`)", "a loop over the nodes"
SAME = "by hand, another object"
TARGET = 1.0
SIDES = {"LeNet": 32, "ResNet-18": 224}  # of the image

TEXT = """\
Batch 1, one thread, `eval`, `no_grad`. All ways have the same weights, and their outputs are compared first. `a loop
over the nodes` is an interpreter that looks up what each step reads in a dictionary (`benchmarks/interpreter.py`). `by
hand, another object` is the same class once more: how far its ratios lie from 1 is noise, and the upper quartile of
them is what a figure may be above its target."""


def measure(effort: Effort, models: Sequence[str] = (*SIDES,), modes: Sequence[str] = ("eager", "compiled")) -> Section:
    """Every model, as it is and given to `torch.compile`."""
    effort = effort.times(4)
    with _one_thread(), torch.no_grad():
        comparisons = [_compared(name, mode, effort) for name in models for mode in modes]
    return Section(
        title="Forward",
        text=TEXT,
        figures=[figure for comparison in comparisons for figure in ratio_figures(comparison, _noise(comparison))],
        tables=[comparison_table(comparisons)],
        packages=("torcharc",),
    )


def _noise(comparison: Comparison) -> float:
    """How much more than the floor another object of its class takes in the upper quartile of the rounds."""
    ratios = sorted(comparison.ratios(SAME))
    return max(0.0, ratios[len(ratios) * 3 // 4] - 1)


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _compared(name: str, mode: str, effort: Effort) -> Comparison:
    made, silent = _ways(name, MODELS[name])
    image = torch.rand(1, 3, SIDES[name], SIDES[name])
    expected = made[FLOOR](image)
    for module in made.values():
        torch.testing.assert_close(module(image), expected)
    runs = {way: _call(_in_mode(module, mode), image) for way, module in made.items()}
    for run in runs.values():
        run()  # to compile takes seconds, after which a way would count as dear
    ways = compare(runs, FLOOR, effort)
    return Comparison(title=f"{name}, {mode}", floor=FLOOR, ways=ways, targets={OURS: TARGET}, silent=silent)


def _ways(name: str, model: Model) -> tuple[dict[str, nn.Module], dict[str, str]]:
    by_hand = model.by_hand()
    ours = archspec.build(ROOT / "architectures" / model.spec, preset=model.preset)
    loop = Interpreted(model.by_hand())
    made, silent = {OURS: ours, FLOOR: by_hand, SAME: model.by_hand(), LOOP: loop}, {}
    torcharc = peer("torcharc")
    if torcharc is None:
        silent[GRAPH] = NOT_INSTALLED
    else:
        made[GRAPH] = torcharc.load(torcharc.write(name, model.parts))
    for module in made.values():
        _fill(module, by_hand)
        module.eval()
    return made, silent


def _fill(module: nn.Module, source: nn.Module) -> None:
    """Give a module the tensors of another that has the same ones in the same order, perhaps under other names."""
    for mine, given in zip(module.state_dict().values(), source.state_dict().values(), strict=True):
        mine.copy_(given)


def _in_mode(module: nn.Module, mode: str) -> Callable[[torch.Tensor], torch.Tensor]:
    return torch.compile(module) if mode == "compiled" else module


def _call(module: Callable[[torch.Tensor], torch.Tensor], image: torch.Tensor) -> Callable[[], torch.Tensor]:
    return lambda: module(image)
