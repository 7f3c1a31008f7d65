"""One kind of fault: what `archspec explain CODE` says of it."""

from dataclasses import dataclass

__all__ = ["Code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of fault.

    Attributes:
        title: its name in a few words.
        meaning: what is wrong and why archspec refuses it.
        example: a short spec or command that has the fault.
        fix: the same, mended.
        why: what goes wrong with what is valid, and only probably not meant.
        source: the paper or page that this is from.
    """

    title: str
    meaning: str
    example: str
    fix: str
    why: str = ""
    source: str = ""
