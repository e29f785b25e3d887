"""Text files to numbered lines and typed JSON rows, with errors that name file and line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Never, TypeVar

from testsets.errors import FormatError

BYTE_ORDER_MARK = "\ufeff"

LARGEST = sys.float_info.max  # of a finite number
DEEPEST = 64  # levels of a free-form JSON object: far from where Python's own recursion ends

# What a file starts with when it is not text in UTF-8, and what to tell its owner.
_FOREIGN = {
    b"\xff\xfe": "byte 0 is not UTF-8, it looks like UTF-16; save the file as UTF-8",
    b"\xfe\xff": "byte 0 is not UTF-8, it looks like UTF-16; save the file as UTF-8",
    b"\x1f\x8b": "is compressed (gzip); unpack it first",
    b"PK\x03\x04": "is compressed (zip); unpack it first",
    b"\xfd7zXZ\x00": "is compressed (xz); unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed (zstd); unpack it first",
}
_BINARY = bytes([*range(9), *range(14, 32)])  # control characters that no text has; a terminal would obey some
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")  # may be half of a character that needs two
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

T = TypeVar("T")


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file.

    Raises:
        FormatError: the file is missing, may not be read, or is no text in UTF-8.
    """
    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise FormatError(str(path), "no such file; check the path") from None
    except IsADirectoryError:
        raise FormatError(str(path), "is a folder; name one file") from None
    except OSError as error:
        raise FormatError(str(path), f"cannot be read ({error.strerror})") from None
    for start, what in _FOREIGN.items():
        if raw.startswith(start):
            raise FormatError(str(path), what)
    return _decoded(raw, str(path))


def _decoded(raw: bytes, where: str) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError(where, f"byte {error.start} is not UTF-8; save the file as UTF-8", line) from None
    if len(raw.translate(None, _BINARY)) < len(raw):
        found = min(place for code in _BINARY if (place := text.find(chr(code))) >= 0)
        name = "a NUL character" if text[found] == "\0" else f"a control character ({ord(text[found]):#04x})"
        what = f"{name}: this is no text file, or UTF-16; save it as UTF-8"
        raise FormatError(where, what, text.count("\n", 0, found) + 1)
    return text


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
    """Lines with their numbers from 1, without line ends and byte order marks; blank lines are left out.

    A mark may stand before any line, for files are put together from several.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removeprefix(BYTE_ORDER_MARK).rstrip("\r")
        if line.strip():
            yield number, line


def twins(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of ids that differ only in case."""
    seen: dict[str, str] = {}
    for identity in ids:
        other = seen.setdefault(identity.casefold(), identity)
        if other != identity:
            yield other, identity


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
    """Any JSON value of finite numbers, distinct keys and whole characters.

    Raises:
        FormatError: the text is not such JSON.
    """
    if not text.strip():
        raise FormatError(where, "is empty; expected JSON", number)
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_distinct)
        if _HALF_PAIR.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        line = error.lineno if number is None and "\n" in text else number
        raise FormatError(where, f"not JSON: {error.msg} at character {error.colno}", line) from None
    except UnicodeEncodeError:
        raise FormatError(where, "half of a character (\\ud800 to \\udfff alone); write all of it", number) from None
    except RecursionError:
        raise FormatError(where, "not usable JSON: nested too deeply; make it flat", number) from None
    except ValueError as error:
        raise FormatError(where, f"not usable JSON: {error}", number) from None
    return value


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

    def identity(self, key: str) -> str:
        """A name by which things are found again: not empty, and of visible characters."""
        value = self.text(key)
        if not value.strip():
            self.fail(f"{key!r} is empty; give it a name")
        if _CONTROL.search(value):
            self.fail(f"{key!r} {value!r} holds control characters; use visible ones")
        return value

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
        """A free-form object, at most DEEPEST levels deep; an absent key is an empty one."""
        found = self._typed(key, dict, "an object", {})
        level: list[Any] = [found]
        for _ in range(DEEPEST):
            level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)
                     if isinstance(inner, dict | list)]  # fmt: skip
            if not level:
                return found
        self.fail(f"{key!r} is nested more than {DEEPEST} levels deep; make it flat")

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
                self.fail(f"{key!r} must hold pairs of whole numbers, got {_kind(item)}")
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
