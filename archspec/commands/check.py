"""`archspec check`: in come specs, out go all their errors and warnings on stdout, for people or for programs."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rich.text import Text

from archspec.commands.console import console, print_diagnostics, print_document, printable, summary
from archspec.commands.reports.github import write_github
from archspec.commands.reports.sarif import write_sarif
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler
from archspec.diagnostic import Diagnostic, as_json, errors_of
from archspec.errors import SpecError
from archspec.ignore import read_codes, without
from archspec.source import Source

__all__ = ["Checked", "Format", "diagnose", "run"]

Format = Literal["text", "json", "sarif", "github"]
JSON_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A spec that was checked, with one preset or none, and everything that was found; `strict` if warnings fail it."""

    file: str
    preset: str | None
    diagnostics: tuple[Diagnostic, ...]
    strict: bool = False

    @property
    def errors(self) -> int:
        """How many errors it has."""
        return len(errors_of(self.diagnostics))

    @property
    def warnings(self) -> int:
        """How many warnings it has."""
        return len(self.diagnostics) - self.errors

    @property
    def failed(self) -> bool:
        """Whether there is what must not be."""
        return bool(self.diagnostics if self.strict else self.errors)

    def __str__(self) -> str:
        """What was checked, in words."""
        return self.file if self.preset is None else f"{self.file} with preset {self.preset}"


def run(
    requests: Sequence[Settings],
    *,
    form: Format = "text",
    every_preset: bool = False,
    quiet: bool = False,
) -> int:
    """Check specs and print what is wrong with them.

    Args:
        requests: the specs.
        form: `text` for people; `json`: `{version, errors, warnings, files: [{file, preset, errors, warnings,
            diagnostics}]}`; `sarif`: one run of SARIF 2.1.0; `github`: the annotations of a GitHub workflow.
        every_preset: whether each preset of a spec is checked too.
        quiet: whether text says nothing about what is good.

    Returns:
        The exit code: 1 when a spec fails.

    Raises:
        UsageError: no spec, or no warning, is called that.
    """
    found = (checked for settings in requests for checked in diagnose(settings, every_preset=every_preset))
    results = _print_text(found, quiet=quiet) if form == "text" else _print_report(found, form)
    return 1 if any(result.failed for result in results) else 0


def diagnose(settings: Settings, *, every_preset: bool, source: Source | None = None) -> Iterator[Checked]:
    """Check a spec as asked, and then with each of its presets; `source` is read in the place of its file.

    Raises:
        UsageError: no spec is called that.
    """
    diagnostics, presets = _diagnose(settings, source)
    yield Checked(file=settings.file, preset=settings.preset, diagnostics=diagnostics, strict=settings.strict)
    for preset in presets if every_preset else ():
        diagnostics, _ = _diagnose(settings.with_preset(preset), source)
        yield Checked(file=settings.file, preset=preset, diagnostics=diagnostics, strict=settings.strict)


def _diagnose(settings: Settings, source: Source | None) -> tuple[tuple[Diagnostic, ...], tuple[str, ...]]:
    """What is wrong with a spec, and the presets it has."""
    presets: tuple[str, ...] = ()
    try:
        compilation = settings.compilation(source)
        presets = tuple(compilation.spec.presets)
        with without_compiler():
            return compilation.check(), presets
    except SpecError as error:
        return without(error.diagnostics, read_codes(settings.ignore)), presets


def _print_text(results: Iterator[Checked], *, quiet: bool) -> list[Checked]:
    shown: list[Checked] = []
    for result in results:
        print_diagnostics(result.diagnostics, stderr=False)
        if not quiet:
            _print_verdict(result)
        shown.append(result)
    if len(shown) > 1 and not quiet:
        everything = [diagnostic for result in shown for diagnostic in result.diagnostics]
        console().print(Text(f"{len(shown)} checked: {summary(everything) or 'no errors'}"))
    return shown


def _print_verdict(result: Checked) -> None:
    found = summary(result.diagnostics)
    line = Text("failed" if result.failed else "ok", "bold red" if result.failed else "bold green")
    line.append(printable(f" {result}" + (f": {found}" if found else "")), "default")
    console().print(line)


def _print_report(results: Iterator[Checked], form: Format) -> list[Checked]:
    shown = list(results)
    print_document(_WRITERS[form](shown))
    return shown


def _json_text(results: Sequence[Checked]) -> str:
    document = {
        "version": JSON_VERSION,
        "errors": sum(result.errors for result in results),
        "warnings": sum(result.warnings for result in results),
        "files": [
            {
                "file": result.file,
                "preset": result.preset,
                "errors": result.errors,
                "warnings": result.warnings,
                "diagnostics": [as_json(diagnostic) for diagnostic in result.diagnostics],
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2) + "\n"


_WRITERS: Mapping[str, Callable[[Sequence[Checked]], str]] = MappingProxyType(
    {"json": _json_text, "sarif": write_sarif, "github": write_github}
)
