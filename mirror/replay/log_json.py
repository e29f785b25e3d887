"""An event log as one JSON value, as it stands in a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from testsets.case_json import word_from_json, word_to_json
from testsets.events import Event, EventLog, Kind
from testsets.lines import Row


def log_to_json(log: EventLog) -> dict[str, Any]:
    """The JSON value of a log."""
    return {
        "case_id": log.case_id,
        "recogniser": log.recogniser,
        "rate": log.rate,
        "failure": log.failure,
        "events": [_event_to_json(event) for event in log.events],
    }


def log_from_json(found: Mapping[str, Any], where: str) -> EventLog:
    """Read a log.

    Raises:
        FormatError: it holds what does not fit.
    """
    row = Row(found, where)
    events = tuple(_event_from_json(event) for event in row.rows("events"))
    return EventLog(
        row.text("case_id"), row.text("recogniser"), row.integer("rate", least=1), events, row.optional_text("failure")
    )


def _event_to_json(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": str(event.kind), "wall_ns": event.wall_ns}
    found |= {} if event.due_ns is None else {"due_ns": event.due_ns}
    found |= {} if event.samples is None else {"samples": event.samples}
    found |= {"words": [word_to_json(word) for word in event.words]} if event.words else {}
    return found | ({"detail": dict(event.detail)} if event.detail else {})


def _event_from_json(row: Row) -> Event:
    return Event(
        Kind(row.text("kind")),
        row.integer("wall_ns"),
        row.optional_integer("due_ns"),
        row.optional_integer("samples"),
        tuple(word_from_json(word) for word in row.rows("words")),
        row.mapping("detail"),
    )
