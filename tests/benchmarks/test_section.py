"""The sections of the page of benchmarks: figures, targets and tables as Markdown."""

import pytest

from benchmarks.measure import Comparison, Sample, Times
from benchmarks.section import Figure, Section, Table, comparison_table, ratio_figures, size, spread


def _times(*seconds: float) -> Times:
    return Times({number: Sample(second, second, 3 << 20) for number, second in enumerate(seconds)})


def test_a_section_has_its_figures_first() -> None:
    """A reader sees what was hoped for and what was found, then all that was measured."""
    figures = [
        Figure(what="a", values=[1.0, 1.2, 1.1], unit="×", target=1.03),
        Figure(what="b", values=[1.02], unit="", target=1.0, noise=0.03),
    ]
    table = Table(head=("x", "y"), rows=[("1|2", "3")], before="Before:", notes=["a note."])
    section = Section(title="Title", text="Text.", figures=figures, tables=[table])
    assert "\n".join(section.lines()) == (
        "## Title\n\nText.\n\n"
        "| figure | measured | target | met |\n|---|---|---|---|\n"
        "| a | 1.10 × (1.00 to 1.20) | ≤ 1.03 × | **no** |\n"
        "| b | 1.02 | ≤ 1 + 0.03 of noise | yes |\n\n"
        "Before:\n\n| x | y |\n|---|---|\n| 1\\|2 | 3 |\n\n- a note.\n"
    )


@pytest.mark.parametrize(("measured", "is_met"), [(1.0, True), (1.004, True), (1.006, False), (1.01, False)])
def test_a_target_is_met_as_far_as_the_page_tells(measured: float, is_met: bool) -> None:  # noqa: FBT001 - a column
    """No row says that 1.00 is more than 1."""
    assert Figure(what="", values=[measured], unit="×", target=1.0).is_met is is_met


def test_a_comparison_has_a_row_for_each_way() -> None:
    """The floor has no ratio, and a way that could not be measured says why in its cell."""
    ways = {"ours": _times(0.2, 0.4, 0.6), "floor": _times(0.1, 0.1, 0.1)}
    comparison = Comparison(
        title="It", floor="floor", ways=ways, targets={"ours": 3.0}, silent={"other": "not installed"}, note="so"
    )
    assert [*comparison_table([comparison], with_memory=True).lines()][2:] == [
        "| It | ours | 200 / 400 / 600 ms | 200 / 400 / 600 ms | 4.00 | 4.00 | 3 MiB | 3 |",
        "|  | floor | 100 / 100 / 100 ms | 100 / 100 / 100 ms | floor | floor | 3 MiB | 3 |",
        "|  | other | not installed |  |  |  |  |  |",
        "",
        "- It: so.",
    ]
    (figure,) = ratio_figures(comparison, noise=0.5)
    assert (figure.what, [round(value, 9) for value in figure.values]) == ("It: ours", [2.0, 4.0, 6.0])
    assert (figure.target, figure.noise) == (3.0, 0.5)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ((1.0, 2.0, 123.4), "1 / 2 / 123 s"),
        ((0.0012, 0.0013, 1.5), "1.2 / 1.3 / 1500 ms"),
        ((1e-6, 2e-6, 3e-6), "1 / 2 / 3 µs"),
        ((1e-8, 2e-8, 3e-8), "0.01 / 0.02 / 0.03 µs"),
    ],
)
def test_times_have_the_unit_that_suits_their_median(seconds: tuple[float, ...], text: str) -> None:
    """Three numbers of one row are read in one unit."""
    assert spread(seconds) == text


@pytest.mark.parametrize(
    ("bytes_", "text"), [(512, "0.5 KiB"), (1536, "1.5 KiB"), (700 << 20, "700 MiB"), (3 << 29, "1.5 GiB")]
)
def test_memory_has_the_unit_that_suits(bytes_: int, text: str) -> None:
    """From a module's bytes to a model's."""
    assert size(bytes_) == text
