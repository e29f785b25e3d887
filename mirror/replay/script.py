"""A case made ready to play on one wire: every packet as the frame that will travel. Pure; clones share one script."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror.codecs import Codec, Frame
from mirror.replay.schedule import Packet, schedule
from testsets.audio import resample
from testsets.case import Case
from testsets.encoding import SAMPLE_BYTES, encode


@dataclass(frozen=True, slots=True)
class Script:
    """What to send and when; frames are built before the session begins, so that none is late for its making."""

    case: Case
    packets: tuple[Packet, ...]
    frames: tuple[Frame, ...]  # one a packet


def prepare(case: Case, samples: NDArray[np.float32], codec: Codec) -> Script:
    """Cut a case's audio into the frames of a wire.

    Args:
        case: what to play.
        samples: its audio in [-1, 1], shape (n,), at ``case.audio.rate``.
        codec: the wire; where it knows only one rate, the audio is resampled as a whole.

    Raises:
        ValueError: the audio and the case's pacing do not fit together.
    """
    if len(samples) != case.audio.samples:
        raise ValueError(f"case {case.id!r}: audio has {len(samples)} samples, the case says {case.audio.samples}")
    packets = schedule(case)
    rate = codec.traits.wire_rate or case.audio.rate
    wire = resample(samples, case.audio.rate, rate)
    cuts = [min(len(wire), round(packet.end * rate / case.audio.rate)) for packet in packets[:-1]]
    edges = [0, *cuts, len(wire)] if packets else [0]
    return Script(case, packets, tuple(_frames(case, wire, edges, codec)))


def _frames(case: Case, wire: NDArray[np.float32], edges: list[int], codec: Codec) -> Iterator[Frame]:
    encoding = codec.plain(case)
    if encoding is None:
        yield from (codec.audio(case, wire[start:end]) for start, end in itertools.pairwise(edges))
        return
    # Encoded as a whole, for a call a packet costs more than the packet.
    data, width = encode(wire, encoding), SAMPLE_BYTES[encoding]
    yield from (data[start * width : end * width] for start, end in itertools.pairwise(edges))
