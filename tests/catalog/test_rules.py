"""`archspec.catalog.rules`: every line of the tables speaks of an argument that exists, and the nearest line wins."""

import pytest

from archspec.catalog.modules import torch_layers
from archspec.catalog.rules import ANY_LAYER, BOUNDS, HINTS, LENGTHS, lookup

TABLES = {"HINTS": HINTS, "BOUNDS": BOUNDS, "LENGTHS": LENGTHS}
LINES = [(table, layer, name) for table, rows in TABLES.items() for layer, row in rows.items() for name in row]


@pytest.mark.parametrize(("table", "layer", "argument"), LINES)
def test_every_line_is_about_an_argument_that_exists(table: str, layer: str, argument: str) -> None:
    """A line with a misspelt name would check nothing in silence."""
    layers = torch_layers()
    rows = layers.values() if layer == ANY_LAYER else [layers[layer]]

    assert any(argument in row.arguments for row in rows), f"{table}: {layer}.{argument}"


def test_the_line_of_a_layer_comes_before_the_line_of_all() -> None:
    """`p` is a share in every layer but those where it is a norm."""
    assert str(lookup(BOUNDS, "Dropout", "p")) == "from 0 to 1"
    assert str(lookup(BOUNDS, "PairwiseDistance", "p")) == ""
    assert lookup(BOUNDS, "Flatten", "start_dim") is None
