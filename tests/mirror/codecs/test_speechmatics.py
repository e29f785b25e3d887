"""The codec under anything a recogniser or a client may say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.codecs import VIOLATION, What, confirmed
from mirror.codecs.speechmatics import SpeechmaticsCodec, encoding_of
from testsets.case import AudioRef, Case
from testsets.eventlog_io import read_event_logs, write_event_logs
from testsets.events import Event, EventLog, Kind

CODEC = SpeechmaticsCodec(16_000)
NAMES = [
    "RecognitionStarted",
    "AudioAdded",
    "AddPartialTranscript",
    "AddTranscript",
    "EndOfTranscript",
    "Error",
    "Info",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_any_frame_is_an_event(frame: str | bytes) -> None:
    assert [event.wall_ns for event in CODEC.heard(frame, 7)] == [7]
    assert isinstance(CODEC.said(frame).what, What)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(["results", "metadata", "seq_no", "type", "x"]), JSON))
def test_any_message_is_an_event(name: str, fields: dict[str, Any]) -> None:
    assert [event.wall_ns for event in CODEC.heard(json.dumps({"message": name, **fields}), 7)] == [7]


def test_hostile_words_can_be_written_down(tmp_path: Path) -> None:
    best = {"content": "\ud800", "confidence": 2.0, "speaker": "\udfff"}
    results = [
        {"type": "word", "start_time": -1e300, "end_time": 1e300, "alternatives": [best]},
        {"type": "word", "start_time": 2, "end_time": 1, "alternatives": [best]},
        {"type": "word", "start_time": 2, "end_time": 3, "alternatives": []},
    ]
    metadata = {"start_time": 0, "end_time": 1, "transcript": "\ud800"}
    frames = [
        {"message": "AddTranscript", "results": results, "metadata": metadata},
        {"message": "RecognitionStarted", "id": "\ud800"},
        {"message": "Error", "type": "\ud800", "reason": "\ud800"},
        {"message": "\ud800"},
        {"message": "AudioAdded", "seq_no": "\ud800"},
    ]
    events = tuple(event for frame in frames for event in CODEC.heard(json.dumps(frame), 7))
    assert [event.kind for event in events] == [Kind.FINAL, Kind.STARTED, Kind.ERROR, Kind.OTHER, Kind.OTHER]
    assert VIOLATION in events[-1].detail
    log = EventLog("a", "r", 16_000, events)
    write_event_logs(tmp_path / "events.parquet", {"replay": [log]})
    assert read_event_logs(tmp_path / "events.parquet") == {"replay": (log,)}


@pytest.mark.parametrize(
    ("audio_format", "encoding"),
    [
        (None, "pcm_s16le"),
        ({"type": "file"}, "pcm_s16le"),
        ({"type": "raw", "encoding": "mulaw", "sample_rate": 8_000}, "mulaw"),
        ({"type": "raw", "encoding": "pcm_f32le", "sample_rate": 8_000}, "pcm_f32le"),
    ],
)
def test_how_a_case_is_asked(audio_format: dict[str, Any] | None, encoding: str) -> None:
    config = {"max_delay": 1.5, "translation_config": {"target_languages": ["de"]}}
    if audio_format is not None:
        config["audio_format"] = audio_format
    case = Case("a", AudioRef("a.wav", 8_000, 800), config=config)
    assert encoding_of(case) == encoding
    (frame,) = CODEC.begin(case)
    start = json.loads(frame)
    assert start["audio_format"] == {"type": "raw", "encoding": encoding, "sample_rate": 8_000}
    assert start["transcription_config"] == {"language": "en", "enable_partials": True, "max_delay": 1.5}
    assert start["translation_config"] == {"target_languages": ["de"]}


def test_acks_count_packets() -> None:
    ack = Event(Kind.ACK, 0, detail={"packets": 2})
    events = (ack, Event(Kind.ENDED, 0))
    assert [event.samples for event in confirmed(events, [160, 320])] == [320, None]
    assert [event.samples for event in confirmed(events, [160])] == [None, None]
