"""JSON lines, plain or gzipped, each with the place it stands at."""

from __future__ import annotations

import gzip
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from engine.errors import TrainingError


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the objects of a JSON-lines file (also ``.gz``); yields ``file:line`` and the object.

    Raises:
        TrainingError: the file is missing or a line is no JSON object.
    """
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as wrong:
        raise TrainingError(str(path), f"cannot be read ({wrong}); name a .jsonl or .jsonl.gz file") from None


def _open(path: Path) -> TextIO:
    return io.TextIOWrapper(gzip.GzipFile(path), "utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as wrong:
        raise TrainingError(where, f"no JSON ({wrong}); one object a line is expected") from None
    if not isinstance(row, dict):
        raise TrainingError(where, "a JSON value that is no object; one object a line is expected")
    return row


def number_of(row: dict[str, Any], key: str, where: str) -> float | None:
    """Give a number of an object, None where it has none.

    Raises:
        TrainingError: it is no finite number from 0 on.
    """
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise TrainingError(where, f"{key} is {value!r}; a number of seconds from 0 on is expected")
    return float(value)
