"""What the tests of hostile specs share: the process that opens them, and the report of what the worst of them cost."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

WORKER = Path(__file__).with_name("worker.py")
PATIENCE_S = 60
PATIENCE_TO_START_S = 400  # it imports torch and opens some twenty specs, on machines that may do much else
MOST_SECONDS = 5.0
MOST_BYTES = 1 << 30

# What moves a cursor, hides text or turns its direction: nothing of it reaches a terminal, and a line ends with `\n`.
_UNSEEN = (
    *((code, code) for code in range(0x20) if code != ord("\n")),
    *((0x7F, 0x9F), (0xAD, 0xAD), (0x061C, 0x061C), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F)),
    *((0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F)),
)

Answer = dict[str, Any]


class Worker:
    """The process that opens specs, one request at a time; it is started anew when a spec brought it down."""

    def __init__(self, folder: Path) -> None:
        """Start nothing yet; `folder` is where the process warms up."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, **request: Any) -> Answer:
        """What came of a request, which must cost no more than any may."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request, default=os.fspath).encode() + b"\n")
        process.stdin.flush()
        return self._answer(process, PATIENCE_S)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-W", "error", str(WORKER)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self._folder)
            assert self._answer(self._process, PATIENCE_TO_START_S) == {"ready": True}
        return self._process

    def _answer(self, process: subprocess.Popen[bytes], patience_s: float) -> Answer:
        """The next line that the process writes."""
        assert process.stdout is not None
        answered, _, _ = select.select([process.stdout], [], [], patience_s)
        if not answered:
            self.stop()
            pytest.fail(f"no answer within {patience_s} s")
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            self.stop()
            pytest.fail(f"the process ended with exit code {code}")
        answer: Answer = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """The process, for all tests of this one."""
    if not sys.platform.startswith("linux"):
        pytest.skip("what a spec costs is read from /proc")
    process = Worker(tmp_path_factory.mktemp("warm"))
    yield process
    process.stop()


@pytest.fixture
def ask(
    worker: Worker,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    in_time: Callable[[float, float], bool],
) -> Callable[..., Answer]:
    """Have a request done in the process, in a folder of its own, and hold it to what holds for all of them.

    It takes no more than 5 s, or as much longer as this machine is slower, and 1 GiB, ends with an error of ours or
    none, prints nothing that a reader cannot see, and makes the interpreter do nothing that specs may not make it do.
    """

    def ask(**request: Any) -> Answer:
        answer = worker.ask(**{"do": "build", "folder": tmp_path} | request)
        for name in ("seconds", "peak", "growth"):
            record_property(f"hostile {name}", answer[name])
        assert "crash" not in answer, answer["crash"]
        assert in_time(answer["seconds"], MOST_SECONDS)
        assert answer["peak"] < MOST_BYTES
        assert answer["seen"] == []
        assert unseen(answer["printed"]) == []
        return answer

    return ask


def unseen(text: str) -> list[str]:
    """The characters of a text that a reader cannot see."""
    return [f"U+{ord(char):04X}" for char in text if any(low <= ord(char) <= high for low, high in _UNSEEN)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the case that took longest and the one that held most, whichever process ran it."""
    measured: dict[str, list[tuple[float, str]]] = {}
    count = 0
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", ()) if report.when == "call" else ():
            if name.startswith("hostile "):
                measured.setdefault(name.removeprefix("hostile "), []).append((value, report.nodeid))
    if not measured:
        return
    count = len(measured["seconds"])
    terminalreporter.section("hostile specs")
    for name, unit, scale in (
        ("seconds", "s of CPU time", 1.0),
        ("peak", "MiB held", 2**20),
        ("growth", "MiB more than before", 2**20),
    ):
        value, node = max(measured[name])
        terminalreporter.line(f"worst of {count}: {value / scale:,.2f} {unit}: {node}")
