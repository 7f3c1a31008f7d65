"""`python -m benchmarks.hostile [-o FILE] [ROW …]`: opens the files with all compilers, and writes the table."""

import argparse
from pathlib import Path

from benchmarks.hostile.cases import CASES
from benchmarks.hostile.table import fill, table
from benchmarks.hostile.tries import try_all
from benchmarks.measure import ROOT

__all__ = ["main"]


def main() -> None:
    """Open, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description="Open hostile files.")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "security.md", help="the page to fill")
    parser.add_argument("--only", default="", help="the rows whose titles hold this text; the page is not written")
    parser.add_argument("--explain", action="store_true", help="print what each compiler said")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in case.title]
    answers = try_all(cases, explain=options.explain)
    text = table(cases, answers)
    if not options.only:
        options.output.write_text(fill(options.output.read_text(encoding="utf-8"), text), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
