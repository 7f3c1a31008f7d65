"""Docstrings of layers: in comes a class, out go its summary and a sentence for each argument, for people to read."""

import inspect
import re

__all__ = ["argument_sentences", "summary"]

_SIGNATURE = re.compile(r"\w+\(")
# One entry of a docstring's list of arguments: `    stride (int or tuple, optional): Stride of the convolution.`
_ARGUMENT = re.compile(r"^( +)(\w+) ?(?:\([^\n]*?\))?: (.+?)(?=\n\s*\n|\n\1\w+ ?(?:\(|:)|\Z)", re.MULTILINE | re.DOTALL)
_ROLE = re.compile(r":\w+:`~?([^`<]*?)(?: <[^`]*>)?`")
_LINK = re.compile(r"`([^`<]*?) ?(?:<[^`]*>)?`_+")
_SENTENCE_END = re.compile(r"\.(?=\s+(?:[A-Z`]|$))")
_DEFAULT = re.compile(r"\s*\(?Default.*$", re.IGNORECASE)


def summary(cls: type) -> str:
    """The first paragraph of a class's own docstring; nothing when it has none.

    >>> from torch import nn
    >>> summary(nn.Conv2d)
    'Applies a 2D convolution over an input signal composed of several input planes.'
    """
    paragraphs = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
    prose = (paragraph for paragraph in paragraphs if not _SIGNATURE.match(paragraph))
    return _plain(next(prose, ""))


def argument_sentences(cls: type) -> dict[str, str]:
    """The first sentence about each argument that a class's own docstring lists.

    >>> from torch import nn
    >>> argument_sentences(nn.Linear)["out_features"]
    'size of each output sample'
    """
    found: dict[str, str] = {}
    for _, name, text in _ARGUMENT.findall(inspect.cleandoc(cls.__doc__ or "")):
        sentence = _DEFAULT.sub("", _SENTENCE_END.split(_plain(text))[0]).rstrip(" .")
        found.setdefault(name, sentence)
    return found


def _plain(text: str) -> str:
    """Text on one line, without the markup of Sphinx."""
    line = " ".join(text.split())
    return _LINK.sub(r"\1", _ROLE.sub(r"\1", line)).replace("``", "`")
