"""Models of a usual size: in comes how often to measure, out go comparisons with PyTorch written by hand."""

import json

import torch
from torchvision.models import alexnet, resnet50

import archspec
from archspec.elaborate import shapes
from benchmarks.handwritten import AlexNet, LeNet
from benchmarks.measure import ROOT, Comparison, compare, run_python, take_turns

__all__ = ["build_alexnet", "build_resnet50", "first_resnet50", "forward_lenet"]

ARCHITECTURES = ROOT / "architectures"


def forward_lenet(rounds: int, calls: int) -> Comparison:
    """LeNet's forward, one image at a time: what the compiled class costs where the layers cost least."""
    ours, floor = archspec.build(ARCHITECTURES / "lenet.yaml").eval(), LeNet().eval()
    floor.load_state_dict(ours.state_dict())
    image = torch.zeros(1, 3, 32, 32)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.no_grad():
            assert torch.equal(ours(image), floor(image))
            ways = {"archspec": lambda: ours(image), "by hand": lambda: floor(image)}
            times = compare(ways, rounds, calls)
    finally:
        torch.set_num_threads(threads)
    note = f"batch 1, one thread, eval, no_grad; {calls} calls a round"
    return Comparison(title="LeNet: forward", floor="by hand", target=1.02, ways=times, note=note)


def build_alexnet(rounds: int) -> Comparison:
    """AlexNet with its 61 million parameters filled, from a path."""
    path = ARCHITECTURES / "alexnet.yaml"
    ways = {"archspec": lambda: archspec.build(path), "by hand": AlexNet, "torchvision": lambda: alexnet(weights=None)}
    note = "from the file; the parameters are filled at random, which is nearly all of the time"
    times = compare(ways, rounds)
    return Comparison(title="AlexNet: file to module on CPU", floor="by hand", target=1.05, ways=times, note=note)


def build_resnet50(rounds: int) -> Comparison:
    """ResNet-50 on meta with every shape proved, in a process that has built it before."""
    text = (ARCHITECTURES / "resnet.yaml").read_text()

    def ours() -> object:
        return archspec.build(text, preset="resnet50", device="meta")

    def forgetful() -> object:
        shapes._KNOWN.clear()  # noqa: SLF001 - what `elaborate/shapes.py` remembers between builds
        return ours()

    def floor() -> object:
        with torch.device("meta"):
            return resnet50(weights=None)

    ways = {"archspec": ours, "archspec, shapes forgotten": forgetful, "torchvision": floor}
    note = "shapes forgotten: each of the distinct layers runs on meta again; torchvision's constructor proves no shape"
    times = compare(ways, rounds)
    title = "ResNet-50: text to module on meta"
    return Comparison(title=title, floor="torchvision", target=1.0, ways=times, note=note)


_FIRST = """
import json, time
import torch
{imports}
text = open("architectures/resnet.yaml").read()
wall, cpu = time.perf_counter(), time.process_time()
{build}
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]))
"""
_FIRST_OURS = _FIRST.format(
    imports="import archspec, archspec.compiler", build='archspec.build(text, preset="resnet50", device="meta")'
)
_FIRST_FLOOR = _FIRST.format(
    imports="from torchvision.models import resnet50", build='with torch.device("meta"): resnet50(weights=None)'
)


def first_resnet50(rounds: int) -> Comparison:
    """The same as the first thing that a process does once torch and the library are imported."""

    def first(code: str) -> tuple[float, float]:
        wall, cpu = json.loads(run_python(code))
        return wall, cpu

    ways = take_turns({"archspec": lambda: first(_FIRST_OURS), "torchvision": lambda: first(_FIRST_FLOOR)}, rounds)
    note = (
        "a fresh process a round; every signature is read, every layer runs on meta, and torch imports for that what "
        "it left out before"
    )
    return Comparison(title="ResNet-50: the first build", floor="torchvision", target=1.0, ways=ways, note=note)
