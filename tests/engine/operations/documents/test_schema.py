from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.operations.documents.schema import message_schema, object_schema


@dataclass(frozen=True)
class Inner:
    """A part."""

    size: int
    share: float | None = None


@dataclass(frozen=True)
class Whole:
    """First line.

    Second line.
    """

    name: str
    parts: tuple[Inner, ...] = ()
    free: Mapping[str, Any] | None = None
    good: bool = True
    kind: str = "a"
    extra: Mapping[str, Any] = field(default_factory=dict)


INNER = {
    "type": "object",
    "description": "A part.",
    "properties": {"size": {"type": "integer"}, "share": {"type": "number"}},
    "required": ["size"],
}


def test_a_dataclass_is_an_object() -> None:
    assert object_schema(Inner, {}) == INNER


def test_a_message_is_named_and_what_is_known_beyond_its_type_is_told() -> None:
    assert message_schema(Whole, {("Whole", "kind"): {"enum": ["a", "b"]}}) == {
        "type": "object",
        "description": "First line.",
        "properties": {
            "message": {"const": "Whole"},
            "name": {"type": "string"},
            "parts": {"type": "array", "items": INNER},
            "free": {"type": "object"},
            "good": {"type": "boolean"},
            "kind": {"enum": ["a", "b"]},
        },
        "required": ["message", "name"],
    }
