"""The dtypes of inputs: in comes a name that is none, out goes what is wrong with it."""

from types import MappingProxyType

from archspec.diagnostic import Diagnostic, quote
from archspec.fix import respelled
from archspec.source import Span
from archspec.suggest import did_you_mean

__all__ = ["DTYPES", "unknown_dtype"]

DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64")

# Second names that torch has for dtypes, and a spec has not.
_ALIASES = MappingProxyType(
    {
        "float": "float32",
        "double": "float64",
        "half": "float16",
        "long": "int64",
        "int": "int32",
        "short": "int16",
        "cfloat": "complex64",
    }
)


def unknown_dtype(name: str, span: Span) -> Diagnostic:
    """The diagnostic for a dtype that there is not."""
    same = _ALIASES.get(name)
    return Diagnostic(
        code="E0206",
        message=f"{quote(name)} is no dtype",
        span=span,
        expected=", ".join(DTYPES),
        hint=did_you_mean(name, DTYPES) if same is None else f"PyTorch's `{name}` is written `{same}`",
        fix=respelled(span, name, DTYPES, meant=same),
    )
