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
from benchmarks.hostile.openers import OPENERS
from benchmarks.measure import ROOT, environment

__all__ = ["NOT_INSTALLED", "try_all", "verdict"]

NOT_INSTALLED = "not installed"
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
            verdicts[name] = _try_with(name, cases, explain=explain)
    return verdicts


def _try_with(name: str, cases: Sequence[Case], *, explain: bool) -> list[str]:
    opener, verdicts = OPENERS[name], []
    command = [sys.executable, "-m", "benchmarks.hostile.attempt", name]
    with (
        tempfile.TemporaryDirectory() as root,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment() | {"OMP_NUM_THREADS": "1", "KERAS_BACKEND": "torch"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        for number, case in enumerate(cases):
            if opener.files not in case.files:
                verdicts.append(NOTHING_SUCH)
                continue
            folder = Path(root, opener.files, str(number))
            folder.mkdir(parents=True)
            (folder / f"spec{opener.suffix}").write_text(case.files[opener.files], encoding="utf-8")
            case.beside(folder)
            print(json.dumps({"folder": str(folder), "probe": case.probe}), file=process.stdin, flush=True)
            answer = json.loads(process.stdout.readline())
            verdicts.append(verdict(answer, case.right))
            if explain:
                print(f"{name}: {case.title}: {verdicts[-1]}\n{json.dumps(answer)[:600]}\n", flush=True)
        process.stdin.close()
    return verdicts


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
