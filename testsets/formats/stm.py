"""STM: one segment of one speaker a line, with its words.

Source: NIST SCTK, doc/infmts.htm: ``recording channel speaker start end [<labels>] words``. Lines of the speaker
inter_segment_gap without words are passed over, for nobody speaks there; time that shall be ignored is refused, not
scored: a score with it would be another score.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import Line, as_field, data_lines, in_seconds
from testsets.formats.segment import Segment
from testsets.lines import read_text, write_text

LAYOUT = "recording channel speaker start end [<labels>] words"

IGNORED = "IGNORE_TIME_SEGMENT_IN_SCORING"
GAP = "inter_segment_gap"  # the "speaker" of what lies between two segments

# A label field looks like <o,f0,male>, <o> or <NA>; other tags, such as <unk>, are words.
_LABELS = re.compile(r"<(o|NA|[^<>\s,]*(,[^<>\s,]*)+)>")
_NO_LABELS = "<NA>"


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read STM.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: a line is malformed.
    """
    found = (_segment(line, rate) for line in data_lines(text, where))
    return tuple(segment for segment in found if segment.text or segment.speaker != GAP)


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write STM.

    Raises:
        FormatError: a segment lacks times, or a name cannot be written.
    """
    return "".join(_line(segment, rate) + "\n" for segment in segments)


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read an STM file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write an STM file; see ``render``."""
    write_text(path, render(segments, rate))


def _segment(line: Line, rate: int) -> Segment:
    recording, channel, speaker, start, end, *rest = line.fields(LAYOUT, least=5, most=6, rest=True)
    words = rest[0].split() if rest else []
    labels = words.pop(0)[1:-1] if words and _LABELS.fullmatch(words[0]) else None
    first, last = line.samples(start, rate, "start"), line.samples(end, rate, "end")
    if last < first:
        line.fail(f"the segment ends at {end} s, before it starts at {start} s")
    if words and words[0].upper() == IGNORED:
        line.fail(f"{IGNORED} is not supported; cut this time from reference and hypothesis")
    labels = None if labels == _NO_LABELS[1:-1] else labels
    return Segment(recording, first, last, speaker, " ".join(words), channel, labels=labels)


def _line(segment: Segment, rate: int) -> str:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "STM needs the start and end of every segment")
    words = segment.text.split()
    if segment.labels is not None:
        if not _LABELS.fullmatch(f"<{segment.labels}>"):
            raise FormatError(segment.recording, f"labels {segment.labels!r} cannot be written; use the form o,f0,male")
        words.insert(0, f"<{segment.labels}>")
    elif words and _LABELS.fullmatch(words[0]):
        words.insert(0, _NO_LABELS)  # else the first word would be read as labels
    if words and words[0].upper() == IGNORED:
        raise FormatError(segment.recording, f"words that start with {IGNORED} cannot be written")
    names = [("recording", segment.recording), ("channel", segment.channel), ("speaker", segment.speaker or "")]
    fields = [as_field(value, name, segment.recording) for name, value in names]
    return " ".join([*fields, in_seconds(segment.start, rate), in_seconds(segment.end, rate), *words])
