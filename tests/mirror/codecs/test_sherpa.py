"""The sherpa-onnx online wire: the real package recognises, and what it says is understood."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.codecs import VIOLATION, What
from mirror.codecs.sherpa import SherpaCodec
from mirror.replay import probe, replay
from testsets import audio
from testsets.case import Case, Pacing
from testsets.events import Event, Kind

RATE = 8_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if any(importlib.util.find_spec(name) is None for name in ("sherpa_onnx", "onnx")):
        pytest.skip("sherpa-onnx or onnx is not installed (extra: dev)")
    script, folder = Path(__file__).with_name("sherpa_server.py"), tmp_path_factory.mktemp("sherpa")
    with subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"sherpa+ws://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def speech(path: Path, *pieces: tuple[float, float]) -> Case:
    """Noise in pieces of (seconds, loudness)."""
    rng = np.random.default_rng(5)
    noise = [rng.standard_normal(round(seconds * RATE)) * loudness for seconds, loudness in pieces]
    return Case("a", audio.write(path, np.concatenate(noise).clip(-1, 1), RATE), pacing=Pacing(RATE // 10))


async def test_real_recogniser(url: str, tmp_path: Path) -> None:
    quiet = 1e-4
    case = speech(tmp_path / "a.wav", (0.4, quiet), (0.6, 0.3), (1.4, quiet), (0.5, 0.3), (0.3, quiet))
    samples, _ = audio.read(case.audio.path)
    await probe(url)
    first, again = await asyncio.gather(replay(case, samples, url), replay(case, samples, url))
    assert first.failure is None
    assert first.transcript.text == "loud loud"
    assert [round(word.start / RATE, 1) for word in first.transcript.words if word.start is not None] == [0.4, 2.4]
    kinds = [event.kind for event in first.events if event.kind not in (Kind.AUDIO, Kind.SENT_END)]
    assert kinds[:2] == [Kind.OPENED, Kind.STARTED]
    assert kinds.index(Kind.UTTERANCE_END) > kinds.index(Kind.FINAL)
    assert Kind.PARTIAL in kinds
    assert kinds[-1] is Kind.ENDED
    assert again.transcript == first.transcript


def events(codec: SherpaCodec, *frames: dict[str, object] | str) -> list[Event]:
    texts = (frame if isinstance(frame, str) else json.dumps(frame) for frame in frames)
    return [event for text in texts for event in codec.heard(text, 7)]


def test_pieces_become_words_with_the_times_of_their_pieces() -> None:
    result = {"text": "hel lo", "tokens": [" he", "l", "\u2581lo"], "timestamps": [0.5, 0.75, 1.0], "start_time": 2}
    (final, _) = events(SherpaCodec(100), {**result, "segment": 1, "is_final": True})
    assert [(word.text, word.start, word.end) for word in final.words] == [("hel", 250, 275), ("lo", 300, 300)]
    (other,) = events(SherpaCodec(100), {**result, "text": "Hello!", "segment": 1})
    assert [(word.text, word.start) for word in other.words] == [("Hello!", None)]


def test_python_server_ends_a_segment_by_beginning_the_next() -> None:
    codec = SherpaCodec(100)
    found = events(
        codec, {"text": "one", "segment": 0}, {"text": "", "segment": 1}, {"text": "two", "segment": 1}, "Done!"
    )
    assert [event.kind for event in found] == [
        Kind.PARTIAL, Kind.FINAL, Kind.PARTIAL, Kind.PARTIAL, Kind.FINAL, Kind.ENDED,
    ]  # fmt: skip
    assert [event.words[0].text for event in found if event.kind is Kind.FINAL] == ["one", "two"]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_any_frame_is_understood_or_a_violation(frame: str | bytes) -> None:
    found = SherpaCodec(16_000).heard(frame, 7)
    assert found[-1].kind in (Kind.ENDED, Kind.PARTIAL) or VIOLATION in found[0].detail
    assert isinstance(SherpaCodec(1).said(frame).what, What)
