"""Between JSON objects and frozen dataclasses, by the dataclass's own annotations."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any

from engine.protocol.codes import ErrorType, MessageError

_NAMES = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}


def read(kind: Any, body: Mapping[str, Any], where: str) -> Any:
    """Build a dataclass from a JSON object; fields it does not declare go to ``extra``.

    Raises:
        MessageError: invalid_message, when a required field is missing or a field has the wrong type.
    """
    rest = dict(body)
    values: dict[str, Any] = {}
    for name, annotation, required in _declared(kind):
        # JSON null means "not given" wherever the field is optional: one of the real clients sends it so.
        if name in rest and (rest[name] is not None or required):
            values[name] = _value(annotation, rest.pop(name), f"{where}.{name}")
        elif required:
            raise MessageError(ErrorType.INVALID_MESSAGE, f"{where} has no field {name!r}")
        else:
            rest.pop(name, None)
    if rest:
        values["extra"] = rest
    return kind(**values)


def write(value: Any) -> dict[str, Any]:
    """The JSON object of a dataclass: undefined fields are left out, ``extra`` is spread."""
    body = {
        name: _plain(item) for name, _, _ in _declared(value.__class__) if (item := getattr(value, name)) is not None
    }
    return body | dict(value.extra)


@cache
def _declared(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(kind)
    return tuple(
        (item.name, _without_none(hints[item.name]), item.default is MISSING and item.default_factory is MISSING)
        for item in fields(kind)
        if item.name != "extra"
    )


def _without_none(annotation: Any) -> Any:
    if isinstance(annotation, types.UnionType):
        return next(option for option in typing.get_args(annotation) if option is not types.NoneType)
    return annotation


def _value(annotation: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(annotation)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(where, "a list", value)
        inner = typing.get_args(annotation)[0]
        return tuple(_value(inner, item, f"{where}[{index}]") for index, item in enumerate(value))
    if origin is Mapping or is_dataclass(annotation):
        if not isinstance(value, dict):
            raise _wrong(where, "an object", value)
        return read(annotation, value, where) if is_dataclass(annotation) else value
    return _scalar(annotation, value, where)


def _scalar(kind: type[Any], value: Any, where: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise _wrong(where, "a number of sensible size", value) from None
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise _wrong(where, _NAMES[kind], value)
    return value


def _wrong(where: str, expected: str, value: Any) -> MessageError:
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
    return MessageError(ErrorType.INVALID_MESSAGE, f"{where} must be {expected}, got {shown}")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return dict(value)
    return write(value) if is_dataclass(value) else value
