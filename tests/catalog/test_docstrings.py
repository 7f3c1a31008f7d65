"""Docstrings of layers: what editors show about a layer and its arguments."""

import pytest
from torch import nn

from archspec.catalog.docstrings import argument_sentences, summary
from archspec.catalog.modules import torch_layers


class Documented(nn.Module):
    r"""Documented(width)

    Scales by :math:`x` as :class:`~torch.nn.Linear` does,
    see `the paper <https://example.org>`_.

    More of it.

    Args:
        width (int, optional): the ``width`` of it, i.e. a size. Second sentence.
            Default: ``3``
        depth: one line. Default: 1
        size (int or
            tuple): not on one line
        eps (float): last
    """  # noqa: D415 - some of torch's own begin with a signature too


class Silent(nn.Module):  # noqa: D101 - that it says nothing is the point
    pass


def test_the_summary_is_the_first_paragraph_of_prose() -> None:
    """A signature at the top is passed over, lines are joined, and Sphinx's markup is gone."""
    assert summary(Documented) == "Scales by x as torch.nn.Linear does, see the paper."


def test_a_class_without_a_docstring_says_nothing() -> None:
    """The docstring of `nn.Module` is not taken for that of a class which has none."""
    assert summary(Silent) == ""
    assert argument_sentences(Silent) == {}


def test_each_argument_has_its_first_sentence() -> None:
    """Defaults are left out: the signature knows them better."""
    assert argument_sentences(Documented) == {
        "width": "the `width` of it, i.e. a size",
        "depth": "one line",
        "eps": "last",
    }


@pytest.mark.parametrize("name", sorted(torch_layers()))
def test_what_is_shown_is_one_line_without_markup(name: str) -> None:
    """Whatever torch's docstrings hold, an editor shows plain text."""
    cls = torch_layers()[name].cls
    for text in (summary(cls), *argument_sentences(cls).values()):
        assert "\n" not in text
        assert "``" not in text
        assert ":math:" not in text
        assert "Default:" not in text
