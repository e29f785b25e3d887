"""JSON Schema of the wire's dataclasses, by their own annotations and docstrings."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

Schema = dict[str, Any]

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def message_schema(kind: type[Any], known: Mapping[tuple[str, str], Schema]) -> Schema:
    """The schema of a message, whose name is its field ``message``.

    Args:
        kind: its dataclass.
        known: for fields whose annotation says less than is known: (dataclass, field) to schema.
    """
    schema = object_schema(kind, known)
    named = {"message": {"const": kind.__name__}, **schema["properties"]}
    return {**schema, "properties": named, "required": ["message", *schema.get("required", ())]}


def object_schema(kind: type[Any], known: Mapping[tuple[str, str], Schema]) -> Schema:
    """The schema of a dataclass; one with a field ``extra`` may hold more than it declares."""
    hints = typing.get_type_hints(kind)
    declared = [item for item in fields(kind) if item.name != "extra"]
    properties = {
        item.name: known.get((kind.__name__, item.name)) or _schema(hints[item.name], known) for item in declared
    }
    required = [item.name for item in declared if item.default is MISSING and item.default_factory is MISSING]
    schema: Schema = {"type": "object", "properties": properties}
    if kind.__doc__:
        schema["description"] = kind.__doc__.strip().splitlines()[0]
    if required:
        schema["required"] = required
    return schema


def _schema(annotation: Any, known: Mapping[tuple[str, str], Schema]) -> Schema:
    if isinstance(annotation, types.UnionType):  # X | None: what is undefined is left out of a message
        given = [option for option in typing.get_args(annotation) if option is not types.NoneType]
        return _schema(given[0], known)
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return {"type": "array", "items": _schema(typing.get_args(annotation)[0], known)}
    if origin is Mapping:
        return {"type": "object"}
    if is_dataclass(annotation):
        return object_schema(typing.cast(type[Any], annotation), known)
    return {"type": _SCALARS[annotation]}
