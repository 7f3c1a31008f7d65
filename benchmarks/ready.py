"""From a file of weights to a model that has run, and what a model of 405 billion parameters takes to look at."""

import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision.models import alexnet

import archspec
from benchmarks.handwritten.convolutional import AlexNet
from benchmarks.measure import ROOT, Comparison, Effort, Times, compare, compare_processes
from benchmarks.section import GIB, Figure, Section, comparison_table, ratio_figures

__all__ = ["measure"]

SPEC = ROOT / "architectures" / "alexnet.yaml"
FLOOR = "torchvision, `torch.load`, `load_state_dict`"
OURS, EXPORTED = "archspec", "archspec, a file that it wrote"
BY_HAND = "by hand on meta, `load_file`, `assign=True`"
COPIED = "`load_file` and a `clone` of each tensor, no model"
LOADED, OUTPUT = "AlexNet, to loaded", "AlexNet, to the first output"
TARGETS = {LOADED: 0.05, OUTPUT: 0.15}
THEIRS = "alexnet.safetensors"

LLAMA, LLAMA_S, LLAMA_GIB = "llama3_405b", 5.0, 1.0

TEXT = """\
AlexNet's weights are 233 MiB, in the page cache. archspec makes the model on meta and maps the file into memory:
nothing is initialised, and what is not read by then is read by the first forward (batch 1). The floor is what people
run: the constructor fills every parameter, `torch.load` reads another set, and one is copied over the other; `by hand
on meta` is what a careful engineer writes who minds that. A file that archspec wrote holds the model's fingerprint,
which is compared; in one of safetensors' own writer tensors lie where kernels round otherwise, so each is copied, for
which the row of copies alone is a measure.

Llama 3 with 405 billion parameters is never allocated: every shape is proved and every size told, by a process that
starts for it (floor: `import torch`)."""


def measure(effort: Effort) -> Section:
    """AlexNet to loaded and to its first output, and two commands on the largest model that ships."""
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        loaders = _loaders(Path(folder))
        loading = {**loaders, COPIED: partial(_copy, Path(folder) / THEIRS)}
        comparisons = [_compared(LOADED, loading, effort), _compared(OUTPUT, _running(loaders), effort)]
    large = _large(effort.times(6))
    figures = [figure for comparison in comparisons for figure in ratio_figures(comparison)]
    return Section(
        title="Ready to run",
        text=TEXT,
        figures=[*figures, *_large_figures(large.ways)],
        tables=[comparison_table(comparisons), comparison_table([large], with_memory=True)],
        packages=("torchvision", "safetensors"),
    )


def _loaders(folder: Path) -> Mapping[str, Callable[[], nn.Module]]:
    """The ways to a model with the weights of a file, which is written for each in its format."""
    compiled = archspec.compile(SPEC)
    model = compiled.build()
    pickle, tensors, exported = folder / "alexnet.pth", folder / THEIRS, folder / "exported.safetensors"
    torch.save(model.state_dict(), pickle)
    save_file(model.state_dict(), tensors)
    compiled.export(exported, model)
    return {
        OURS: partial(archspec.build, SPEC, weights=tensors),
        EXPORTED: partial(archspec.build, SPEC, weights=exported),
        BY_HAND: partial(_by_hand, tensors),
        FLOOR: partial(_as_people_do, pickle),
    }


def _as_people_do(path: Path) -> nn.Module:
    model: nn.Module = alexnet()
    model.load_state_dict(torch.load(path))
    return model


def _by_hand(path: Path) -> nn.Module:
    with torch.device("meta"):
        model = AlexNet()
    model.load_state_dict(load_file(path), assign=True)
    return model


def _copy(path: Path) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def _running(loaders: Mapping[str, Callable[[], nn.Module]]) -> Mapping[str, Callable[[], torch.Tensor]]:
    """The same ways, and then a forward; all give the same."""
    image = torch.rand(1, 3, 224, 224)

    def run(load: Callable[[], nn.Module]) -> torch.Tensor:
        output: torch.Tensor = load().eval()(image)
        return output

    runs = {name: partial(run, load) for name, load in loaders.items()}
    expected = runs[FLOOR]()
    for way in runs.values():
        torch.testing.assert_close(way(), expected)
    return runs


def _compared(title: str, runs: Mapping[str, Callable[[], object]], effort: Effort) -> Comparison:
    ways = compare(runs, FLOOR, effort.times(4))
    return Comparison(title=title, floor=FLOOR, ways=ways, targets=dict.fromkeys((OURS, EXPORTED), TARGETS[title]))


def _large(effort: Effort) -> Comparison:
    archspec_ = [sys.executable, "-m", "archspec"]
    commands = {f"archspec {verb}": [*archspec_, verb, LLAMA] for verb in ("check", "show")}
    floor = 'python -c "import torch"'
    ways = compare_processes({**commands, floor: [sys.executable, "-c", "import torch"]}, floor, effort)
    return Comparison(title="Llama 3 405B", floor=floor, ways=ways)


def _large_figures(ways: Mapping[str, Times]) -> list[Figure]:
    figures = []
    for name in [name for name in ways if name.startswith("archspec")]:
        what, times = f"Llama 3 405B: {name}", ways[name]
        figures.append(Figure(what=what, values=times.of("cpu"), unit="s", target=LLAMA_S))
        peaks = [peak / GIB for peak in times.of("peak")]
        figures.append(Figure(what=f"{what}, peak memory", values=peaks, unit="GiB", target=LLAMA_GIB))
    return figures
