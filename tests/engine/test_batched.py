"""The reference recogniser behind the scheduler equals itself alone; words keep their delay on real speech."""

import io
import time
import wave
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
import testsets

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import soundfile

from engine.batched import BatchedRecogniser
from engine.channel import Channel
from engine.errors import ModelError
from engine.protocol import AudioFormat, AudioType
from engine.recogniser import Recogniser, StreamOptions
from engine.recognition import Place
from engine.report import Report
from engine.scheduler import Scheduler
from engine.session_config import SessionConfig

MODEL = Path(engine.__file__).parent / "models" / "reference-1"
SPEECH = Path(testsets.__file__).parent / "data" / "rehearsal"


@pytest.fixture(scope="module")
def batched() -> BatchedRecogniser:
    if not (MODEL / "model.toml").exists():
        pytest.skip("no model is shipped in engine/models")
    return BatchedRecogniser(Recogniser.load(MODEL))


@pytest.fixture(scope="module")
def recordings() -> list[np.ndarray]:
    """Three recordings at 16 kHz, two to five seconds."""
    found = []
    for path in sorted(SPEECH.glob("*.flac")):
        pcm, rate = soundfile.read(path, dtype="float32", always_2d=True)
        if rate == 16_000 and 2 * rate < len(pcm) < 5 * rate:
            found.append(np.ascontiguousarray(pcm[:, 0]))
    return found[:: max(1, len(found) // 3)][:3]


def channel(batched: BatchedRecogniser, **config: Any) -> Channel:
    made = asked(**config)
    return Channel(batched.begin(made), made)


def asked(**config: Any) -> SessionConfig:
    return SessionConfig(AudioFormat(AudioType.PCM_F32LE, 16_000), {}, **config)


def test_batched_streams_hear_what_each_hears_alone(batched: BatchedRecogniser, recordings: list[np.ndarray]) -> None:
    alone = [batched._recogniser.recognise(pcm, StreamOptions(chunk_ms=320)) for pcm in recordings]
    hearings = [batched.begin(asked(enable_partials=True)) for _ in recordings]
    at = [0] * len(recordings)
    while ready := [i for i, h in enumerate(hearings) if at[i] + h.wanted <= len(recordings[i])]:
        wanted = [hearings[i].wanted for i in ready]
        pieces = [recordings[i][at[i] : at[i] + n] for i, n in zip(ready, wanted, strict=True)]
        batched.step([hearings[i] for i in ready], pieces)
        for i, n in zip(ready, wanted, strict=True):
            at[i] += n
    together = [batched.end(h, pcm[n:]) for h, pcm, n in zip(hearings, recordings, at, strict=True)]
    assert [[w.text for w in words] for words in together] == [[w.text for w in words] for words in alone]
    assert all(together)


def test_reserved_streams_begin_on_channels_that_are_there(batched: BatchedRecogniser) -> None:
    channels = batched._recogniser.decoder.channels
    kept = batched.reserve(8)
    assert kept == batched.reserve(0) > channels.record
    hearings = [batched.begin(asked()) for _ in range(8)]
    assert (channels.slots, channels.free, len(hearings)) == (8, 0, 8)
    del hearings
    assert channels.free == 8


class Deaf:
    def heard(self, report: Report) -> None:
        """Nothing is done about it."""

    def has_room(self) -> None:
        """Nothing is done about it."""


def test_places_given_back_at_any_moment_need_no_further_channel(batched: BatchedRecogniser) -> None:
    channels, rng = batched._recogniser.decoder.channels, np.random.default_rng(5)
    places = channels.slots
    scheduler = Scheduler(batched, places)
    scheduler.start()
    noise = rng.normal(0, 0.1, 8_000).astype(np.float32).tobytes()
    open_places: list[Place] = []
    for _ in range(100):
        if len(open_places) == places:
            open_places.pop(int(rng.integers(places))).close()
        open_places.append(scheduler.open(asked(enable_partials=True), Deaf()))
        open_places[-1].feed(noise)
        time.sleep(rng.exponential(0.005))
    for place in open_places:
        place.close()
    scheduler.stop()
    del open_places, place, scheduler
    assert (channels.slots, channels.free) == (places, places)


@pytest.mark.parametrize("max_delay", [11_200, 28_800])
def test_finals_of_real_speech_are_in_time_and_in_order(
    batched: BatchedRecogniser, recordings: list[np.ndarray], max_delay: int
) -> None:
    for pcm in recordings:
        heard = channel(batched, max_delay=max_delay, max_delay_mode="fixed")
        data = np.concatenate([pcm, np.zeros(40_000, np.float32)]).tobytes()
        words = []
        for at in range(0, len(data), 6_400):
            heard.take(data[at : at + 6_400])
            finals, due = [word for report in heard.due() for word in report.finals], (at + 6_400) // 4 - max_delay
            while heard.ready:
                batched.step([heard.hearing], [heard.next_step()])
                finals += [word for report in (heard.news(), *heard.due()) for word in report.finals]
                assert all(word.end > due for word in heard.hearing.partials())
            assert all(due - 1_600 <= word.end <= due for word in finals)  # a packet is the client's own delay
            words += finals
        heard.finish()
        words += heard.after_end(batched.end(heard.hearing, heard.rest())).finals
        assert words
        assert all(one.end <= two.start for one, two in pairwise(words))
        assert words[-1].end <= len(data) // 4


def test_a_telephone_wav_is_understood(batched: BatchedRecogniser, recordings: list[np.ndarray]) -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(16_000)
        out.writeframes((recordings[0] * 32_767).astype("<i2").tobytes())
    heard = Channel(batched.begin(asked()), SessionConfig(AudioFormat(AudioType.FILE, None), {}))
    heard.take(file.getvalue())
    while heard.ready:
        batched.step([heard.hearing], [heard.next_step()])
        heard.news()
    heard.finish()
    assert heard.after_end(batched.end(heard.hearing, heard.rest())).finals


def test_a_forced_end_is_answered_from_the_audio_at_hand(
    batched: BatchedRecogniser, recordings: list[np.ndarray]
) -> None:
    heard = channel(batched)
    heard.take(recordings[0].tobytes())
    heard.flush(None)
    reports = []
    while heard.ready:
        batched.step([heard.hearing], [heard.next_step()])
        reports.append(heard.news())
    answers = [report for report in reports if report.utterance_end is not None]
    assert len(answers) == 1
    heard.finish()
    rest = heard.after_end(batched.end(heard.hearing, heard.rest())).finals
    words = [word.text for report in reports for word in report.finals] + [word.text for word in rest]
    alone = [word.text for word in batched._recogniser.recognise(recordings[0], StreamOptions(chunk_ms=1_280))]
    assert abs(len(words) - len(alone)) <= 1  # the shorter last step may hear the last word otherwise


def test_the_look_ahead_follows_the_delay(batched: BatchedRecogniser) -> None:
    chunks = {delay: batched.begin(asked(max_delay=round(delay * 16_000))).chunk for delay in (0.7, 1.2, 1.8, 4)}
    assert chunks == {0.7: 5_120, 1.2: 10_240, 1.8: 20_480, 4: 20_480}
    assert batched.begin(asked(enable_partials=True)).chunk == 5_120


@pytest.fixture(scope="module")
def both() -> BatchedRecogniser:
    """Two operating points on one body."""
    standard = Recogniser.load(MODEL.parent / "reference-3")
    return BatchedRecogniser(standard, Recogniser.load(MODEL.parent / "enhanced-1", beside=standard))


def test_operating_points_step_in_one_batch_and_hear_what_each_hears_alone(
    both: BatchedRecogniser, recordings: list[np.ndarray]
) -> None:
    assert list(both.models) == ["standard", "enhanced"]
    assert both.models["standard"] != both.models["enhanced"]
    pcm, at = recordings[0], 0
    hearings = [both.begin(asked(enable_partials=True, model=model)) for model in both.models]
    while at + (wanted := hearings[0].wanted) <= len(pcm):
        both.step(hearings, [pcm[at : at + wanted]] * 2)
        at += wanted
    for hearing, recogniser in zip(hearings, both._recognisers.values(), strict=True):
        assert both.end(hearing, pcm[at:]) == recogniser.recognise(pcm, StreamOptions(chunk_ms=320))


def test_a_session_changes_its_operating_point_in_a_pause(
    both: BatchedRecogniser, recordings: list[np.ndarray]
) -> None:
    pause = np.zeros(24_000, np.float32)
    pcm = np.concatenate([recordings[0], pause, recordings[0], pause])
    heard, words, models = channel(both, max_delay=16_000, enable_partials=True), [], []
    for at in range(0, len(pcm), 8_000):
        heard.take(pcm[at : at + 8_000].tobytes())
        if not models and heard.hearing.partials():  # somebody is speaking
            heard.configure(asked(max_delay=16_000, enable_partials=True, model="enhanced"))
            models.append(heard.hearing.model)
        while heard.ready:
            both.step([heard.hearing], [heard.next_step()])
            words += heard.news().finals
            models += [heard.hearing.model] if models else []
    heard.finish()
    words += heard.after_end(both.end(heard.hearing, heard.rest())).finals
    assert models[0] == "standard"
    assert models[-1] == "enhanced"
    assert all(one.end <= two.start for one, two in pairwise(words))
    assert sum(word.start >= len(recordings[0]) for word in words) >= 2  # the second time, at its own place


def test_two_bodies_are_not_served_as_one(batched: BatchedRecogniser, both: BatchedRecogniser) -> None:
    with pytest.raises(ModelError, match="another body"):
        BatchedRecogniser(batched._recogniser, both._recognisers["enhanced"])
    with pytest.raises(ModelError, match="another body"):
        Recogniser.load(MODEL.parent / "enhanced-1", beside=batched._recogniser)
