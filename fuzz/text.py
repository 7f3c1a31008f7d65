"""Text: in come the bytes of a file, out comes a validated spec, or its faults; no shapes are run."""

import io
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archspec.compiler import Compilation
from archspec.syntax.read import read_stdin
from fuzz.verdict import judge

__all__ = ["MAX_LENGTH", "run", "seeds", "words"]

MAX_LENGTH = 8_192
ROOT = Path(__file__).parents[1]
COMMON = 4  # files that have a word

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_.]{2,}:?|\W{2,4}")


def run(data: bytes) -> None:
    """Read, parse and validate a spec."""
    judge(lambda: Compilation(read_stdin(io.BytesIO(data))).spec)


def seeds() -> Iterator[bytes]:
    """The specs that ship, those that the tests have refused, and the hostile ones, as far as they are short."""
    for folder in ("architectures", "tests/fixtures/errors"):
        for path in sorted((ROOT / folder).glob("*.yaml")):
            yield path.read_bytes()[:MAX_LENGTH]
    for case in runpy.run_path(str(ROOT / "tests/hostile/test_corpus.py"))["CASES"]:
        if len(case.text) < MAX_LENGTH:
            yield case.text.encode()


def words() -> Iterator[bytes]:
    """The words of the language: those that several seeds have."""
    count = Counter(word for seed in seeds() for word in set(_WORD.findall(seed)))
    yield from (word for word, files in count.items() if files >= COMMON)
