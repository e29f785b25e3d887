"""UEM: one scored region a line.

Source: NIST un-partitioned evaluation map, as dscore reads it: ``recording channel start end``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from testsets.errors import FormatError
from testsets.formats.fields import Line, as_field, data_lines, in_seconds
from testsets.formats.segment import Segment
from testsets.lines import read_text, write_text

LAYOUT = "recording channel start end"


def parse(text: str, where: str, rate: int) -> tuple[Segment, ...]:
    """Read UEM; each region is a segment without speaker and words.

    Args:
        text: the file's text.
        where: its name, for errors.
        rate: samples per second in which times are returned.

    Raises:
        FormatError: a line is malformed, or a region is empty.
    """
    return tuple(_segment(line, rate) for line in data_lines(text, where))


def render(segments: Iterable[Segment], rate: int) -> str:
    """Write UEM.

    Raises:
        FormatError: a segment lacks times, or a name cannot be written.
    """
    return "".join(_line(segment, rate) + "\n" for segment in segments)


def load(path: str | Path, rate: int) -> tuple[Segment, ...]:
    """Read a UEM file; see ``parse``."""
    return parse(read_text(path), str(path), rate)


def save(path: str | Path, segments: Iterable[Segment], rate: int) -> None:
    """Write a UEM file; see ``render``."""
    write_text(path, render(segments, rate))


def _segment(line: Line, rate: int) -> Segment:
    recording, channel, start, end = line.fields(LAYOUT, least=4)
    first, last = line.samples(start, rate, "start"), line.samples(end, rate, "end")
    if last <= first:
        line.fail(f"the region from {start} s to {end} s is empty")
    return Segment(recording, first, last, channel=channel)


def _line(segment: Segment, rate: int) -> str:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "UEM needs the start and end of every region")
    recording = as_field(segment.recording, "recording", segment.recording)
    channel = as_field(segment.channel, "channel", segment.recording)
    return f"{recording} {channel} {in_seconds(segment.start, rate)} {in_seconds(segment.end, rate)}"
