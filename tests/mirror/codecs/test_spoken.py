"""A captured session's wire is recognised, and what its request asked for is kept."""

from __future__ import annotations

import pytest

from mirror.codecs import Frame
from mirror.codecs.deepgram import DeepgramCodec
from mirror.codecs.spoken import wire_spoken
from testsets.case import AudioRef, Case


@pytest.mark.parametrize(
    ("path", "first", "name"),
    [
        ("/v2/en?jwt=x", '{"message": "StartRecognition"}', "speechmatics"),
        ("/v2", None, "speechmatics"),
        ("/v1/listen?model=nova-3", b"audio", "deepgram"),
        ("/v1/realtime?intent=transcription", '{"type": "session.update"}', "openai"),
        ("/", '{ "config" : { "sample_rate" : 16000.000000 } }', "vosk"),
        ("/", b"\x00\x00\x00\x00", "sherpa"),
    ],
)
def test_wires(path: str, first: Frame | None, name: str) -> None:
    assert wire_spoken(path, first).name == name


def test_deepgram_asks_in_its_query_what_a_case_asks_in_its_config() -> None:
    raw = {"type": "raw", "encoding": "mulaw", "sample_rate": 8_000}
    config = {"language": "de", "enable_partials": True, "diarization": "speaker", "audio_format": raw}
    case = Case("a", AudioRef("a.wav", 8_000, 800), config=config)
    url = DeepgramCodec(8_000).target("ws://h/v1/listen", case, None).url
    assert wire_spoken(url, None).config == config
    assert wire_spoken("/v1/listen", None).config["audio_format"] == {"type": "file"}
    assert wire_spoken("/v1/listen?encoding=opus&sample_rate=x", None).config["audio_format"] == {"type": "file"}
