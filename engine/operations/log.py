"""Log lines as JSON, one object a line, without anything that was said.

An event is a constant text and its fields; an exception is told by its type and where it was raised, never by its
message, which may quote what a client sent.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_FRAMES = 12  # of a traceback, the innermost


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; arguments of its text are left out, fields come by ``extra={"fields": ...}``."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__qualname__
            line["raised_at"] = _places(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False, default=str)


def log_json(level: str) -> None:
    """Have everything from a level on (debug, info, warning, error) written to stderr as lines of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def fields(**values: object) -> dict[str, dict[str, object]]:
    """The ``extra`` of an event; what is None is left out."""
    return {"fields": {name: value for name, value in values.items() if value is not None}}


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
