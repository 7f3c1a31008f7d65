"""Initialisers: the names a spec can write, and their arguments."""

from inspect import Parameter

import pytest
from torch.nn import init

from archspec.catalog.initialisers import INITIALISERS, initialiser_parameters


@pytest.mark.parametrize("name", INITIALISERS)
def test_every_name_is_a_function_of_torch(name: str) -> None:
    """`zeros` in a spec is `torch.nn.init.zeros_`."""
    assert callable(getattr(init, f"{name}_"))


def test_arguments_are_those_a_spec_can_write() -> None:
    """The tensor comes from the module and the generator from nobody; the rest keeps its order and its defaults."""
    assert list(initialiser_parameters("kaiming_normal")) == ["a", "mode", "nonlinearity"]
    assert initialiser_parameters("zeros") == {}
    assert initialiser_parameters("normal")["std"].default == 1.0
    assert initialiser_parameters("constant")["val"].default is Parameter.empty
