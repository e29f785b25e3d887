"""Event logs of all arms of a run as one Parquet file: ``events.parquet``, one row an event."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from testsets.case_json import word_from_json, word_to_json
from testsets.errors import FormatError
from testsets.events import Event, EventLog, Kind
from testsets.lines import Row, json_value

FORMAT = "understudy-events"
FORMAT_VERSION = 1
ROWS_AT_ONCE = 50_000
KINDS = frozenset(str(kind) for kind in Kind)

SCHEMA = pa.schema(
    [
        pa.field("arm", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("case_id", pa.string(), nullable=False),
        pa.field("recogniser", pa.string(), nullable=False),
        pa.field("rate", pa.int32(), nullable=False),
        pa.field("failure", pa.string()),
        pa.field("seq", pa.int32()),  # null in the one row of a log without events
        pa.field("kind", pa.string()),
        pa.field("wall_ns", pa.int64()),
        pa.field("due_ns", pa.int64()),
        pa.field("samples", pa.int64()),
        pa.field("words", pa.string()),  # JSON, null when there are none
        pa.field("detail", pa.string()),  # JSON, null when empty
    ]
)

Arms = Mapping[str, Iterable[EventLog]]


def write_event_logs(path: str | Path, arms: Arms) -> None:
    """Write the logs of every arm; the file appears whole or not at all.

    Args:
        path: the Parquet file.
        arms: event logs by arm (champion, champion again, candidate), in order.

    Raises:
        FormatError: a case stands twice in one arm, a value does not fit its column, or the file cannot be written.
    """
    kept = {arm: tuple(logs) for arm, logs in arms.items()}
    _refuse_duplicates(str(path), kept)
    metadata = {"format": FORMAT, "version": str(FORMAT_VERSION), "arms": json.dumps(list(kept))}
    partial = Path(f"{path}.part")
    try:
        with pq.ParquetWriter(partial, SCHEMA.with_metadata(metadata), compression="zstd") as writer:
            for table in _tables(kept):
                writer.write_table(table.replace_schema_metadata(metadata))
        os.replace(partial, path)
    except (OSError, OverflowError, TypeError, ValueError, pa.ArrowException) as error:
        partial.unlink(missing_ok=True)
        raise FormatError(str(path), f"event logs cannot be written: {_first_line(error)}") from None


def read_event_logs(path: str | Path) -> dict[str, tuple[EventLog, ...]]:
    """The logs of every arm, in the order in which they were written.

    Raises:
        FormatError: the file is missing, damaged, of another version, or holds what is no event log.
    """
    where = str(path)
    if not Path(path).is_file():
        raise FormatError(where, "no such event log file; check the run folder")
    try:
        schema = pq.read_schema(where)
        arms = _header(where, schema.metadata or {})
        if schema.names != SCHEMA.names:
            raise FormatError(where, f"columns are {', '.join(schema.names)}; expected {', '.join(SCHEMA.names)}")
        columns = [column.to_pylist() for column in pq.read_table(where).columns]
    except (OSError, pa.ArrowException) as error:
        raise FormatError(where, f"not a readable Parquet file ({_first_line(error)}); run the gate again") from None
    found: dict[str, list[EventLog]] = {arm: [] for arm in arms}
    numbered = enumerate(zip(*columns, strict=True))
    for (arm, case_id, recogniser, rate, failure), rows in groupby(numbered, key=lambda item: item[1][:5]):
        events = [_event(row[6:], f"{where}, row {number}") for number, row in rows if row[5] is not None]
        found.setdefault(arm, []).append(EventLog(case_id, recogniser, rate, tuple(events), failure))
    return {arm: tuple(logs) for arm, logs in found.items()}


def _header(where: str, metadata: Mapping[bytes, bytes]) -> list[str]:
    if metadata.get(b"format") != FORMAT.encode():
        raise FormatError(where, "not an event log file; its schema carries no understudy-events mark")
    version = metadata.get(b"version", b"?").decode(errors="replace")
    if version != str(FORMAT_VERSION):
        raise FormatError(where, f"event log version {version} is not known here (only {FORMAT_VERSION})")
    arms = json_value(metadata.get(b"arms", b"[]").decode(errors="replace"), where)
    if not (isinstance(arms, list) and all(isinstance(arm, str) for arm in arms)):
        raise FormatError(where, "its list of arms is damaged; run the gate again")
    return arms


def _tables(arms: Mapping[str, tuple[EventLog, ...]]) -> Iterator[Any]:
    rows: list[tuple[Any, ...]] = []
    for row in _rows(arms):
        rows.append(row)
        if len(rows) == ROWS_AT_ONCE:
            yield _table(rows)
            rows = []
    yield _table(rows)


def _table(rows: list[tuple[Any, ...]]) -> Any:
    columns = zip(*rows, strict=True) if rows else [[] for _ in SCHEMA]
    return pa.table([pa.array(list(c), f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def _rows(arms: Mapping[str, tuple[EventLog, ...]]) -> Iterator[tuple[Any, ...]]:
    for arm, logs in arms.items():
        for log in logs:
            head = (arm, log.case_id, log.recogniser, log.rate, log.failure)
            if not log.events:
                yield (*head, *(None,) * (len(SCHEMA) - len(head)))
            for seq, event in enumerate(log.events):
                words = json.dumps([word_to_json(word) for word in event.words]) if event.words else None
                detail = json.dumps(dict(event.detail), allow_nan=False) if event.detail else None
                times = (event.wall_ns, event.due_ns, event.samples)
                yield (*head, seq, str(event.kind), *times, words, detail)


def _event(row: tuple[Any, ...], where: str) -> Event:
    kind, wall_ns, due_ns, samples, words, detail = row
    if kind not in KINDS or wall_ns is None:
        raise FormatError(where, f"kind {kind!r} at {wall_ns} ns is no event; run the gate again")
    entries = Row({"words": json_value(words, where) if words else []}, where).rows("words")
    details = Row({"detail": json_value(detail, where) if detail else {}}, where).mapping("detail")
    return Event(Kind(kind), wall_ns, due_ns, samples, tuple(word_from_json(entry) for entry in entries), details)


def _refuse_duplicates(where: str, arms: Mapping[str, tuple[EventLog, ...]]) -> None:
    for arm, logs in arms.items():
        seen: set[str] = set()
        for log in logs:
            if log.case_id in seen:
                raise FormatError(where, f"arm {arm!r} holds case {log.case_id!r} twice; each case has one log an arm")
            seen.add(log.case_id)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
