"""RTTM: one speaker turn a line.

Source: NIST RT-09 evaluation plan, appendix A. Only SPEAKER lines are turns; the other types that the plan names
(LEXEME, NON-SPEECH, SPKR-INFO, ...) say nothing about who spoke when, and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import TypeAlias

from testsets.errors import FormatError
from testsets.formats.fields import COMMENT, LARGEST_S, Line, as_field, data_lines, in_seconds
from testsets.formats.segment import Segment
from testsets.lines import BYTE_ORDER_MARK, read_text, write_text
from testsets.transcript import SpeakerTurn

Row: TypeAlias = tuple[str, str, int, int, str]  # recording, channel, start and end in samples, speaker

LAYOUT = "SPEAKER recording channel start duration <NA> <NA> speaker <NA> [<NA>]"
TURN = "SPEAKER"
OTHER_TYPES = frozenset(
    ("SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU", "CB",
     "A/P", "SPKR-INFO")
)  # fmt: skip
_TIME = r"([0-9]{1,9}(?:\.[0-9]{0,20})?)"  # without sign and exponent
_PLAIN = re.compile(
    rf"{TURN}[ \t]+(\S+)[ \t]+(\S+)[ \t]+{_TIME}[ \t]+{_TIME}(?:[ \t]+\S+){{2}}[ \t]+(\S+)(?:[ \t]+\S+){{1,2}}[ \t]*"
).fullmatch


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read RTTM; each SPEAKER line is a segment without words.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: a line is malformed.
    """
    return tuple(Segment(row[0], row[2], row[3], row[4], "", row[1]) for row in _rows(text, where, rate))


def parse_turns(text: str, where: str, rate: int) -> dict[str, tuple[SpeakerTurn, ...]]:
    """The speaker turns of each recording in order of start, without a segment for each; see ``parse``."""
    found: dict[str, list[SpeakerTurn]] = {}
    for recording, _, start, end, speaker in _rows(text, where, rate):
        found.setdefault(recording, []).append(SpeakerTurn(speaker, start, end))
    return {name: tuple(sorted(members, key=attrgetter("start"))) for name, members in found.items()}


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write RTTM; words are not part of the format and are left out.

    Raises:
        FormatError: a segment lacks times or a speaker, or a name cannot be written.
    """
    return "".join(_line(segment, rate) + "\n" for segment in segments)


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read an RTTM file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def load_turns(path: str | Path, rate: int) -> dict[str, tuple[SpeakerTurn, ...]]:
    """Read the turns of an RTTM file; see ``parse_turns``."""
    return parse_turns(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write an RTTM file; see ``render``."""
    write_text(path, render(segments, rate))


def _rows(text: str, where: str, rate: int) -> Iterator[Row]:
    if "\r" in text or BYTE_ORDER_MARK in text:  # every line must be looked at with care
        yield from (row for line in data_lines(text, where) if (row := _row(line, rate)) is not None)
        return
    names: dict[str, str] = {}  # one string for a name, not one for each line: a million turns have few names
    for number, line in enumerate(text.split("\n"), start=1):
        if (plain := _PLAIN(line)) is not None:
            recording, channel, begin_s, duration_s, speaker = plain.groups()
            begin, duration = float(begin_s), float(duration_s)
            if begin <= LARGEST_S and duration <= LARGEST_S:
                recording, channel = names.setdefault(recording, recording), names.setdefault(channel, channel)
                speaker = names.setdefault(speaker, speaker)
                yield recording, channel, round(begin * rate), round((begin + duration) * rate), speaker
                continue
        if line.strip() and not line.lstrip().startswith(COMMENT):
            row = _row(Line(line, where, number), rate)
            if row is not None:
                yield row


def _row(line: Line, rate: int) -> Row | None:
    """What a line says, and what is wrong with it; ``_rows`` makes the same of a plain one at a third of the time."""
    kind = line.text.split(maxsplit=1)[0]
    if kind in OTHER_TYPES:
        return None
    if kind != TURN:
        line.fail(f"unknown type {kind!r}; expected '{LAYOUT}'")
    _, recording, channel, start, duration, _, _, speaker, *_ = line.fields(LAYOUT, least=9, most=10)
    begin = line.seconds(start, "start")
    end = begin + line.seconds(duration, "duration")
    return recording, channel, round(begin * rate), round(end * rate), speaker


def _line(segment: Segment, rate: int) -> str:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "RTTM needs the start and end of every turn")
    recording = as_field(segment.recording, "recording", segment.recording)
    channel = as_field(segment.channel, "channel", segment.recording)
    speaker = as_field(segment.speaker or "", "speaker", segment.recording)
    start, duration = in_seconds(segment.start, rate), in_seconds(segment.end - segment.start, rate)
    return f"{TURN} {recording} {channel} {start} {duration} <NA> <NA> {speaker} <NA> <NA>"
