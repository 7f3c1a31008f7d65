"""`archspec list`."""

import json
from collections.abc import Callable

from typer.testing import Result

from archspec.spec.shipped import shipped, shipped_names


def test_every_name_that_builds_is_listed(invoke: Callable[..., Result]) -> None:
    """What `archspec build` finds is what `archspec list` shows: files and, below each, its presets."""
    lines = invoke("list").stdout.splitlines()
    assert sorted(line.split()[0] for line in lines[1:]) == sorted(shipped_names())


def test_the_table_fits_the_terminal(invoke: Callable[..., Result]) -> None:
    """A long description is cut, not wrapped."""
    assert max(map(len, invoke("list").stdout.splitlines())) == 80


def test_a_pipe_gets_whole_descriptions(invoke: Callable[..., Result]) -> None:
    """What another program reads has no edge."""
    text = invoke("list", env={"COLUMNS": None}).stdout
    assert [item.name for item in shipped().values() if item.doc not in text] == []


def test_the_list_is_also_json(invoke: Callable[..., Result]) -> None:
    """Programs read the same facts."""
    listed = json.loads(invoke("list", "--format", "json").stdout)
    lenet = next(item for item in listed if item["name"] == "lenet")
    assert lenet == {"name": "lenet", "presets": [], "doc": shipped()["lenet"].doc}
    assert [item["name"] for item in listed] == list(shipped())
