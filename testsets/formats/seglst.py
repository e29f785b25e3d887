"""SegLST: a JSON list of segments.

Source: CHiME-7 DASR and meeteval: ``session_id``, ``speaker``, ``words``, ``start_time``, ``end_time`` in seconds.
Other keys are allowed there, and passed over here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from testsets.errors import FormatError
from testsets.formats.fields import DECIMALS, LARGEST_S, parse_number
from testsets.formats.segment import Segment
from testsets.lines import BYTE_ORDER_MARK, Row, json_value, read_text, write_text


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read SegLST.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: the text is not such a list, or an entry does not fit.
    """
    entries = json_value(text.removeprefix(BYTE_ORDER_MARK), where)
    if not isinstance(entries, list):
        raise FormatError(where, "expected a JSON list of segments")
    return tuple(_segment(entry, f"{where}, entry {number}", rate) for number, entry in enumerate(entries, start=1))


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write SegLST."""
    return json.dumps([_entry(segment, rate) for segment in segments], ensure_ascii=False, indent=1) + "\n"


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read a SegLST file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write a SegLST file; see ``render``."""
    write_text(path, render(segments, rate))


def _segment(entry: Any, where: str, rate: int) -> Segment:
    if not isinstance(entry, dict):
        raise FormatError(where, "expected a JSON object")
    row = Row(entry, where)
    start, end = _samples(row, "start_time", rate), _samples(row, "end_time", rate)
    text = " ".join(row.text("words", "").split())
    recording, speaker = row.identity("session_id"), row.optional_text("speaker")
    try:
        return Segment(recording, start, end, speaker, text, channel=str(row.values.get("channel", "1")))
    except ValueError as error:
        row.fail(str(error))


def _samples(row: Row, key: str, rate: int) -> int | None:
    value = row.values.get(key)
    seconds = _number(value, key, row) if isinstance(value, str) else row.optional_number(key)
    if seconds is None:
        return None
    if not (math.isfinite(seconds) and 0 <= seconds <= LARGEST_S):
        row.fail(f"{key!r} must lie between 0 and {LARGEST_S:.0f} s, got {value}")
    return round(seconds * rate)


def _number(text: str, key: str, row: Row) -> float:
    seconds = parse_number(text)
    return seconds if seconds is not None else row.fail(f"{key!r} must be a number of seconds, got {text!r}")


def _entry(segment: Segment, rate: int) -> dict[str, Any]:
    found = {
        "session_id": segment.recording,
        "speaker": segment.speaker,
        "start_time": None if segment.start is None else round(segment.start / rate, DECIMALS),
        "end_time": None if segment.end is None else round(segment.end / rate, DECIMALS),
        "words": segment.text,
        "channel": None if segment.channel == "1" else segment.channel,
    }
    return {key: value for key, value in found.items() if value is not None}
