"""`archspec schema`."""

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from archspec.spec.schema import schema_text


def test_the_schema_goes_to_standard_output(invoke: Callable[..., Result]) -> None:
    """It is the whole document and nothing else."""
    result = invoke("schema")
    assert (result.exit_code, result.stdout) == (0, schema_text())
    assert json.loads(result.stdout)["title"] == "archspec"


def test_the_schema_goes_to_a_file(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """The file has the same bytes on every system, and nothing is printed."""
    result = invoke("schema", "-o", tmp_path / "schema.json")
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "schema.json").read_bytes() == schema_text().encode()


def test_a_file_that_cannot_be_written_is_a_usage_error(invoke: Callable[..., Result], tmp_path: Path) -> None:
    """The reason is the system's own."""
    path = tmp_path / "absent" / "schema.json"
    result = invoke("schema", "-o", path, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert result.stderr == f"error: {path} cannot be written: No such file or directory\n"
