"""The benchmarks: they still run, and write their page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_benchmarks_write_their_page(tmp_path: Path) -> None:
    """One round of everything fills every table, and only the page that was asked for is written."""
    page = tmp_path / "benchmarks.md"
    before = (ROOT / "docs" / "benchmarks.md").read_bytes()
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(page)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    text = page.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| [^w-].*archspec.* \| ≤ \d\.\d\d \|$", line)]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == [
        "LeNet: forward",
        "AlexNet: file to module on CPU",
        "ResNet-50: text to module on meta",
        "",
        "ResNet-50: the first build",
        "LeNet: whole processes",
        "",
    ]
    assert re.search(r"^\| 10 \| .* KiB \| .* KiB \|$", text, re.MULTILINE)
    assert (ROOT / "docs" / "benchmarks.md").read_bytes() == before
