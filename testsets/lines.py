"""Text files to numbered lines and typed JSON rows, with errors that name file and line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never, TypeVar

from testsets.errors import FormatError

BYTE_ORDER_MARK = "\ufeff"

LARGEST = sys.float_info.max  # of a finite number

T = TypeVar("T")


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file.

    Raises:
        FormatError: the file is missing, may not be read, or is not UTF-8.
    """
    try:
        return Path(path).read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise FormatError(str(path), "no such file; check the path") from None
    except OSError as error:
        raise FormatError(str(path), f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise FormatError(str(path), f"byte {error.start} is not UTF-8; save the file as UTF-8") from None


def write_text(path: str | Path, text: str) -> None:
    """Write a UTF-8 file with line feeds.

    Raises:
        FormatError: the file cannot be written.
    """
    try:
        Path(path).write_bytes(text.encode("utf-8"))
    except (OSError, UnicodeEncodeError) as error:
        raise FormatError(str(path), f"cannot be written ({error})") from None


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without line ends and byte order mark; blank lines are left out."""
    for number, line in enumerate(text.removeprefix(BYTE_ORDER_MARK).split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def json_row(line: str, where: str, number: int) -> Row:
    """One line of JSON Lines as a row.

    Raises:
        FormatError: the line is not one JSON object of finite numbers and distinct keys.
    """
    values = json_value(line, where, number)
    if not isinstance(values, dict):
        raise FormatError(where, f"expected a JSON object, got {_kind(values)}", number)
    return Row(values, where, number)


def json_value(text: str, where: str, number: int | None = None) -> Any:
    """Any JSON value of finite numbers and distinct keys.

    Raises:
        FormatError: the text is not such JSON.
    """
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_distinct)
    except json.JSONDecodeError as error:
        raise FormatError(where, f"not JSON: {error.msg} at character {error.pos + 1}", number) from None
    except (ValueError, RecursionError) as error:
        raise FormatError(where, f"not usable JSON: {error}", number) from None


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON object that knows where it stands; each reader raises FormatError when the value does not fit."""

    values: Mapping[str, Any]
    where: str
    line: int | None = None

    def fail(self, what: str) -> Never:
        raise FormatError(self.where, what, self.line)

    def allow(self, *keys: str) -> None:
        """Refuse keys that this format does not know, for they are most often typing errors."""
        unknown = sorted(set(self.values) - set(keys))
        if unknown:
            self.fail(f"unknown key {unknown[0]!r}; known are {', '.join(keys)}")

    def text(self, key: str, default: str | None = None) -> str:
        return self._typed(key, str, "a string", default)

    def optional_text(self, key: str) -> str | None:
        return None if self.values.get(key) is None else self.text(key)

    def integer(self, key: str, default: int | None = None, least: int = 0) -> int:
        value = self._typed(key, int, "a whole number", default)
        return value if value >= least else self.fail(f"{key!r} must be at least {least}, got {value}")

    def optional_integer(self, key: str) -> int | None:
        return None if self.values.get(key) is None else self.integer(key)

    def optional_number(self, key: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"{key!r} must be a number, got {_kind(value)}")
        return float(value) if abs(value) < LARGEST else self.fail(f"{key!r} is too large")

    def mapping(self, key: str) -> dict[str, Any]:
        return self._typed(key, dict, "an object", {})

    def rows(self, key: str) -> list[Row]:
        """A list of objects; an absent key is an empty list."""
        items = self.sequence(key)
        for item in items:
            if not isinstance(item, dict):
                self.fail(f"{key!r} must hold objects, got {_kind(item)}")
        return [Row(item, self.where, self.line) for item in items]

    def pairs(self, key: str) -> tuple[tuple[int, int], ...]:
        """A list of two whole numbers each; an absent key is an empty list."""
        for item in self.sequence(key):
            if not (isinstance(item, list) and len(item) == 2 and all(type(number) is int for number in item)):
                self.fail(f"{key!r} must hold pairs of whole numbers, got {json.dumps(item)[:40]}")
        return tuple((first, second) for first, second in self.sequence(key))

    def sequence(self, key: str) -> list[Any]:
        return self._typed(key, list, "a list", [])

    def _typed(self, key: str, kind: type[T], name: str, default: T | None) -> T:
        value = self.values.get(key, default)
        if value is None:
            self.fail(f"{key!r} is missing")
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fail(f"{key!r} must be {name}, got {_kind(value)}")
        return value


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not a JSON number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} is given twice")
    return values


def _kind(value: object) -> str:
    names = {str: "a string", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")
