"""The wire: round trips, real frames, malformed frames, and what importing it may load."""

import contextlib
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import protocol

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECT = st.dictionaries(st.text(), JSON, max_size=4)
EXTRA = st.dictionaries(st.text(min_size=1).map(lambda name: "x_" + name), JSON, max_size=2)
SECONDS = st.floats(0, 1e6)
MAYBE_TEXT = st.none() | st.text()
MAYBE_TRUE = st.none() | st.booleans()

ALTERNATIVE = st.builds(
    protocol.Alternative, content=st.text(), confidence=st.none() | st.floats(0, 1), language=MAYBE_TEXT,
    speaker=MAYBE_TEXT, extra=EXTRA,
)  # fmt: skip
RESULT = st.builds(
    protocol.Result, type=st.sampled_from(["word", "punctuation", "entity"]), start_time=SECONDS, end_time=SECONDS,
    alternatives=st.lists(ALTERNATIVE, max_size=2).map(tuple), attaches_to=MAYBE_TEXT,
    is_eos=st.none() | st.booleans(), extra=EXTRA,
)  # fmt: skip
METADATA = st.builds(
    protocol.TranscriptMetadata, start_time=SECONDS, end_time=SECONDS, transcript=st.text(), extra=EXTRA
)
RESULTS = st.lists(RESULT, max_size=3).map(tuple)
CODE = st.none() | st.integers(0, 5000)
NOTICE = {"type": st.text(), "reason": st.text(), "code": CODE, "seq_no": CODE, "extra": EXTRA}

CLIENT = st.one_of(
    st.builds(
        protocol.StartRecognition, audio_format=OBJECT, transcription_config=OBJECT,
        translation_config=st.none() | OBJECT, audio_events_config=st.none() | OBJECT, extra=EXTRA,
    ),
    st.builds(protocol.AddAudio, data=st.binary(max_size=50)),
    st.builds(protocol.AddChannelAudio, channel=st.text(), data=st.text(), extra=EXTRA),
    st.builds(protocol.EndOfStream, last_seq_no=st.none() | st.integers(0, 2**40), extra=EXTRA),
    st.builds(protocol.EndOfChannel, channel=st.text(), last_seq_no=st.none() | st.integers(0, 9), extra=EXTRA),
    st.builds(protocol.ForceEndOfUtterance, timestamp=st.none() | SECONDS, channel=MAYBE_TEXT, extra=EXTRA),
    st.builds(protocol.SetRecognitionConfig, transcription_config=OBJECT, extra=EXTRA),
    st.builds(protocol.GetSpeakers, final=st.none() | st.booleans(), extra=EXTRA),
    st.builds(protocol.Unknown, message=st.text().map(lambda name: "New" + name), body=EXTRA),
)  # fmt: skip
SERVER = st.one_of(
    st.builds(protocol.RecognitionStarted, id=MAYBE_TEXT, orchestrator_version=MAYBE_TEXT, extra=EXTRA),
    st.builds(protocol.AudioAdded, seq_no=st.integers(0, 2**40), extra=EXTRA),
    st.builds(protocol.ChannelAudioAdded, channel=st.text(), seq_no=st.integers(0, 9), extra=EXTRA),
    st.builds(protocol.AddPartialTranscript, metadata=METADATA, results=RESULTS, format=MAYBE_TEXT, extra=EXTRA),
    st.builds(protocol.AddTranscript, metadata=METADATA, results=RESULTS, forced=MAYBE_TRUE, extra=EXTRA),
    st.builds(
        protocol.EndOfUtterance,
        metadata=st.builds(protocol.UtteranceMetadata, start_time=SECONDS, end_time=st.none() | SECONDS, extra=EXTRA),
        extra=EXTRA,
    ),
    st.builds(protocol.EndOfTranscript, extra=EXTRA),
    st.builds(protocol.SpeakersResult, speakers=st.lists(OBJECT, max_size=2).map(tuple), extra=EXTRA),
    st.builds(protocol.Info, **NOTICE),
    st.builds(protocol.Warning, **NOTICE),
    st.builds(protocol.Error, **NOTICE),
    st.builds(protocol.Unknown, message=st.text().map(lambda name: "New" + name), body=EXTRA),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(CLIENT)
def test_client_messages_survive_the_wire(message: protocol.ClientMessage) -> None:
    assert protocol.parse_client(protocol.encode(message)) == message


@settings(max_examples=50, deadline=None)
@given(SERVER)
def test_server_messages_survive_the_wire(message: protocol.ServerMessage) -> None:
    frame = protocol.encode(message)
    assert isinstance(frame, str)
    assert protocol.parse_server(frame) == message
    assert protocol.parse_server(frame.encode()) == message


@settings(max_examples=50, deadline=None)
@given(st.text() | JSON.map(json.dumps) | OBJECT.map(lambda body: json.dumps({"message": "StartRecognition", **body})))
def test_any_text_is_a_message_or_a_message_error(text: str) -> None:
    for parse in (protocol.parse_client, protocol.parse_server):
        with contextlib.suppress(protocol.MessageError):  # anything else is a failure
            parse(text)


@settings(max_examples=50, deadline=None)
@given(st.binary())
def test_any_bytes_from_a_server_are_a_message_or_a_message_error(frame: bytes) -> None:
    with contextlib.suppress(protocol.MessageError):  # anything else is a failure
        protocol.parse_server(frame)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "malformed JSON"),
        ("[1]", "must be a JSON object, got list"),
        ("{}", "no string field 'message'"),
        ('{"message": 3}', "no string field 'message'"),
        ('{"message": "StartRecognition", "audio_format": {}}', "no field 'transcription_config'"),
        ('{"message": "StartRecognition", "audio_format": "raw", "transcription_config": {}}', "must be an object"),
        ('{"message": "EndOfStream", "last_seq_no": "7"}', "EndOfStream.last_seq_no must be an integer, got '7'"),
        ('{"message": "EndOfStream", "last_seq_no": true}', "must be an integer"),
        ('{"message": "ForceEndOfUtterance", "timestamp": NaN}', "NaN is not JSON"),
        ('{"message": "ForceEndOfUtterance", "timestamp": 1e999}', "must be a number"),
        ('{"message": "ForceEndOfUtterance", "timestamp": ' + "9" * 400 + "}", "sensible size"),
        ('{"message": "EndOfStream", "last_seq_no": ' + "9" * 5000 + "}", "malformed JSON"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_malformed_text_says_what_is_wrong(text: str, reason: str) -> None:
    with pytest.raises(protocol.MessageError, match="invalid_message") as caught:
        protocol.parse_client(text)
    assert reason in caught.value.reason


def test_null_means_not_given() -> None:
    assert protocol.parse_client('{"message": "EndOfStream", "last_seq_no": null}') == protocol.EndOfStream()


def test_a_start_is_read_as_the_specification_shows_it() -> None:
    message = protocol.parse_client(
        json.dumps(
            {
                "message": "StartRecognition",
                "audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16000},
                "transcription_config": {"language": "en", "max_delay": 1.0, "enable_partials": True},
                "audio_events_config": {"types": ["applause"]},
            }
        )
    )
    assert isinstance(message, protocol.StartRecognition)
    assert protocol.parse_audio_format(message.audio_format) == protocol.AudioFormat(
        protocol.AudioType.PCM_F32LE, 16_000
    )
    assert message.transcription_config["max_delay"] == 1.0
    assert message.audio_events_config == {"types": ["applause"]}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"type": "mp3"},
        {"type": "raw", "encoding": "pcm_s24le", "sample_rate": 16000},
        {"type": "raw", "encoding": "pcm_s16le"},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 7999},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 48001},
        {"type": "raw", "encoding": "pcm_s16le", "sample_rate": "16000"},
        {"type": "raw", "encoding": ["pcm_s16le"], "sample_rate": 16000},
    ],
)
def test_other_audio_formats_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(protocol.MessageError) as caught:
        protocol.parse_audio_format(value)
    assert caught.value.type is protocol.ErrorType.INVALID_AUDIO_TYPE


@pytest.mark.parametrize("kind", list(protocol.AudioType))
def test_audio_formats_survive_the_wire(kind: protocol.AudioType) -> None:
    rate = None if kind is protocol.AudioType.FILE else 8_000
    value = protocol.AudioFormat(kind, rate)
    assert protocol.parse_audio_format(value.as_message()) == value


def test_close_codes_are_those_of_the_specification() -> None:
    codes = {str(kind): int(protocol.close_code(kind)) for kind in protocol.ErrorType}
    assert codes["protocol_error"] == codes["invalid_message"] == codes["invalid_config"] == 1003
    assert (codes["not_authorised"], codes["not_allowed"], codes["invalid_model"]) == (4001, 4003, 4004)
    assert (codes["quota_exceeded"], codes["timelimit_exceeded"], codes["job_error"]) == (4005, 4006, 4013)
    assert (codes["idle_timeout"], codes["unknown_error"]) == (1008, 1011)


def test_importing_the_protocol_loads_no_heavy_package() -> None:
    code = (
        "import sys, engine.protocol; "
        "print([n for n in ('torch', 'onnxruntime', 'numpy', 'numba', 'websockets') if n in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
