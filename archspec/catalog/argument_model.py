"""The base of the Pydantic models of arguments, of layers and operations: strict, closed, with a short schema."""

from typing import Any

from pydantic import BaseModel, ConfigDict

__all__ = ["ArgumentModel"]


class ArgumentModel(BaseModel):
    """Base of the models of arguments."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra=lambda schema: _shorten(schema),  # noqa: PLW0108 - Pydantic looks at the signature
    )


def _shorten(schema: dict[str, Any]) -> None:
    """Keep of a model's JSON Schema what helps a reader: no titles, no defaults of null, a short description."""
    for argument in schema.get("properties", {}).values():
        argument.pop("title", None)
        if argument.get("default", ...) is None:
            del argument["default"]
    if "description" in schema:
        schema["description"] = " ".join(schema["description"].split("\n\n")[0].split())
