"""A campaign: in come a target and a time, out comes how much was tried and what was found."""

import hashlib
import importlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from fuzz.outcome import Outcome

__all__ = ["TARGETS", "fuzz"]

TARGETS = ("text", "expressions", "weights")
ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "fuzz"

MOST_FINDINGS = 10  # after so many, something is wrong that more of them would not tell
HANGS_AFTER_S = 60  # far over the budget, which a target measures itself in CPU time
MOST_MIB = 4_096  # of the whole process, torch included

_STATUS = re.compile(r"^#\d+\s.*\bcov: (\d+) .*\bcorp: (\d+)/", re.MULTILINE)
_EXECUTED = re.compile(r"stat::number_of_executed_units: (\d+)")
_CRASH = re.compile(r"Test unit written to (\S+)")
_REASON = re.compile(r"=== Uncaught Python exception: ===\n(.*)")


def fuzz(target: str, seconds: float) -> Outcome:
    """Fuzz a target for so long; what is found is noted, and the rest of the time goes on from there."""
    folder = FOLDER / target
    corpus = _prepare(target, folder)
    outcome = Outcome(target=target)
    while outcome.seconds < seconds and len(outcome.findings) < MOST_FINDINGS:
        started = time.monotonic()
        text = _run(target, folder, corpus, max(1, round(seconds - outcome.seconds)))
        outcome.seconds += time.monotonic() - started
        _note(outcome, text)
    return outcome


def _prepare(target: str, folder: Path) -> Path:
    """Lay out the seeds and the dictionary. What an earlier campaign kept stays, and is built upon."""
    module = importlib.import_module(f"fuzz.{target}")
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in module.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    lines = ("".join(f"\\x{byte:02X}" for byte in word) for word in module.words())
    (folder / "dictionary").write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return corpus


def _run(target: str, folder: Path, corpus: Path, seconds: int) -> str:
    """What libFuzzer says of one run, which ends at the first finding."""
    longest = importlib.import_module(f"fuzz.{target}").MAX_LENGTH
    command = [
        *(sys.executable, "-m", "fuzz.worker", target, str(corpus)),
        *(f"-max_total_time={seconds}", f"-max_len={longest}"),
        *(f"-timeout={HANGS_AFTER_S}", f"-rss_limit_mb={MOST_MIB}"),
        *(f"-dict={folder / 'dictionary'}", f"-artifact_prefix={folder}{os.sep}", "-print_final_stats=1"),
    ]
    with (folder / "log.txt").open("w+", encoding="utf-8", errors="replace") as log:
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        return log.read()


def _note(outcome: Outcome, text: str) -> None:
    executed, status, crash = _EXECUTED.search(text), [*_STATUS.finditer(text)], _CRASH.search(text)
    if executed is None and crash is None:
        raise RuntimeError(f"the target {outcome.target} did not run:\n{text[-2_000:]}")
    outcome.executions += int(executed[1]) if executed else 0
    if status:
        outcome.branches, outcome.inputs = map(int, status[-1].groups())
    if crash is not None:
        reason = _REASON.search(text)
        path = Path(crash[1])
        outcome.findings[str(path.relative_to(ROOT))] = reason[1] if reason else "no exception; see log.txt"
