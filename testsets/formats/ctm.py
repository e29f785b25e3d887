"""CTM: one word a line, with its times.

Source: NIST SCTK, doc/infmts.htm: ``recording channel start duration word [confidence [type [speaker]]]``.
Alternatives (``<ALT_BEGIN>``) are refused, not skipped: a score without them would be another score.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import Line, as_field, data_lines, in_seconds
from testsets.formats.segment import Segment
from testsets.lines import read_text, write_text

LAYOUT = "recording channel start duration word [confidence [type [speaker]]]"
WORD = "lex"  # the type of a word, where the line gives one
UNKNOWN = ("NA", "<NA>")


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read CTM; each word is a segment.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: a line is malformed.
    """
    return tuple(_segment(line, rate) for line in data_lines(text, where))


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write CTM.

    Raises:
        FormatError: a segment is not one word with times, or a name cannot be written.
    """
    return "".join(_line(segment, rate) + "\n" for segment in segments)


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read a CTM file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write a CTM file; see ``render``."""
    write_text(path, render(segments, rate))


def _segment(line: Line, rate: int) -> Segment:
    recording, channel, start, duration, word, *rest = line.fields(LAYOUT, least=5, most=8)
    if start == "*" or word in ("<ALT_BEGIN>", "<ALT>", "<ALT_END>"):
        line.fail("alternatives (<ALT_BEGIN>) are not supported; choose one of them")
    begin = line.seconds(start, "start")
    end = begin + line.seconds(duration, "duration")
    speaker = rest[2] if len(rest) > 2 and rest[2] not in UNKNOWN else None
    confidence = line.confidence(rest[0]) if rest and rest[0] not in UNKNOWN else None
    return Segment(recording, round(begin * rate), round(end * rate), speaker, word, channel, confidence)


def _line(segment: Segment, rate: int) -> str:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "CTM needs the times of every word")
    fields = [
        as_field(segment.recording, "recording", segment.recording),
        as_field(segment.channel, "channel", segment.recording),
        in_seconds(segment.start, rate),
        in_seconds(segment.end - segment.start, rate),
        as_field(segment.text, "word", segment.recording),
    ]
    if segment.confidence is not None or segment.speaker is not None:
        fields.append("NA" if segment.confidence is None else repr(segment.confidence))
    if segment.speaker is not None:
        fields += [WORD, as_field(segment.speaker, "speaker", segment.recording)]
    return " ".join(fields)
