"""The page of benchmarks: a section that is measured takes the place of its old text, and the others stay."""

import re

from benchmarks.report import FINDINGS, Occasion, page, section_text
from benchmarks.section import Section

NAMES = ("first", "second")


def test_only_what_was_measured_is_replaced() -> None:
    """Sections keep their order, whichever is measured when."""
    both = page(page("", NAMES, {"second": "old 2\n"}), NAMES, {"first": "new 1\n"})
    assert re.findall(r"<!-- measured: (\w+) -->\n(.*)\n<!-- end -->", both) == [
        ("first", "new 1"),
        ("second", "old 2"),
    ]
    assert page(both, NAMES, {"second": "new 2\n"}) == both.replace("old 2", "new 2")


def test_a_page_has_the_introduction_and_the_findings_once() -> None:
    """What no run measures is written with every run."""
    twice = page(page("", NAMES, {"first": "1\n"}), NAMES, {"first": "2\n"})
    assert twice.startswith("# Benchmarks\n")
    assert twice.count("# Benchmarks\n") == 1
    assert twice.endswith(FINDINGS.read_text(encoding="utf-8").strip() + "\n")


def test_a_section_tells_when_and_where_it_was_measured() -> None:
    """Numbers without a machine and versions say nothing; a package that is missing is told so."""
    section = Section(title="T", text="Text.", figures=[], tables=[], packages=("nothing-of-that-name",))
    text = section_text(section, Occasion())
    assert max(map(len, text.splitlines())) <= 120
    text = text.replace("\n", " ")
    assert text.startswith("## T  Text.  Measured on 20")
    assert re.search(r"load average \(1, 5, 15 minutes\) [\d., ]+ before and [\d., ]+ after", text)
    assert re.search(r"CPython 3\.\d+\.\d+, torch \S+, pydantic \S+, PyYAML \S+, nothing-of-that-name \(not", text)
