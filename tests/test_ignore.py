"""Comments, codes and options that switch warnings off."""

import time

import pytest

import archspec
from archspec.errors import UsageError
from archspec.ignore import read_codes
from archspec.source import Source
from archspec.syntax.comments import comments

TEXT = """\
archspec: 1
name: Net
{params}input: [N, 3, 8, 8]
model:
  - Conv2d: {{out_channels: 4, kernel_size: 1}}{comment}
  - BatchNorm2d
"""


def _codes(comment: str, params: str = "", **options: object) -> list[str]:
    text = TEXT.format(comment=comment, params=params)
    return [item.code for item in archspec.check(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "comment",
    [
        "  # archspec: ignore W0201",
        "  # archspec: ignore W0201 published with a bias",
        "  #archspec:ignore w0201: published so",
        "\t# why not  # archspec: ignore W0201",
    ],
)
def test_a_comment_switches_off_what_its_line_gives(comment: str) -> None:
    """The code decides, and the reason is for people."""
    assert _codes("") == ["W0201"]
    assert _codes(comment) == []


@pytest.mark.parametrize(
    "comment",
    [
        "\n  # archspec: ignore W0201",  # another line
        "  # archspec: ignore W0202",  # another code
        "  # archspec: ignore W02",
        "  # archspec: ignore",
    ],
)
def test_a_comment_that_does_nothing_is_a_warning(comment: str) -> None:
    """A comment that is left over, or misspelt, would hide something one day."""
    assert sorted(_codes(comment)) == ["W0107", "W0201"]


def test_with_params_only_an_unknown_code_is_sure() -> None:
    """Another value of a param might give the warning that the comment switches off."""
    params = "params: {deep: true}\n"
    assert _codes("  # archspec: ignore W0102", params) == ["W0102", "W0201"]
    assert "W0107" in _codes("  # archspec: ignore W0999", params)


def test_a_comment_speaks_for_the_warnings_of_every_stage() -> None:
    """Also for params that are never used."""
    assert _codes("  # archspec: ignore W0201", "params: {a: 1}  # archspec: ignore W0102 for later\n") == []


def test_a_comment_in_a_block_scalar_is_text() -> None:
    """A `doc` may quote one."""
    text = 'a: |\n  # archspec: ignore W0201\nb: "x # archspec: y" # archspec: z\n# archspec: end\n'
    found = [(span.line, span.column) for span in comments(Source.of_text(text))]
    assert found == [(3, 34), (4, 13)]


def test_a_comment_in_a_comment_is_none() -> None:
    """A line that is switched off as a whole says nothing any more."""
    assert list(comments(Source.of_text("#  - Linear: 1  # archspec: ignore W0201\na: 1\n"))) == []


def test_a_text_of_comments_is_read_in_linear_time() -> None:
    """A stranger's text cannot make the search slow: what is twenty times as long takes not much more than that."""

    def seconds(lines: int) -> float:
        source = Source.of_text("- a # archspec: ignore W0201\n" * lines)
        start = time.perf_counter()
        assert len(list(comments(source))) == lines
        return time.perf_counter() - start

    assert min(seconds(20_000) for _ in range(3)) < 100 * min(seconds(1_000) for _ in range(3))


def test_a_caller_switches_codes_off() -> None:
    """For one call, without touching the text; a comment that the spec has for it stays good."""
    assert _codes("", ignore=["W0201"]) == []
    assert _codes("  # archspec: ignore W0201", ignore=["W0201"]) == []
    assert _codes("  # archspec: ignore W0202", ignore=["W0107", "W0201"]) == []
    compilation = archspec.compile(TEXT.format(comment="", params=""))
    assert [item.code for item in compilation.lint] == ["W0201"]
    assert compilation.diagnostics == ()


def test_codes_are_listed_with_commas() -> None:
    """As on the command line; the case does not matter."""
    assert read_codes(["w0201, W0204", "W0101"]) == {"W0201", "W0204", "W0101"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("W0210", r"there is no warning `W0210`: did you mean `W\d+`\?"),
        ("E0301", "E0301 is an error, and only warnings can be switched off"),
        ("", r"there is no warning ``: `archspec explain` lists them all"),
    ],
)
def test_what_is_no_warning_is_refused(code: str, message: str) -> None:
    """A typo would leave the warning on, and an error cannot be switched off."""
    with pytest.raises(UsageError, match=message):
        read_codes([code])


def test_errors_stay() -> None:
    """The warnings beside them go."""
    assert [
        item.code for item in archspec.check("archspec: 1\ninput: [N, 4]\nmodel:\n  - Relu\n", ignore=["W0101"])
    ] == ["E0301"]
