"""Names that a spec may give: in comes a name, out goes why it cannot be used, if it cannot."""

import keyword
import re
from functools import cache

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.syntax.grammar import CONSTANTS
from archspec.syntax.tree import Scalar

__all__ = [
    "LABEL",
    "another_name",
    "class_name",
    "input_name_fault",
    "is_dimension_name",
    "is_type_name",
    "member_name_fault",
    "module_name_fault",
    "refuse_label",
    "split_dimension",
    "value_name_fault",
]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")

LABEL = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$"
"""What presets and pipelines may be called: a whole pattern of JSON Schema too."""


def split_dimension(text: str) -> tuple[str, str]:
    """The name of a dimension and the size written behind it, or nothing.

    >>> split_dimension("H=224")
    ('H', '224')
    """
    name, _, size = text.partition("=")
    return name.strip(" "), size.strip(" ")


def is_dimension_name(name: str) -> bool:
    """Whether a dimension can be called that: as any name of Python that is ASCII, so that no two look alike.

    >>> is_dimension_name("N"), is_dimension_name("N M")
    (True, False)
    """
    return name.isascii() and name.isidentifier()


def class_name(text: str) -> str:
    """Some words in PascalCase, as the class of a spec is called that gives no name of its own.

    >>> class_name("small-net_2")
    'SmallNet2'
    """
    words = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", text))
    return words if words[:1].isalpha() else f"Model{words}"


def is_type_name(name: str) -> bool:
    """Whether a name is written as a module (PascalCase), not as an operation (snake_case)."""
    return name[:1].isupper()


@cache
def _reserved() -> frozenset[str]:
    """What every `nn.Module` has already, so that no child can be called that."""
    import torch

    return frozenset(dir(torch.nn.Module()))


def member_name_fault(name: str) -> str | None:
    """Why a module of a container cannot be called `name`, or None when it can: as a node, or with hyphens too.

    >>> member_name_fault("block1-0")
    """
    return module_name_fault(name.replace("-", "_"))


def module_name_fault(name: str) -> str | None:
    """Why a node cannot be called `name`, or None when it can.

    >>> module_name_fault("conv1")
    >>> module_name_fault("forward")
    'every nn.Module has a `forward` already'
    """
    if name.isdigit():
        return "only lists number what is in them"
    if _NAME.fullmatch(name) is None:
        return "a name is a letter, then letters, digits and underscores, 64 characters at most"
    if keyword.iskeyword(name) or name in {"True", "False", "None"}:
        return f"`{name}` is a word of Python"
    if name in _reserved():
        return f"every nn.Module has a `{name}` already"
    return None


def another_name(name: str) -> str:
    """A hint at the name that a node may have in place of one that it cannot have.

    >>> another_name("my-layer")
    'call it `my_layer`'
    """
    near = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return f"call it `{near}`" if near != name and module_name_fault(near) is None else "call it something else"


def input_name_fault(name: str) -> str | None:
    """Why an input cannot be called `name`, or None when it can: inputs are parameters of `forward`, as `self` is."""
    return "`self` is the module itself" if name == "self" else module_name_fault(name)


def refuse_label(key: Scalar, what: str, collector: Collector) -> None:
    """Collect a fault where a preset or a pipeline has a name that a command line and a file name cannot say.

    Args:
        key: where the name stands.
        what: what is called that, in words.
        collector: takes the fault.
    """
    name = key.text
    if re.fullmatch(LABEL, name) is None:
        message = f"{quote(name)} cannot be the name of {what}"
        expected = "letters, digits, `_`, `-` and `.`, the last two not at the start, 64 characters at most"
        near = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")
        hint = f"call it `{near}`" if name.isascii() and re.fullmatch(LABEL, near) else ""
        collector.add(Diagnostic(code="E0205", message=message, span=key.span, expected=expected, hint=hint))


def value_name_fault(name: str) -> str | None:
    """Why a param or a `let` cannot be called `name`, or None when it can: expressions read it.

    >>> value_name_fault("num_classes")
    """
    if _NAME.fullmatch(name) is None:
        return "a name is a letter, then letters, digits and underscores, 64 characters at most"
    if keyword.iskeyword(name) or name in CONSTANTS:
        return f"`{name}` has a meaning of its own in expressions"
    return None
