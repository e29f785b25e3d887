"""The replayed session as a script: no sockets, no clock but the one handed in."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from mirror.codecs.speechmatics import SpeechmaticsCodec
from mirror.replay.script import prepare
from mirror.replay.session import ReplaySession
from testsets.case import AudioRef, Case, Pacing
from testsets.events import Kind

MS = 1_000_000
CASE = Case("a", AudioRef("a.wav", 16_000, 3_200), pacing=Pacing(1_600))


def message(name: str, **fields: object) -> str:
    return json.dumps({"message": name, **fields})


def begun() -> ReplaySession:
    codec = SpeechmaticsCodec(16_000)
    session = ReplaySession(prepare(CASE, np.zeros(3_200, np.float32), codec), codec)
    (start,) = session.opened(0)
    assert json.loads(start)["message"] == "StartRecognition"
    return session


def test_no_audio_before_the_recogniser_is_ready() -> None:
    session = begun()
    assert session.due_ns is None
    assert session.step(10_000 * MS) == ()
    session.heard(message("Info", type="recognition_quality", reason="broadcast"), 20 * MS)
    assert session.due_ns is None
    session.heard(message("RecognitionStarted", id="x"), 500 * MS)
    assert session.due_ns == 600 * MS
    assert session.step(599 * MS) == ()
    assert len(session.step(600 * MS)) == 1


def test_late_packet_does_not_delay_the_next() -> None:
    session = begun()
    session.heard(message("RecognitionStarted"), 0)
    session.step(150 * MS)
    assert session.due_ns == 200 * MS
    session.step(200 * MS)
    assert session.due_ns == 200 * MS
    (end,) = session.step(201 * MS)
    assert json.loads(end) == {"message": "EndOfStream", "last_seq_no": 2}
    assert session.due_ns is None
    session.heard(message("AudioAdded", seq_no=1), 202 * MS)
    session.heard(message("AudioAdded", seq_no=9), 202 * MS)  # real servers and clients disagree on what they count
    session.heard(message("EndOfTranscript"), 203 * MS)
    log = session.log("r")
    assert session.over
    assert log.failure is None
    told = [(event.kind, event.wall_ns // MS, event.samples) for event in log.events]
    assert told == [
        (Kind.OPENED, 0, None),
        (Kind.STARTED, 0, None),
        (Kind.AUDIO, 150, 1_600),
        (Kind.AUDIO, 200, 3_200),
        (Kind.SENT_END, 201, None),
        (Kind.ACK, 202, 1_600),
        (Kind.ACK, 202, None),
        (Kind.ENDED, 203, None),
    ]
    assert [event.due_ns for event in log.events if event.kind is Kind.AUDIO] == [100 * MS, 200 * MS]


@pytest.mark.parametrize(
    ("frame", "failure"),
    [
        (
            message("Error", type="job_error", reason="out of luck"),
            "reported job_error: out of luck after 0.00 of 0.20",
        ),
        (message("EndOfTranscript"), "ended its transcript after 0.00 of 0.20 s of audio, before the audio ended"),
        ("{", "broke the protocol after 0.00 of 0.20 s of audio: invalid_message: malformed JSON"),
        (message("AudioAdded"), "broke the protocol"),
    ],
)
def test_what_ends_a_session_early(frame: str, failure: str) -> None:
    session = begun()
    session.heard(message("RecognitionStarted"), 0)
    session.heard(frame, 1)
    assert session.over
    assert session.due_ns is None
    assert failure in str(session.log("r").failure)


def test_words_are_samples_and_partials_have_no_confidence() -> None:
    session = begun()
    result = {
        "type": "word",
        "start_time": 0.1,
        "end_time": 0.25,
        "alternatives": [{"content": "hi", "confidence": 0.9}],
    }
    stop = {"type": "punctuation", "start_time": 0.25, "end_time": 0.25, "alternatives": [{"content": "."}]}
    metadata = {"start_time": 0, "end_time": 0.3, "transcript": "hi. "}
    for name in ("AddPartialTranscript", "AddTranscript"):
        session.heard(message(name, metadata=metadata, results=[result, stop]), 5)
    partial, final = session.log("r").events[1:]
    assert [(word.text, word.start, word.end, word.confidence) for word in final.words] == [("hi", 1_600, 4_000, 0.9)]
    assert [(word.text, word.confidence) for word in partial.words] == [("hi", None)]
    assert final.detail["transcript"] == "hi. "


def test_as_fast_as_acks_allow() -> None:
    codec = SpeechmaticsCodec(16_000)
    case = replace(CASE, pacing=Pacing(400))  # eight packets
    session = ReplaySession(prepare(case, np.zeros(3_200, np.float32), codec), codec, window=3)
    session.opened(0)
    session.heard(message("RecognitionStarted"), 5)
    sent = 0
    for acked in (0, 1, 1, 4, 7):
        if acked:
            session.heard(message("AudioAdded", seq_no=acked), 6)
        while session.due_ns is not None:
            sent += len(session.step(6)) - session.all_sent
        assert sent == min(8, acked + 3)
    assert session.all_sent
    assert {event.due_ns for event in session.log("r").events} == {None}


@pytest.mark.parametrize(("window", "held"), [(None, 30), (2, None)])
def test_only_a_schedule_can_be_held_back(window: int | None, held: int | None) -> None:
    codec = SpeechmaticsCodec(16_000)
    case = replace(CASE, pacing=Pacing(1_600))
    session = ReplaySession(prepare(case, np.zeros(3_200, np.float32), codec), codec, window)
    session.opened(0)
    session.heard(message("RecognitionStarted"), 5)
    assert session.step(300_000_000, held_ns=30)
    assert session.log("r").events[-1].detail.get("held_ns") == held


def test_first_failure_stands() -> None:
    session = begun()
    session.heard(message("Error", type="job_error", reason="first"), 1)
    session.closed(2, 1011, "later")
    assert "first" in str(session.log("r").failure)
    assert session.log("r").events[-1].kind is Kind.CLOSED
