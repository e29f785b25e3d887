"""The frames of a script are those that its codec makes, packet by packet, and hold all of the audio."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mirror.codecs import Codec
from mirror.codecs.wires import STREAMING
from mirror.replay.schedule import schedule
from mirror.replay.script import prepare
from testsets.audio import resample
from testsets.case import AudioRef, Case, Pacing

ENCODINGS = ("pcm_s16le", "pcm_f32le", "mulaw")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("make", STREAMING.values(), ids=STREAMING.keys())
def test_frames(make: Callable[[int], Codec], encoding: str) -> None:
    raw = {"type": "raw", "encoding": encoding, "sample_rate": 8_000}
    case = Case("a", AudioRef("a.wav", 8_000, 2_005), config={"audio_format": raw}, pacing=Pacing(200))
    samples = np.random.default_rng(1).uniform(-1, 1, 2_005).astype(np.float32)
    codec = make(8_000)
    script = prepare(case, samples, codec)
    rate = codec.traits.wire_rate or 8_000
    wire = resample(samples, 8_000, rate)
    spans = [(packet.start * rate // 8_000, packet.end * rate // 8_000) for packet in schedule(case)]
    assert script.frames == tuple(codec.audio(case, wire[start:end]) for start, end in spans)
    assert len(script.frames) == 11


def test_no_audio_has_no_frames() -> None:
    case = Case("a", AudioRef("a.wav", 8_000, 0))
    assert prepare(case, np.zeros(0, np.float32), STREAMING["speechmatics"](8_000)).frames == ()
