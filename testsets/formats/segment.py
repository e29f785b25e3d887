"""A segment: what every foreign format says about one stretch of a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from testsets.errors import FormatError
from testsets.transcript import SpeakerTurn, Transcript, Word


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a recording; times are samples at the rate the file was read with."""

    recording: str
    start: int | None = None  # None where the format gives no times (TRN; SegLST where it leaves them out)
    end: int | None = None
    speaker: str | None = None
    text: str = ""  # words with single spaces; one word in CTM, none in RTTM and UEM
    channel: str = "1"
    confidence: float | None = None  # CTM only
    labels: str | None = None  # STM only: what stands between < and >

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise ValueError(f"segment of {self.recording!r}: give both start and end, or neither")
        if self.start is not None and self.end is not None and not 0 <= self.start <= self.end:
            raise ValueError(f"segment of {self.recording!r}: {self.start}..{self.end} needs 0 <= start <= end")


def transcripts(segments: Iterable[Segment], rate: int) -> dict[str, Transcript]:
    """The words of each recording; a word has times where it is a segment of its own.

    Segments come in order of start, or as they stand where one of them has no times. A recording with several channels
    is one transcript a channel, ``recording/channel``: NIST scores channels apart, for mixed by time they are no text.

    Raises:
        FormatError: such a name is that of another recording.
    """
    found = {name: _in_order(members) for name, members in by_channel(segments).items()}
    return {
        name: Transcript(tuple(word for segment in members for word in _words(segment)), rate)
        for name, members in found.items()
    }


def turns(segments: Iterable[Segment]) -> dict[str, tuple[SpeakerTurn, ...]]:
    """The speaker turns of each recording in order of start.

    Raises:
        FormatError: a segment has no speaker or no times.
    """
    return {
        name: tuple(_turn(segment) for segment in sorted(members, key=_start))
        for name, members in _by_recording(segments).items()
    }


def regions(segments: Iterable[Segment]) -> dict[str, tuple[tuple[int, int], ...]]:
    """The scored regions of each recording in order of start, as a case holds them.

    Raises:
        FormatError: a segment has no times.
    """
    return {
        name: tuple(_span(segment) for segment in sorted(members, key=_start))
        for name, members in _by_recording(segments).items()
    }


def _by_recording(segments: Iterable[Segment]) -> dict[str, list[Segment]]:
    found: dict[str, list[Segment]] = {}
    for segment in segments:
        found.setdefault(segment.recording, []).append(segment)
    return found


def by_channel(segments: Iterable[Segment]) -> dict[str, list[Segment]]:
    """The segments of each recording, those of a recording with several channels as ``recording/channel``.

    Raises:
        FormatError: such a name is that of another recording.
    """
    found: dict[str, list[Segment]] = {}
    for recording, members in _by_recording(segments).items():
        channels = dict.fromkeys(segment.channel for segment in members)
        for channel in channels:
            name = recording if len(channels) == 1 else f"{recording}/{channel}"
            if name in found:
                raise FormatError(recording, f"channel {channel!r} has the name of recording {name!r}; rename one")
            found[name] = [segment for segment in members if segment.channel == channel]
    return found


def _in_order(segments: list[Segment]) -> list[Segment]:
    return segments if any(segment.start is None for segment in segments) else sorted(segments, key=_start)


def _start(segment: Segment) -> int:
    return -1 if segment.start is None else segment.start


def _words(segment: Segment) -> Iterable[Word]:
    tokens = segment.text.split()
    if len(tokens) == 1:
        yield Word(tokens[0], segment.start, segment.end, segment.confidence, segment.speaker)
    else:
        yield from (Word(token, speaker=segment.speaker) for token in tokens)


def _turn(segment: Segment) -> SpeakerTurn:
    if segment.speaker is None:
        raise FormatError(segment.recording, "a segment names no speaker; speaker measures need one in each")
    return SpeakerTurn(segment.speaker, *_span(segment))


def _span(segment: Segment) -> tuple[int, int]:
    if segment.start is None or segment.end is None:
        raise FormatError(segment.recording, "a segment has no times; give start and end")
    return segment.start, segment.end
