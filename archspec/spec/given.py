"""Specs as callers give them: in comes a path, a name, text or a mapping, out goes the `Source` that is compiled."""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault, LimitError, LimitFault, SpecError, UsageError
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.spec.shipped import shipped_names, shipped_source
from archspec.suggest import did_you_mean
from archspec.syntax.read import read_source

__all__ = ["SpecLike", "source_of"]

SUFFIXES = (".yaml", ".yml", ".json")

SpecLike = str | PathLike[str] | Mapping[str, Any]


def source_of(spec: SpecLike, limits: Limits = DEFAULT_LIMITS) -> tuple[Source, str | None]:
    """The text of a spec given as a path, the name of a shipped architecture or preset, YAML text or a mapping.

    Returns:
        The source, and the preset that a name meant.

    Raises:
        UsageError: it is a name that nothing has.
        SpecError: the file cannot be read, or the mapping is no plain data.
    """
    if isinstance(spec, Mapping):
        return _mapping_source(spec), None
    text = fspath(spec)
    if isinstance(spec, str) and ("\n" in text or text.lstrip().startswith("{")):
        return Source.of_text(text), None
    try:
        if Path(text).suffix in SUFFIXES or "/" in text or _is_file(text):
            return read_source(text, limits=limits), None
    except Fault as fault:
        raise (LimitError if isinstance(fault, LimitFault) else SpecError)([fault.diagnostic]) from fault
    found = shipped_source(text)
    if found is not None:
        return found
    raise UsageError(f"no spec is called {quote(text)}: {_hint(text)}")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # what is no path at all: too long, or with a null character
        return False


def _hint(text: str) -> str:
    """What else may be meant: a file whose suffix is left out, what is in a folder, or a name that ships."""
    for suffix in SUFFIXES:
        if _is_file(text + suffix):
            return f"did you mean {quote(text + suffix)}?"
    if _is_folder(text):
        return "it is a folder; name a file in it"
    otherwise = "`archspec list` shows what ships; a file of your own ends in .yaml"
    return did_you_mean(text, shipped_names(), otherwise=otherwise)


def _is_folder(text: str) -> bool:
    try:
        return bool(text) and Path(text).is_dir()  # a path of no text is the working folder
    except (OSError, ValueError):
        return False


def _mapping_source(spec: Mapping[str, Any]) -> Source:
    try:
        return Source.of_mapping(spec)
    except (TypeError, ValueError) as error:
        message = "a spec given as a mapping holds plain data only"
        raise SpecError([Diagnostic(code="E0203", message=message, found=str(error))]) from error
