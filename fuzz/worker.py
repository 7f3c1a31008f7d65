"""One target in atheris: in come libFuzzer's arguments, out comes what it prints. `python -m fuzz` starts this."""

import importlib
import sys
from itertools import islice
from pathlib import Path

import atheris

WARM_UP = 40


def main(name: str, arguments: list[str]) -> None:
    """Fuzz a target; what is imported on the way is watched for the branches that are taken."""
    with atheris.instrument_imports(include=["archspec", "pickletools"]):
        target = importlib.import_module(f"fuzz.{name}")
        for seed in islice(target.seeds(), WARM_UP):  # much is imported by the functions that need it
            target.run(seed)
    atheris.Setup([sys.argv[0], *arguments], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]).name, sys.argv[2:])
