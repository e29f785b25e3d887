"""RTTM: one speaker turn a line.

Source: NIST RT-09 evaluation plan, appendix A. Only SPEAKER lines are turns; the other types that the plan names
(LEXEME, NON-SPEECH, SPKR-INFO, ...) say nothing about who spoke when, and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import COMMENT, LARGEST_S, Line, as_field, data_lines, in_seconds
from testsets.formats.segment import Segment
from testsets.lines import BYTE_ORDER_MARK, read_text, write_text

LAYOUT = "SPEAKER recording channel start duration <NA> <NA> speaker <NA> [<NA>]"
TURN = "SPEAKER"
OTHER_TYPES = frozenset(
    ("SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT", "IP", "SU", "CB",
     "A/P", "SPKR-INFO")
)  # fmt: skip
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,20})?").fullmatch  # a time without sign and exponent


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read RTTM; each SPEAKER line is a segment without words.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: a line is malformed.
    """
    if "\r" in text or BYTE_ORDER_MARK in text:  # every line must be looked at with care
        lines = data_lines(text, where)
        return tuple(segment for line in lines if (segment := _segment(line, rate)) is not None)
    return tuple(_plain_segments(text, where, rate))


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write RTTM; words are not part of the format and are left out.

    Raises:
        FormatError: a segment lacks times or a speaker, or a name cannot be written.
    """
    return "".join(_line(segment, rate) + "\n" for segment in segments)


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read an RTTM file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write an RTTM file; see ``render``."""
    write_text(path, render(segments, rate))


def _plain_segments(text: str, where: str, rate: int) -> Iterator[Segment]:
    """What ``_segment`` makes of every line, at a third of the time; a line with anything unusual is left to it."""
    names: dict[str, str] = {}  # one string for a name, not one for each line: a million turns have few names
    for number, line in enumerate(text.split("\n"), start=1):
        fields = line.split(maxsplit=10)
        if len(fields) in (9, 10) and fields[0] == TURN and _PLAIN(fields[3]) and _PLAIN(fields[4]):
            begin, duration = float(fields[3]), float(fields[4])
            if begin <= LARGEST_S and duration <= LARGEST_S:
                start, end = round(begin * rate), round((begin + duration) * rate)
                recording, channel, speaker = (names.setdefault(fields[at], fields[at]) for at in (1, 2, 7))
                yield Segment(recording, start, end, speaker, "", channel)
                continue
        if fields and not fields[0].startswith(COMMENT):
            segment = _segment(Line(line, where, number), rate)
            if segment is not None:
                yield segment


def _segment(line: Line, rate: int) -> Segment | None:
    kind = line.text.split(maxsplit=1)[0]
    if kind in OTHER_TYPES:
        return None
    if kind != TURN:
        line.fail(f"unknown type {kind!r}; expected '{LAYOUT}'")
    _, recording, channel, start, duration, _, _, speaker, *_ = line.fields(LAYOUT, least=9, most=10)
    begin = line.seconds(start, "start")
    end = begin + line.seconds(duration, "duration")
    return Segment(recording, round(begin * rate), round(end * rate), speaker, channel=channel)


def _line(segment: Segment, rate: int) -> str:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "RTTM needs the start and end of every turn")
    recording = as_field(segment.recording, "recording", segment.recording)
    channel = as_field(segment.channel, "channel", segment.recording)
    speaker = as_field(segment.speaker or "", "speaker", segment.recording)
    start, duration = in_seconds(segment.start, rate), in_seconds(segment.end - segment.start, rate)
    return f"{TURN} {recording} {channel} {start} {duration} <NA> <NA> {speaker} <NA> <NA>"
