"""SARIF 2.1.0, the format of code scanning: in comes what a check found, out goes one log with one run.

The format is that of OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01"; the
numbers below are its sections.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded

from archspec._version import __version__
from archspec.codes import CODES
from archspec.commands.reports.result import Result, each_once, path_of, printed_path, whole_path
from archspec.diagnostic import Diagnostic, details
from archspec.fix import Fix
from archspec.source import Source, Span

__all__ = ["write_sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"  # the name by which code scanning knows the top of the repository

# Where a line ends, as `Source.line` counts: `\n` and `\r\n` alone are SARIF's default (3.14.17).
LINE_BREAKS = ["\r\n", "\n", "\r", "\x85", "\u2028", "\u2029"]
_PLACEHOLDER = re.compile(r"\{(\d+)\}")

Json = dict[str, Any]


def write_sarif(results: Sequence[Result]) -> str:
    """The whole log, in ASCII."""
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(results)]}, indent=2) + "\n"


def _run(results: Sequence[Result]) -> Json:
    found = list(each_once(results))
    codes = sorted({diagnostic.code for _, diagnostic in found})
    artifacts = _Artifacts()
    return {
        "tool": {"driver": {"name": "archspec", "version": __version__, "rules": [_rule(code) for code in codes]}},
        "results": [_result(file, diagnostic, codes, artifacts) for file, diagnostic in found],
        "artifacts": artifacts.written,
        "columnKind": "unicodeCodePoints",
        "newlineSequences": LINE_BREAKS,
    }


def _rule(code: str) -> Json:
    """What `archspec explain` says."""
    entry = CODES[code]
    example, fix = entry.example.strip("\n"), entry.fix.strip("\n")
    return {
        "id": code,
        "shortDescription": {"text": _text(entry.title)},
        "fullDescription": {"text": _text(entry.meaning)},
        "defaultConfiguration": {"level": "error" if code.startswith("E") else "warning"},
        "help": {
            "text": _text(f"{entry.meaning}\n\nExample:\n\n{example}\n\nFixed:\n\n{fix}"),
            "markdown": _text(f"{entry.meaning}\n\nExample:\n\n```\n{example}\n```\n\nFixed:\n\n```\n{fix}\n```"),
        },
    }


def _text(text: str) -> str:
    """Text in which nothing is read as a placeholder (3.11.5)."""
    return _PLACEHOLDER.sub(r"{{\1}}", text)


class _Artifacts:
    """The texts that results are about (3.24), each once."""

    def __init__(self) -> None:
        self.written: list[Json] = []
        self._indices: dict[Source | str, int] = {}

    def location(self, place: Source | str) -> Json:
        """Where a text lies (3.4); one that is in no file is known by its index, and the log holds it."""
        path = path_of(place)
        location = {} if path is None else _location(path)
        key = str(whole_path(path)) if path is not None else place
        if key not in self._indices:
            self._indices[key] = len(self.written)
            self.written.append({"location": location} if location else _unfiled(place))
        return location | {"index": self._indices[key]}


def _unfiled(place: Source | str) -> Json:
    if isinstance(place, str):
        return {"description": {"text": _text(place)}}
    return {"description": {"text": _text(place.name)}, "contents": {"text": place.text}}


def _location(path: Path) -> Json:
    inside = printed_path(path)
    if inside is None:
        return {"uri": whole_path(path).as_uri()}
    return {"uri": percent_encoded(os.fsencode(inside)), "uriBaseId": ROOT}


def _result(file: str, diagnostic: Diagnostic, codes: Sequence[str], artifacts: _Artifacts) -> Json:
    related = [note for note in diagnostic.notes if note.span is not None]
    result: Json = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity,
        "message": {"text": _text("\n".join(_lines(diagnostic)))},
        "locations": [_place(file, diagnostic, artifacts)],
    }
    if related:
        result["relatedLocations"] = [
            {**_physical(note.span, artifacts), "message": {"text": _text(note.message)}}
            for note in related
            if note.span is not None
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix, artifacts)]
    return result


def _lines(diagnostic: Diagnostic) -> Iterable[str]:
    """The text of a diagnostic, but for the notes that have places: these are related locations."""
    yield diagnostic.message
    for label, text in details(diagnostic, placed=False):
        yield f"{label}: {text}"


def _place(file: str, diagnostic: Diagnostic, artifacts: _Artifacts) -> Json:
    span = diagnostic.span
    if span is None:
        place: Json = {"physicalLocation": {"artifactLocation": artifacts.location(file)}}
    else:
        place = _physical(span, artifacts)
    return place | ({"logicalLocations": [{"fullyQualifiedName": diagnostic.path}]} if diagnostic.path else {})


def _physical(span: Span, artifacts: _Artifacts) -> Json:
    return {"physicalLocation": {"artifactLocation": artifacts.location(span.source), "region": _region(span)}}


def _region(span: Span) -> Json:
    """Lines and columns from 1, the end exclusive: as spans have them (3.30)."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix, artifacts: _Artifacts) -> Json:
    """A fix (3.55): what is deleted, and what is put in its place, file by file."""
    sources = {edit.span.source: None for edit in fix.edits}
    return {
        "description": {"text": _text(fix.title)},
        "artifactChanges": [
            {
                "artifactLocation": artifacts.location(source),
                "replacements": [
                    {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
                    for edit in fix.edits
                    if edit.span.source is source
                ],
            }
            for source in sources
        ],
    }
