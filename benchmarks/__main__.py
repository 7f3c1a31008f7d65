"""`python -m benchmarks [--quick] [-o FILE]`: measures, prints the page, and writes it to docs/benchmarks.md."""

import argparse
import os
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.models import build_alexnet, build_resnet50, first_resnet50, forward_lenet
from benchmarks.peers.compare import compare_peers
from benchmarks.peers.models import MODELS
from benchmarks.processes import commands, help_seconds
from benchmarks.report import page
from benchmarks.scaling import measure_chain

__all__ = ["main"]

LENGTHS = (100, 1_000, 10_000, 50_000)
QUICK_LENGTHS = (10, 20)
QUICK_MODELS = ("AlexNet",)  # jsonargparse takes half a minute for DenseNet-121


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure archspec beside plain PyTorch.")
    parser.add_argument("--quick", action="store_true", help="one round of everything, to see that it works")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page to write")
    options = parser.parse_args()
    text = measure(quick=options.quick)
    options.output.write_text(text, encoding="utf-8")
    print(text)


def measure(*, quick: bool) -> str:
    """The page, measured now."""
    before = _load()
    comparisons = [
        forward_lenet(rounds=1 if quick else 41, calls=10 if quick else 200),
        build_alexnet(rounds=1 if quick else 15),
        build_resnet50(rounds=1 if quick else 31),
        first_resnet50(rounds=1 if quick else 9),
        commands(rounds=1 if quick else 11),
    ]
    help_times = help_seconds(rounds=1 if quick else 11)
    lengths = [measure_chain(n, rounds=1 if quick else 3) for n in (QUICK_LENGTHS if quick else LENGTHS)]
    models = QUICK_MODELS if quick else (*MODELS,)
    columns = compare_peers(models, "meta", rounds=1 if quick else 7)
    columns += compare_peers(models, "cpu", rounds=1 if quick else 5)
    return page(comparisons, columns, help_times, lengths, (before, _load()))


def _load() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


if __name__ == "__main__":
    main()
