"""The documentation: every spec in it builds, every output in it is what is printed, every table in it is fresh."""

import doctest
import re
import runpy
import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

import archspec
from archspec.catalog.registry import default_registry
from archspec.spec.params import TYPES
from archspec.syntax.grammar import FUNCTIONS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "archspec" / "README.md"])

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([\w.]+)"')
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TIME = re.compile(r"\d[\d.]* (?:µs|ms|s)\b")


@dataclass(frozen=True, kw_only=True)
class Fence:
    """A fenced block of a page: its language, what stands behind that, and the text of the `text` block after it."""

    page: Path
    line: int
    language: str
    info: str
    text: str
    after: str | None

    @property
    def title(self) -> str | None:
        """The name of the file that it is, if it is one."""
        match = TITLE.search(self.info)
        return None if match is None else match[1]

    @property
    def is_spec(self) -> bool:
        """Whether it is a whole spec, not a part of one."""
        return self.language == "yaml" and self.text.startswith("archspec: 1")

    def __str__(self) -> str:
        """`page:line`, the name of its test."""
        return f"{self.page.name}:{self.line}"


def _fences() -> Iterator[Fence]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        matches = list(FENCE.finditer(text))
        for match, following in pairwise([*matches, None]):
            assert match is not None
            yield Fence(
                page=page,
                line=text.count("\n", 0, match.start()) + 1,
                language=match[1],
                info=match[2],
                text=match[3],
                after=following[3] if following is not None and following[1] == "text" else None,
            )


FENCES = list(_fences())


def _all(predicate: Callable[[Fence], bool]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fence", [fence for fence in FENCES if predicate(fence)], ids=str)


def _write_files(page: Path, folder: Path) -> None:
    """The files that a page shows."""
    for fence in FENCES:
        if fence.page == page and fence.title is not None:
            (folder / fence.title).write_text(fence.text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A working directory with the files that the page of the fence shows."""
    _write_files(request.getfixturevalue("fence").page, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def _registered() -> Iterator[None]:
    """Forget what an example registers."""
    registry = default_registry()
    before = {*registry._layers, *registry._operations}
    yield
    for name in {*registry._layers, *registry._operations} - before:
        registry.unregister(name)


@_all(lambda fence: fence.is_spec and not {"error", "warning"} & set(fence.info.split()))
def test_every_spec_builds(fence: Fence, folder: Path) -> None:
    """A spec that the documentation shows can be copied and built, without a warning, to the model printed under it."""
    assert folder.is_dir()
    compilation = archspec.compile(fence.title or fence.text)
    model = compilation.build(device="meta")
    assert (*compilation.diagnostics, *compilation.lint) == ()
    if fence.after is not None:
        assert f"{model}\n" == fence.after


@_all(lambda fence: fence.is_spec and "error" in fence.info)
def test_every_mistake_gives_the_message_shown(fence: Fence, folder: Path) -> None:
    """A spec that is shown to be wrong is refused, with the whole message that is printed under it."""
    assert folder.is_dir()
    with pytest.raises(archspec.errors.SpecError) as caught:
        archspec.compile(fence.title or fence.text)
    if fence.after is not None:
        assert f"{str(caught.value).strip()}\n" == fence.after


@_all(lambda fence: fence.is_spec and "warning" in fence.info)
def test_every_warning_is_the_one_shown(fence: Fence, folder: Path) -> None:
    """A spec that is shown to be valid and probably not meant gives the whole warning that is printed under it."""
    assert folder.is_dir()
    warnings = archspec.check(fence.title or fence.text)
    assert {warning.severity for warning in warnings} == {"warning"}
    assert "\n\n".join(map(str, warnings)) + "\n" == fence.after


def test_every_example_is_a_whole_spec() -> None:
    """Nothing that a page shows as YAML escapes the tests above."""
    assert [str(fence) for fence in FENCES if fence.language == "yaml" and not fence.is_spec] == []


@_all(lambda fence: fence.language == "console" and "$ archspec" in fence.text)
def test_every_command_prints_what_is_shown(
    fence: Fence, folder: Path, archspec_cli: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """What a page shows under `$ archspec …` is what the command prints, but for how long things took."""
    shown = ""
    for command in re.findall(r"^\$ (.+)$", fence.text, re.MULTILINE):
        program, *arguments = shlex.split(command, comments=True)
        assert program == "archspec"
        finished = archspec_cli(*arguments, cwd=folder)
        shown += f"$ {command}\n{finished.stdout}{finished.stderr}"
    assert _timeless(shown) == _timeless(fence.text)


def _timeless(text: str) -> str:
    """The text without times, without spaces at the ends of lines, and without an empty line at the end."""
    lines = [line.rstrip() for line in TIME.sub("TIME", text).splitlines()]
    return "\n".join(lines).rstrip()


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize("page", sorted({fence.page for fence in FENCES if fence.language == "pycon"}))
def test_every_session_gives_what_is_shown(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python sessions of a page, one after the other, print what the page says."""
    _write_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    session = "\n".join(fence.text for fence in FENCES if fence.page == page and fence.language == "pycon")
    runner = doctest.DocTestRunner()
    report: list[str] = []
    runner.run(doctest.DocTestParser().get_doctest(session, {}, page.name, str(page), 0), out=report.append)
    assert "".join(report) == ""


@pytest.mark.usefixtures("_registered")
@_all(lambda fence: fence.language == "python")
def test_every_program_runs(fence: Fence, folder: Path) -> None:
    """A Python program on a page runs as it stands, beside the files that the page shows."""
    assert folder.is_dir()
    exec(compile(fence.text, str(fence), "exec"), {"__name__": "__main__"})


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """The pages with their generated parts as the source has them now."""
    pages: dict[str, str] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()
    return pages


@pytest.mark.parametrize("name", ["lint.md", "operations.md", "language.md", "security.md"])
def test_the_generated_tables_are_fresh(name: str, generated: dict[str, str]) -> None:
    """The tables of operations, limits, keys and inference are those of the source; else run docs/generate.py."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generated[name]


def test_the_language_names_every_function_and_type() -> None:
    """A function of expressions, or a type of params, that is added is documented."""
    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    calls = [call for call, _, _ in FUNCTIONS.values()]
    assert [call for call in calls if f"`{call}`" not in text] == []
    assert [name for name in TYPES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_leads_nowhere(page: Path) -> None:
    """A link between pages names a file that is there, and a heading that it has."""
    broken = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not _leads_somewhere(page, link)]
    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    if "://" in link:
        return True
    path, _, anchor = link.partition("#")
    target = page if not path else page.parent / path
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub makes anchors of them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
