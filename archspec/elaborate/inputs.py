"""What a node is called with: in come values by position and by keyword, out goes a key that equal calls share."""

from dataclasses import dataclass, field

from archspec.graph.types import Type

__all__ = ["Inputs"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a node is called with: the types, and for errors the names of what they come from."""

    positional: tuple[Type, ...] = ()
    keywords: tuple[tuple[str, Type], ...] = ()
    constants: tuple[tuple[str, object], ...] = ()
    sources: tuple[str, ...] = field(default=(), compare=False)

    def source(self, index: int = 0) -> str:
        """What the input `index` comes from."""
        return f"`{self.sources[index]}`" if index < len(self.sources) else "the input"
