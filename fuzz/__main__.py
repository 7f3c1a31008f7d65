"""`python -m fuzz [TARGET …] [--minutes N]` fuzzes each target for so long; `--again FILE` tries what was found."""

import argparse
import importlib
import importlib.util
import sys
from pathlib import Path

from fuzz.campaign import TARGETS, fuzz
from fuzz.outcome import table
from fuzz.properties import fuzz_properties

__all__ = ["main"]

PROPERTIES = "properties"
ALL = (*TARGETS, PROPERTIES)


def main() -> int:
    """Fuzz, and print what it came to. Gives 1 where anything was found."""
    options = _options()
    if options.again is not None:
        importlib.import_module(f"fuzz.{options.targets[0]}").run(options.again.read_bytes())
        print("nothing is wrong with it now")
        return 0
    outcomes = []
    for target in _possible(options.targets or ALL):
        print(f"{target}: {options.minutes:g} minutes …", flush=True)
        seconds = options.minutes * 60
        outcomes.append(fuzz_properties(seconds) if target == PROPERTIES else fuzz(target, seconds))
    print(table(outcomes))
    return 1 if any(outcome.findings for outcome in outcomes) else 0


def _possible(targets: list[str] | tuple[str, ...]) -> list[str]:
    """The targets that can run here; those of bytes need atheris."""
    if importlib.util.find_spec("atheris") is not None:
        return [*targets]
    left_out = [target for target in targets if target != PROPERTIES]
    if left_out:
        print(
            f"left out: {', '.join(left_out)}. They need atheris, which has wheels for Linux on x86-64 alone: there"
            " `pip install -e '.[fuzz]'` installs it",
            file=sys.stderr,
        )
    return [target for target in targets if target == PROPERTIES]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Look for what breaks a promise.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(ALL)}; by default all of them")
    parser.add_argument("--minutes", type=float, default=1, help="how long each target is fuzzed (default: 1)")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run one target on what was found, once")
    options = parser.parse_args()
    unknown = [target for target in options.targets if target not in ALL]
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(ALL)}")
    if options.again is not None and (len(options.targets) != 1 or options.targets[0] not in TARGETS):
        parser.error(f"--again needs the one target that the file is for: {', '.join(TARGETS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
