"""`python -m benchmarks.peers FOLDER`: writes every peer's file of every model, to be looked at."""

import argparse
from pathlib import Path

from benchmarks.measure import NOT_INSTALLED
from benchmarks.peers.models import MODELS
from benchmarks.peers.peer import NAMES, peer

__all__ = ["main"]


def main() -> None:
    """Write the files of the peers that are installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Write the peers' files.")
    parser.add_argument("folder", type=Path, help="where to; a folder for each peer is made in it")
    folder: Path = parser.parse_args().folder
    for name, (short, _) in NAMES.items():
        found = peer(name)
        if found is None:
            print(f"{name}: {NOT_INSTALLED}")
            continue
        target = folder / short
        target.mkdir(parents=True, exist_ok=True)
        for title, model in MODELS.items():
            if title not in found.cannot:
                path = target / f"{title.lower().replace('/', '-')}{found.suffix}"
                path.write_text(found.write(title, model.parts), encoding="utf-8")
        print(f"{name}: {target}")


if __name__ == "__main__":
    main()
