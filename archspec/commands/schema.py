"""`archspec schema`: out goes the JSON Schema of the language, which editors complete and check specs with."""

import json
import sys
from pathlib import Path

from archspec.errors import UsageError

__all__ = ["run", "schema_text"]


def run(*, output: Path | None = None) -> int:
    """Print the JSON Schema, or write it to a file.

    Returns:
        The exit code: 0.

    Raises:
        UsageError: the file cannot be written.
    """
    text = schema_text()
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error
    return 0


def schema_text() -> str:
    """The schema as the text of its file."""
    from archspec.spec.schema import schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
