"""`python -m benchmarks.hostile.attempt COMPILER`: opens hostile files with one compiler, each in a process of its own.

In comes a request a line, `{"folder": …, "probe": […]}`; out goes a line with what came of it. The compiler is imported
once, and each file is opened by a fork, in its folder, with 10 s of CPU time and 2 GiB of address space more.
"""

import gc
import json
import os
import re
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.hostile.openers import OPENERS, Opener, attribute

__all__ = ["MEMORY", "SECONDS", "main"]

SECONDS = 10
MEMORY = 2 << 30
PATIENCE_S = 60  # on the wall, for a process that sleeps
_EXCERPT = 100_000


def main() -> None:
    """Answer requests until there are none."""
    opener = OPENERS[sys.argv[1]]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    opener.warm()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(_in_a_fork(opener, json.loads(line))), file=answers, flush=True)


def _in_a_fork(opener: Opener, request: dict[str, Any]) -> dict[str, Any]:
    folder = Path(request["folder"])
    process = os.fork()
    if not process:
        _child(opener, folder, tuple(request["probe"]))
    signalled = _wait(process)
    outcome = folder / "outcome.json"
    found = json.loads(outcome.read_text(encoding="utf-8")) if outcome.exists() else {}
    printed = (folder / "printed.txt").read_text(encoding="utf-8", errors="replace")
    return {**found, "signal": signalled, "printed": printed[:_EXCERPT], "ran": (folder / "ran").exists()}


def _wait(process: int) -> int:
    """The signal that ended the process, or 0."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return int(signal.SIGPROF)


def _child(opener: Opener, folder: Path, probe: tuple[str, ...]) -> None:
    """Open the file within the limits, write down what came of it, and end."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))  # as `python -m` and `python -c` do with the folder that they are started in
    printed = os.open("printed.txt", os.O_CREAT | os.O_WRONLY)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    _limit()
    try:
        outcome = {"accepted": repr(attribute(opener.open(folder / f"spec{opener.suffix}"), probe))}
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the answer
        outcome = {"error": type(error).__name__, "text": _text(error)}
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    Path("outcome.json").write_text(json.dumps(outcome), encoding="utf-8")
    os._exit(0)


def _text(error: BaseException) -> str:
    """What a person reads of an error: its own words, and those of the errors that it was raised from."""
    words = []
    seen: BaseException | None = error
    while seen is not None:
        words.append(str(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(words)[:_EXCERPT]


def _limit() -> None:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    used = re.search(r"VmSize:\s+(\d+)", status)
    assert used is not None
    room = int(used[1]) * 1024 + MEMORY
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (room, hard))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)


if __name__ == "__main__":
    main()
