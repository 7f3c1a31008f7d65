"""The catalogue of diagnostics: every code with its meaning, an example and the fix (`archspec explain CODE`)."""

from archspec.codes.code import Code
from archspec.codes.document import DOCUMENT
from archspec.codes.lint import LINT
from archspec.codes.nodes import NODES
from archspec.codes.reuse import REUSE
from archspec.codes.shapes import SHAPES
from archspec.codes.text import TEXT
from archspec.codes.transforms import TRANSFORMS
from archspec.codes.values import VALUES
from archspec.codes.warnings import WARNINGS
from archspec.codes.wiring import WIRING

__all__ = ["CODES", "Code"]

CODES: dict[str, Code] = {
    **TEXT,
    **DOCUMENT,
    **NODES,
    **VALUES,
    **WIRING,
    **SHAPES,
    **REUSE,
    **TRANSFORMS,
    **WARNINGS,
    **LINT,
}
"""Every code, in order."""
