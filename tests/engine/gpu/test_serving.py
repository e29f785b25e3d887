"""An engine with its body on a device hears the words that the CPU's engine hears."""

from pathlib import Path

import numpy as np
import pytest

import engine
import testsets
from engine.gpu.device import DeviceError, Facts

MODEL = Path(engine.__file__).parent / "models" / "reference-3"
SPEECH = Path(testsets.__file__).parent / "data" / "rehearsal"


def test_a_machine_without_a_device_is_told_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.gpu import serving

    monkeypatch.setattr(serving, "look", lambda: Facts(torch=True, built_for="13.0"))
    with pytest.raises(DeviceError, match="driver"):
        serving.load_engine([Path("/no/model")], "cuda", 4, 2)


@pytest.mark.slow
def test_words_are_those_of_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    import soundfile

    from engine.gpu.serving import LEAVING, load_engine
    from engine.protocol import AudioFormat, AudioType
    from engine.recogniser import Recogniser, StreamOptions
    from engine.session_config import SessionConfig

    monkeypatch.setattr("engine.gpu.serving.settle", lambda: None)  # the rest of the suite is to be collected
    made = load_engine([MODEL], "cpu", sessions=3, batch=4)
    assert made.body.operations == {"attention": "torch", "convolution": "torch"}
    alone = Recogniser.load(MODEL)
    paths = sorted(SPEECH.glob("conversation-0[1-3].flac"))
    spoken = [np.ascontiguousarray(soundfile.read(path, dtype="float32")[0][: 6 * 16_000]) for path in paths]
    config = SessionConfig(AudioFormat(AudioType.PCM_F32LE, 16_000), {}, enable_partials=True)
    hearings, at = [made.engine.begin(config) for _ in spoken], 0
    while at + (wanted := hearings[0].wanted) <= len(spoken[0]):
        made.engine.step(hearings, [pcm[at : at + wanted] for pcm in spoken])
        at += wanted
    said = [made.engine.end(hearing, pcm[at:]) for hearing, pcm in zip(hearings, spoken, strict=True)]
    truth = [alone.recognise(pcm, StreamOptions(chunk_ms=320)) for pcm in spoken]
    assert all(truth)
    assert [[w.text for w in words] for words in said] == [[w.text for w in words] for words in truth]
    del hearings
    assert made.body._executor.slab.free == 3 + LEAVING
