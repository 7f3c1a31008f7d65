"""Opens files: in come cases, out goes a verdict for each and each compiler that is installed."""

import json
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.hostile.attempt import MEMORY, SECONDS
from benchmarks.hostile.cases import NOTHING, Case
from benchmarks.hostile.openers import OPENERS, Opener
from benchmarks.measure import NOT_INSTALLED, ROOT, environment

__all__ = ["NOTHING_SUCH", "try_all", "try_with", "verdict"]

NOTHING_SUCH = "—"
_LINE = re.compile(r"\blines? \d+|:\d+:\d+:|line=\d+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_MEMORY = re.compile(r"can't allocate memory|not enough memory|Unable to allocate|bad_alloc", re.IGNORECASE)


def try_all(cases: Sequence[Case], *, explain: bool = False) -> dict[str, list[str]]:
    """The verdicts by compiler, in the order of the cases."""
    verdicts = {}
    for name, opener in OPENERS.items():
        try:
            version(opener.packages[0])
        except PackageNotFoundError:
            verdicts[name] = [NOT_INSTALLED] * len(cases)
        else:
            verdicts[name] = try_with(name, cases, explain=explain)
    return verdicts


def try_with(name: str, cases: Sequence[Case], *, explain: bool = False) -> list[str]:
    """The verdicts of one compiler, which a process of its own imports and warms up once."""
    command = [sys.executable, "-m", "benchmarks.hostile.attempt", name]
    settings = environment() | {"OMP_NUM_THREADS": "1", "KERAS_BACKEND": "torch"}
    verdicts = []
    with (
        tempfile.TemporaryDirectory() as root,
        subprocess.Popen(
            command, cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        for number, case in enumerate(cases):
            answer = _ask(process, OPENERS[name], case, Path(root, OPENERS[name].files, str(number)))
            verdicts.append(NOTHING_SUCH if answer is None else verdict(answer, case.right))
            if explain and answer is not None:
                print(f"{name}: {case.title}: {verdicts[-1]}\n{json.dumps(answer)[:600]}\n", flush=True)
        assert process.stdin is not None
        process.stdin.close()
    return verdicts


def _ask(process: subprocess.Popen[str], opener: Opener, case: Case, folder: Path) -> dict[str, Any] | None:
    """What came of a case in its folder; None where the compiler's form has nothing like it."""
    if opener.files not in case.files:
        return None
    folder.mkdir(parents=True)
    (folder / f"spec{opener.suffix}").write_text(case.files[opener.files], encoding="utf-8")
    case.beside(folder)
    assert process.stdin is not None
    assert process.stdout is not None
    print(json.dumps({"folder": str(folder), "probe": case.probe}), file=process.stdin, flush=True)
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


def verdict(answer: dict[str, Any], right: object = NOTHING) -> str:
    """What came of a file, in a few words."""
    text = f"{answer.get('text', '')}\n{answer['printed']}"
    if answer["ran"]:
        return "**ran code**"
    if answer["signal"] == signal.SIGPROF:
        return f"**over {SECONDS} s**"
    if answer["signal"]:
        return f"**crashed** ({signal.Signals(answer['signal']).name})"
    if answer.get("error") == "MemoryError" or _NO_MEMORY.search(text):
        return f"**over {MEMORY >> 30} GiB**"
    if "accepted" in answer:
        return _accepted(answer["accepted"], right)
    if _CONTROL.search(text):
        return "**printed it**"
    return "refused, with the line" if _LINE.search(text) else "refused"


def _accepted(value: str, right: object) -> str:
    if value == repr(right):
        return "right"
    return "**accepted**" if value == "None" else f"**accepted** as `{value}`"
