"""The session as scripts: messages and reports in, actions out."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.protocol import ErrorType, MessageError, encode, parse_client
from engine.report import Report, UtteranceEnd
from engine.session import Close, Configure, Finish, Flush, Send, Session

START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
    "transcription_config": {"language": "en", "max_delay": 1, "enable_partials": True},
}
END = {"message": "EndOfStream", "last_seq_no": 0}


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int
    confidence: float = 0.5


ONE, TWO = Word("one", 0, 8_000), Word("two", 8_000, 16_000)
TWENTY = Word("twenty", 8_000, 16_000)


def session() -> Session:
    return Session("id-1", "0.1.0")


def session_of(start: dict[str, Any]) -> Session:
    started = session()
    play(started, start)
    return started


def play(session: Session, *script: Any) -> list[Any]:
    """Bytes are audio, dictionaries are JSON, reports come from the engine; messages come back as dictionaries."""
    out: list[Any] = []
    for item in script:
        if isinstance(item, Report):
            actions = session.report(item)
        else:
            actions = session.receive(parse_client(item if isinstance(item, bytes) else json.dumps(item)))
        out += [json.loads(encode(a.message)) if isinstance(a, Send) else a for a in actions]
    return out


def names(actions: list[Any]) -> list[str]:
    return [action["message"] if isinstance(action, dict) else type(action).__name__ for action in actions]


def test_a_whole_session() -> None:
    out = play(
        session(),
        START,
        bytes(3_200),
        Report(partials=(ONE,), decoded=5_120),
        bytes(3_200),
        Report(finals=(ONE,), partials=(TWO,), decoded=20_480),
        END,
        Report(finals=(TWO,), decoded=24_000, ended=True),
    )
    assert names(out) == [
        "Open", "RecognitionStarted", "Info", "Feed", "AudioAdded", "AddPartialTranscript", "Feed", "AudioAdded",
        "AddTranscript", "AddPartialTranscript", "Finish", "AddTranscript", "EndOfTranscript", "Close",
    ]  # fmt: skip
    assert (out[1]["id"], out[1]["model"]) == ("id-1", "standard")
    assert [message["seq_no"] for message in out if isinstance(message, dict) and "seq_no" in message] == [1, 2]
    assert out[-1] == Close(1000, "the transcript is complete")


def test_bare_words_are_written_as_the_specification_says() -> None:
    started = Session("id-1", "0.1.0", spoken=True)
    play(started, START)
    (message,) = play(started, Report(finals=(ONE, TWO), decoded=20_480))
    assert message == {
        "message": "AddTranscript",
        "format": "2.9",
        "metadata": {"start_time": 0.0, "end_time": 1.0, "transcript": "one two "},
        "results": [
            {
                "type": "word",
                "start_time": start,
                "end_time": end,
                "alternatives": [{"content": text, "confidence": 0.5, "language": "en"}],
            }
            for text, start, end in (("one", 0.0, 0.5), ("two", 0.5, 1.0))
        ],
    }


def test_a_final_is_written_as_the_specification_says() -> None:
    started = session()
    config = {"language": "en", "enable_entities": True}
    play(started, START | {"transcription_config": config})
    words = (Word("um", 0, 4_000), Word("twenty", 4_000, 8_000), Word("dollars", 8_000, 16_000, 0.25))
    message, end = play(started, Report(finals=words, utterance_end=UtteranceEnd(16_000, False), decoded=16_000))
    assert message["metadata"] == {"start_time": 0.0, "end_time": 1.0, "transcript": "Um, $20. "}
    um, comma, entity, stop = message["results"]
    assert um["alternatives"][0]["tags"] == ["disfluency"]
    assert (comma["attaches_to"], comma["is_eos"], stop["is_eos"]) == ("previous", False, True)
    assert {name: value for name, value in stop.items() if name != "alternatives"} == {
        "type": "punctuation", "start_time": 1.0, "end_time": 1.0, "attaches_to": "previous", "is_eos": True,
    }  # fmt: skip
    written = {
        "type": "word",
        "start_time": 0.25,
        "end_time": 1.0,
        "alternatives": [{"content": "$20", "confidence": 0.25, "language": "en"}],
    }
    assert entity == written | {
        "type": "entity",
        "entity_class": "money",
        "written_form": [written],
        "spoken_form": [
            {
                "type": "word",
                "start_time": start,
                "end_time": end,
                "alternatives": [{"content": text, "confidence": sure, "language": "en"}],
            }
            for text, start, end, sure in (("twenty", 0.25, 0.5, 0.5), ("dollars", 0.5, 1.0, 0.25))
        ],
    }
    assert end["message"] == "EndOfUtterance"


def test_the_words_that_follow_decide_what_is_written() -> None:
    started = session()
    play(started, START | {"transcription_config": {"language": "en"}})
    later = Word("dollars", 16_000, 24_000)
    cut, whole = (
        Report(finals=(TWENTY,), upcoming=(later,)),
        Report(finals=(TWENTY,), upcoming=(Word("men", 17_000, 18_000),)),
    )
    assert play(started, cut)[0]["metadata"]["transcript"] == "Twenty "
    assert play(session_of(START), whole)[0]["metadata"]["transcript"] == "20 "


def test_partials_are_sent_when_asked_for_and_only_when_new() -> None:
    quiet = session()
    play(quiet, START | {"transcription_config": {"language": "en"}})
    assert play(quiet, Report(partials=(ONE,))) == []
    started = session()
    play(started, START)
    assert names(play(started, Report(partials=(ONE,)), Report(partials=(ONE,)))) == ["AddPartialTranscript"]
    rest = play(started, Report(finals=(ONE,)), Report())
    assert names(rest) == ["AddTranscript", "AddPartialTranscript"]
    assert rest[1]["results"] == []


def test_the_end_of_an_utterance_follows_its_final() -> None:
    started = session()
    play(started, START)
    out = play(started, Report(finals=(ONE,), utterance_end=UtteranceEnd(16_000, forced=False), decoded=16_000))
    assert out[:2] == [out[0], {"message": "EndOfUtterance", "metadata": {"start_time": 1.0, "end_time": 1.0}}]


def test_a_forced_end_answers_even_without_words() -> None:
    started = session()
    out = play(started, START, {"message": "ForceEndOfUtterance", "timestamp": 1.5}, {"message": "ForceEndOfUtterance"})
    assert out[-2:] == [Flush(24_000), Flush(None)]
    out = play(started, Report(utterance_end=UtteranceEnd(24_000, forced=True), decoded=25_600))
    assert [(message["message"], message["forced"]) for message in out] == [
        ("AddTranscript", True),
        ("EndOfUtterance", True),
    ]


def test_a_change_of_configuration_reaches_the_engine() -> None:
    change = {"message": "SetRecognitionConfig", "transcription_config": {"language": "en", "max_delay": 2}}
    out = play(session(), START, change)
    assert isinstance(out[-1], Configure)
    assert out[-1].config.max_delay == 32_000


def test_the_model_that_serves_is_told() -> None:
    both = Session("id-1", "0.1.0", models=("standard", "enhanced"))
    asked = {"language": "en", "model": "enhanced"}
    out = play(both, START | {"transcription_config": asked})
    assert (out[0].config.model, out[1]["model"]) == ("enhanced", "enhanced")
    change = {"message": "SetRecognitionConfig", "transcription_config": {"model": "standard"}}
    assert play(both, change)[0].config.model == "standard"


def test_speakers_are_none_now_and_at_the_end() -> None:
    started = session()
    ask = {"message": "GetSpeakers"}
    assert names(play(started, START, ask))[-1] == "SpeakersResult"
    out = play(started, ask | {"final": True}, ask | {"final": True}, END, Report(ended=True))
    assert names(out) == ["Finish", "SpeakersResult", "EndOfTranscript", "Close"]


def failure(*script: Any) -> tuple[str, int]:
    out = play(session(), *script)
    error, close = out[-2:]
    assert error["message"] == "Error"
    assert error["code"] == close.code
    assert error["reason"]
    return error["type"], close.code


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        ([bytes(10)], "protocol_error", 1003),
        ([END], "protocol_error", 1003),
        ([{"message": "Hello"}], "protocol_error", 1003),
        ([START, START], "protocol_error", 1003),
        ([START, END, END], "protocol_error", 1003),
        ([START, END, START], "protocol_error", 1003),
        ([START, {"message": "Hello"}], "invalid_message", 1003),
        ([START, {"message": "AddChannelAudio", "channel": "a", "data": ""}], "not_allowed", 4003),
        ([START, {"message": "ForceEndOfUtterance", "timestamp": -1}], "invalid_message", 1003),
        ([START | {"transcription_config": {"language": "en", "model": "best"}}], "invalid_model", 4004),
        ([START | {"transcription_config": {"language": "xx"}}], "invalid_language", 4004),
        ([START | {"transcription_config": {}}], "invalid_config", 1003),
        ([START | {"audio_format": {"type": "raw"}}], "invalid_audio_type", 1003),
        ([START, Report(error=MessageError(ErrorType.JOB_ERROR, "no"))], "job_error", 4013),
    ],
)
def test_a_failure_is_an_error_and_its_close_code(script: list[Any], kind: str, code: int) -> None:
    assert failure(*script) == (kind, code)


CHANNELS = START | {
    "transcription_config": {
        "language": "en", "diarization": "channel", "channel_diarization_labels": ["agent", "caller"],
    }
}  # fmt: skip


def channel_audio(channel: str, data: bytes = b"audio") -> dict[str, str]:
    return {"message": "AddChannelAudio", "channel": channel, "data": base64.b64encode(data).decode()}


def test_a_session_of_channels() -> None:
    played = Session("id-1", "0.1.0", spoken=True)
    opened, started, _ = play(played, CHANNELS)
    assert (opened.config.channels, started["channel_ids"]) == (("agent", "caller"), ["agent", "caller"])
    out = play(played, channel_audio("agent"), channel_audio("caller", b"x"), channel_audio("agent"))
    assert [(feed.data, feed.channel) for feed in out[::2]] == [
        (b"audio", "agent"),
        (b"x", "caller"),
        (b"audio", "agent"),
    ]
    assert [(added["channel"], added["seq_no"]) for added in out[1::2]] == [("agent", 1), ("caller", 1), ("agent", 2)]
    end = {"message": "EndOfChannel", "last_seq_no": 2}
    assert play(played, end | {"channel": "agent"}) == [Finish("agent")]
    assert names(play(played, channel_audio("agent"), channel_audio("agent"))) == ["Warning"]
    flush = {"message": "ForceEndOfUtterance"}
    assert play(played, flush) == [Flush(None, "caller")]
    assert play(played, flush | {"channel": "caller", "timestamp": 1}) == [Flush(16_000, "caller")]
    assert play(played, end | {"channel": "caller"}, {"message": "EndOfStream", "last_seq_no": 3}) == [Finish("caller")]
    (final,) = [json.loads(encode(a.message)) for a in played.report(Report(finals=(ONE,), ended=True), "caller")]
    assert (final["channel"], final["results"][0]["channel"]) == ("caller", "caller")
    assert names(play_actions(played.report(Report(ended=True), "agent"))) == ["EndOfTranscript", "Close"]


def play_actions(actions: list[Any]) -> list[Any]:
    return [json.loads(encode(a.message)) if isinstance(a, Send) else a for a in actions]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([CHANNELS, bytes(10)], "not_allowed"),
        ([CHANNELS, channel_audio("nobody")], "invalid_message"),
        ([CHANNELS, channel_audio("agent") | {"data": "no base64!"}], "invalid_message"),
        ([CHANNELS, {"message": "ForceEndOfUtterance", "channel": "nobody"}], "invalid_message"),
        ([CHANNELS, *[{"message": "EndOfChannel", "channel": "agent", "last_seq_no": 0}] * 2], "protocol_error"),
        ([START, {"message": "ForceEndOfUtterance", "channel": "agent"}], "not_allowed"),
    ],
)
def test_channels_are_checked(script: list[Any], kind: str) -> None:
    assert failure(*script)[0] == kind


def test_the_end_of_the_stream_ends_every_channel() -> None:
    out = play(session(), CHANNELS, {"message": "EndOfChannel", "channel": "caller", "last_seq_no": 0}, END)
    assert out[-2:] == [Finish("caller"), Finish("agent")]


def test_words_tell_their_volume_where_it_was_measured() -> None:
    started = Session("id-1", "0.1.0", spoken=True)
    play(started, START)
    (message,) = play(started, Report(finals=(ONE, TWO), volumes={0: 12.34}))[:1]
    assert [result.get("volume") for result in message["results"]] == [12.34, None]


def test_audio_after_the_end_is_warned_about_once_and_not_acknowledged() -> None:
    out = play(session(), START, bytes(10), END, bytes(10), bytes(10))
    assert names(out)[-2:] == ["Finish", "Warning"]
    assert out[-1]["type"] == "add_audio_after_eos"


def test_nothing_is_said_after_the_end() -> None:
    over = session()
    play(over, bytes(10))
    assert over.over
    assert play(over, START, bytes(10), END, Report(finals=(ONE,))) == []
    assert over.fail(MessageError(ErrorType.JOB_ERROR, "late")) == []


def test_a_report_before_the_start_says_nothing() -> None:
    assert play(session(), Report(finals=(ONE,))) == []


ITEM = st.sampled_from(
    [
        START,
        END,
        b"",
        bytes(7),
        {"message": "GetSpeakers", "final": True},
        {"message": "ForceEndOfUtterance"},
        {"message": "SetRecognitionConfig", "transcription_config": {"max_delay": 2}},
        {"message": "SetRecognitionConfig", "transcription_config": {"language": "de"}},
        {"message": "EndOfChannel", "channel": "a"},
        Report(finals=(ONE,)),
        Report(partials=(ONE,)),
        Report(utterance_end=UtteranceEnd(1, True)),
        Report(ended=True),
        Report(error=MessageError(ErrorType.JOB_ERROR, "no")),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ITEM, max_size=12))
def test_any_order_of_events_ends_cleanly(script: list[Any]) -> None:
    played = session()
    out = play(played, *script)
    kinds = names(out)
    assert kinds.count("Close") == (1 if played.over else 0)
    assert kinds.count("Open") <= 1
    assert kinds.count("Finish") <= 1
    assert kinds.count("AudioAdded") == kinds.count("Feed")
    if "Close" in kinds:
        assert kinds[-1] == "Close"
        assert kinds[-2] in ("Error", "EndOfTranscript")
