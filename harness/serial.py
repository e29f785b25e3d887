"""Results as JSON-like dictionaries and back, by their type annotations."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(cls: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def to_dict(value: object) -> dict[str, Any]:
    """A result as JSON holds it: mappings, lists, strings, numbers, None."""
    plain: dict[str, Any] = _adapter(cast(Hashable, type(value))).dump_python(value, mode="json")
    return plain


def from_dict(cls: type[T], plain: dict[str, Any]) -> T:
    """The result that ``plain`` holds.

    Raises:
        ValueError: a key is missing or has the wrong type (pydantic.ValidationError, which names it).
    """
    value: T = _adapter(cast(Hashable, cls)).validate_python(plain)
    return value
