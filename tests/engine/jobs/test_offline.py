"""The shipped recogniser over recordings: settled words, small memory, the words of one long call."""

from pathlib import Path

import numpy as np
import pytest

import engine
import testsets

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

import soundfile

from engine.jobs.audio import BLOCK_S
from engine.jobs.offline import CONTEXT, OfflineRecogniser
from engine.jobs.recognition import recognise
from engine.protocol import AudioFormat, AudioType
from engine.recogniser import RecognisedWord, Recogniser, StreamOptions
from engine.session_config import SessionConfig

MODELS = Path(engine.__file__).parent / "models"
SPEECH = sorted((Path(testsets.__file__).parent / "data" / "rehearsal").glob("*.flac"))
RATE = 16_000
CONFIG = SessionConfig(AudioFormat(AudioType.FILE, None), {})


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser.load(MODELS / "reference-3")


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    """Half a minute of speakers after each other."""
    parts: list[np.ndarray] = []
    for path in SPEECH:
        pcm, rate = soundfile.read(path, dtype="float32", always_2d=True)
        if rate == RATE:
            parts.append(pcm[:, 0])
        if sum(map(len, parts)) > 30 * RATE:
            break
    return np.concatenate(parts)


def test_settled_words_are_those_of_one_long_call(recogniser: Recogniser, talk: np.ndarray) -> None:
    blocks = [talk[None, at : at + BLOCK_S * RATE] for at in range(0, len(talk), BLOCK_S * RATE)]
    offline = OfflineRecogniser(recogniser)
    heard = recognise(blocks, lambda: offline.begin(CONFIG), len(talk), lambda: True)
    whole = recogniser.recognise(talk, StreamOptions(max(recogniser.body.card.chunk_ms)))
    assert heard.samples == len(talk)
    assert said(heard.channels[0].words) == said(whole)
    assert len(whole) > 20


def test_words_leave_as_the_recording_goes_on(recogniser: Recogniser, talk: np.ndarray) -> None:
    stream = OfflineRecogniser(recogniser).begin(CONFIG)
    early = stream.step(talk[: 25 * RATE])
    assert early
    assert all(word.end <= 25 * RATE - CONTEXT for word in early)
    assert all(word.start >= early[-1].end for word in stream.end())


def said(words: tuple[RecognisedWord, ...]) -> list[tuple[str, int, int]]:
    return [(word.text, word.start, word.end) for word in words]
