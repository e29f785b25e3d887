"""When each packet of a case leaves, as offsets from the moment in which the recogniser was ready. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from testsets.case import Case

SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Packet:
    """One message of audio to send."""

    offset_ns: int  # since RecognitionStarted
    start: int  # samples [start, end) of the case's audio
    end: int


def schedule(case: Case) -> tuple[Packet, ...]:
    """The packets of a case: as a capture saw them, or as a steady live stream.

    A steady packet leaves when its last sample would have been spoken, so no audio is ever early. Offsets are
    absolute: a late packet does not delay those after it.

    Raises:
        ValueError: the captured frames do not add up to the case's audio.
    """
    return _captured(case) if case.pacing.frames else _steady(case)


def _steady(case: Case) -> tuple[Packet, ...]:
    size, total, rate = case.pacing.packet_samples, case.audio.samples, case.audio.rate
    ends = (min(start + size, total) for start in range(0, total, size))
    starts = range(0, total, size)
    return tuple(Packet(end * SECOND_NS // rate, start, end) for start, end in zip(starts, ends, strict=True))


def _captured(case: Case) -> tuple[Packet, ...]:
    packets: list[Packet] = []
    at = offset_ns = 0
    for frame in case.pacing.frames:
        # A clock that went backwards in the capture must not reorder audio.
        offset_ns = max(offset_ns, frame.at_ns)
        if frame.samples > 0:
            packets.append(Packet(offset_ns, at, at + frame.samples))
        at += frame.samples
    if at != case.audio.samples:
        raise ValueError(
            f"case {case.id!r}: its captured frames hold {at} samples, its audio {case.audio.samples}; "
            "export the capture again, or remove pacing.frames from the case"
        )
    return tuple(packets)
