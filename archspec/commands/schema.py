"""`archspec schema`: out goes the JSON Schema of the language, which editors complete and check specs with."""

from functools import partial
from pathlib import Path

from archspec.commands.console import print_document
from archspec.errors import UsageError

__all__ = ["run"]


def run(*, output: Path | None = None) -> int:
    """Print the JSON Schema, or write it to a file.

    Returns:
        The exit code: 0.

    Raises:
        UsageError: the file cannot be written.
    """
    from archspec.emit.whole import write_whole
    from archspec.spec.schema import schema_text

    text = schema_text()
    if output is None:
        print_document(text)
        return 0
    try:
        write_whole(output, partial(_write, text), force=True)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error
    return 0


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
