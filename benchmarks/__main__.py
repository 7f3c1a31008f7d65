"""`python -m benchmarks [--only NAME,…] [--rounds N] [-o FILE]`: measures, and writes docs/benchmarks.md."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.measure import ROOT, Effort, environment
from benchmarks.report import Occasion, page, section_text

__all__ = ["SECTIONS", "main"]

# In the order of the page; the file of each has a function `measure(effort)`.
SECTIONS = ("forward", "build", "ready", "editing", "cold", "growth")


def main() -> None:
    """Measure one section here, or several in a process each, so that none meets what another has imported."""
    options = _parser().parse_args()
    if len(options.only) == 1:
        effort = Effort() if options.rounds is None else Effort(least=options.rounds, most=options.rounds)
        _measure(options.only[0], effort, options.output)
        return
    rounds = [] if options.rounds is None else ["--rounds", str(options.rounds)]
    for name in options.only:
        command = [sys.executable, "-m", "benchmarks", "--only", name, *rounds, "-o", str(options.output)]
        subprocess.run(command, cwd=ROOT, env=environment(), check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure archspec beside plain PyTorch and its peers."
    )
    names = ", ".join(SECTIONS)
    parser.add_argument("--only", type=_names, default=SECTIONS, metavar="NAME,…", help=f"sections, of {names}")
    parser.add_argument("--rounds", type=_positive, help="how often all is measured; by default as a budget allows")
    default = ROOT / "docs" / "benchmarks.md"
    parser.add_argument("-o", "--output", type=Path, default=default, help="the page, whose other sections stay")
    return parser


def _names(text: str) -> Sequence[str]:
    names = text.split(",")
    for name in names:
        if name not in SECTIONS:
            raise argparse.ArgumentTypeError(f"no section is called {name!r}; there are {', '.join(SECTIONS)}")
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"rounds are a number from 1, not {text!r}")
    return int(text)


def _measure(name: str, effort: Effort, output: Path) -> None:
    occasion = Occasion()
    text = section_text(import_module(f"benchmarks.{name}").measure(effort), occasion)
    old = output.read_text(encoding="utf-8") if output.is_file() else ""
    output.write_text(page(old, SECTIONS, {name: text}), encoding="utf-8")
    print(text, flush=True)


if __name__ == "__main__":
    main()
