"""`archspec explain`: in comes the code of an error or warning, out goes what it means, an example and the fix."""

from textwrap import indent

from archspec.codes import CODES, Code
from archspec.commands.console import console, print_text, width_of, wrapped
from archspec.diagnostic import quote
from archspec.errors import UsageError
from archspec.suggest import did_you_mean

__all__ = ["run"]


def run(code: str | None = None) -> int:
    """Explain a code, or list all of them.

    Returns:
        The exit code: 0.

    Raises:
        UsageError: there is no such code.
    """
    print_text(_listed() if code is None else _explained(code))
    return 0


def _listed() -> str:
    return "\n".join(f"{name}  {entry.title}" for name, entry in CODES.items())


def _explained(code: str) -> str:
    name = code.upper()
    if name not in CODES:
        hint = did_you_mean(name, CODES, otherwise="`archspec explain` lists them all")
        raise UsageError(f"there is no code {quote(code)}: {hint}")
    return "\n\n".join(_parts(name, CODES[name]))


def _parts(name: str, entry: Code) -> list[str]:
    width = width_of(console())
    parts = [f"{name}: {entry.title}"]
    parts += [wrapped(text, width) for text in entry.meaning.strip().split("\n\n") if text]
    prose = (("Why:", entry.why), ("Source:", entry.source))
    parts += [wrapped(f"{heading} {text}", width) for heading, text in prose if text]
    for heading, text in (("Example:", entry.example), ("Fixed:", entry.fix)):
        if text:
            parts.append(f"{heading}\n{indent(text.strip(chr(10)), '    ')}")
    return parts
