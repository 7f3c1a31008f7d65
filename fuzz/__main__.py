"""`python -m fuzz [TARGET …] [--minutes N]` fuzzes each target for so long; `--again FILE` tries what was found."""

import argparse
import importlib
import sys
from pathlib import Path

from fuzz.campaign import TARGETS, Outcome, fuzz

__all__ = ["main"]


def main() -> int:
    """Fuzz, and print what it came to. Gives 1 where anything was found."""
    options = _options()
    if options.again is not None:
        importlib.import_module(f"fuzz.{options.targets[0]}").run(options.again.read_bytes())
        print("nothing is wrong with it now")
        return 0
    outcomes = []
    for target in options.targets or TARGETS:
        print(f"{target}: {options.minutes:g} minutes …", flush=True)
        outcomes.append(fuzz(target, options.minutes * 60))
    print(_table(outcomes))
    return 1 if any(outcome.findings for outcome in outcomes) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Look for bytes that break a promise.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)}; by default all of them")
    parser.add_argument("--minutes", type=float, default=1, help="how long each target is fuzzed (default: 1)")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run one target on what was found, once")
    options = parser.parse_args()
    unknown = [target for target in options.targets if target not in TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    if options.again is not None and len(options.targets) != 1:
        parser.error("--again needs the one target that the file is for")
    return options


def _table(outcomes: list[Outcome]) -> str:
    heading = ("target", "seconds", "executions", "branches", "inputs kept", "findings")
    rows = [
        (item.target, item.seconds, item.executions, item.branches, item.inputs, len(item.findings))
        for item in outcomes
    ]
    lines = ["{:<12}{:>8}{:>14}{:>10}{:>13}{:>10}".format(*heading)]
    lines += ["{:<12}{:>8,.0f}{:>14,}{:>10,}{:>13,}{:>10}".format(*row) for row in rows]
    for item in outcomes:
        for path, reason in item.findings.items():
            lines += ["", f"{path}: {reason}", f"  again: {sys.executable} -m fuzz {item.target} --again {path}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
