"""Results as JSON-like dictionaries and back, by their type annotations."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}  # building one takes milliseconds, and there are few


def _adapter(cls: Any) -> TypeAdapter[Any]:
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def to_dict(value: object) -> dict[str, Any]:
    """A result as JSON holds it: mappings, lists, strings, numbers, None."""
    plain: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return plain


def from_dict(cls: type[T], plain: dict[str, Any]) -> T:
    """The result that ``plain`` holds.

    Raises:
        ValueError: a key is missing or has the wrong type (pydantic.ValidationError, which names it).
    """
    value: T = _adapter(cls).validate_python(plain)
    return value
