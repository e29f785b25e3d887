"""The document of sessions against the service itself: every message that is sent fits, every limit is the real one."""

import json
import typing
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from engine.operations.documents.asyncapi import asyncapi
from engine.operations.documents.configuration import TRANSCRIPTION_CONFIG
from engine.protocol import ClientMessage, MessageError, ServerMessage, StartRecognition, Unknown
from engine.server import Service
from engine.service_config import ServiceConfig
from engine.session_config import read_start

DOCUMENT = asyncapi("0.1.0", "localhost:9000", secure=False, guarded=True)
RAW = {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16_000}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name]
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > 50
    for reference in found:
        node: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_message_of_the_protocol_is_described() -> None:
    for union, operation in ((ClientMessage, "receive"), (ServerMessage, "send")):
        kinds = {kind.__name__ for kind in typing.get_args(union) if kind is not Unknown}
        listed = {each["$ref"].rpartition("/")[2] for each in DOCUMENT["operations"][operation]["messages"]}
        assert kinds == listed
    assert all(message["summary"] for message in DOCUMENT["components"]["messages"].values())


def test_every_schema_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra: dev)")
    for name in DOCUMENT["components"]["schemas"]:
        jsonschema.Draft202012Validator.check_schema(schema(name))
        assert schema(name)["properties"]["message"] == {"const": name}


async def test_what_a_real_session_says_fits_the_document(loudness: Any, speak: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra: dev)")
    config = {"language": "en-gb", "max_delay": 1, "enable_partials": True, "no_such_field": 1}
    start = {"message": "StartRecognition", "audio_format": RAW, "transcription_config": config}
    audio = speak("one two three").astype("<f4").tobytes()
    whole = [start, audio, {"message": "ForceEndOfUtterance"}, audio, {"message": "EndOfStream"}]
    said = set()
    async with Service(loudness, ServiceConfig(port=0), "0.1.0") as service:
        for frames in (whole, [start, start]):
            async with connect(service.url) as client:
                for frame in frames:
                    if isinstance(frame, dict):
                        jsonschema.validate(frame, schema(frame["message"]))
                    await client.send(frame if isinstance(frame, bytes) else json.dumps(frame))
                for message in await everything(client):
                    jsonschema.validate(message, schema(message["message"]))
                    said.add(message["message"])
    assert said >= {"RecognitionStarted", "AudioAdded", "AddTranscript", "EndOfUtterance", "EndOfTranscript"}
    assert said >= {"AddPartialTranscript", "Info", "Warning", "Error"}


async def everything(client: ClientConnection) -> list[dict[str, Any]]:
    """All messages until the service closes."""
    messages = []
    try:
        while True:
            messages.append(json.loads(await client.recv()))
    except ConnectionClosed:
        return messages


SAMPLES: dict[str, list[Any]] = {
    "language": ["en", "en-GB", "fr", 7],
    "max_delay": [0.7, 4, "steady", 0.6, 4.1, "slow", True],
    "max_delay_mode": ["flexible", "fixed", "other"],
    "enable_partials": [True, False, "yes", 1],
    "conversation_config": [
        {}, {"end_of_utterance_silence_trigger": 2}, {"end_of_utterance_silence_trigger": 2.1}, 3,
        {"end_of_utterance_silence_trigger": "x"},
    ],
    "audio_filtering_config": [
        {}, {"volume_threshold": 100}, {"volume_threshold": None}, {"volume_threshold": 101}, [],
        {"volume_threshold": -1},
    ],
    "model": ["standard", "enhanced", "huge"],
    "operating_point": ["standard", "enhanced", "huge"],
    "diarization": ["none", "channel", "speaker", "channel_and_speaker", "other"],
    "channel_diarization_labels": [["a"], ["a", "b"], [], ["a", "a"], [""], ["a" * 101], list("abcdefghi"), "a"],
    "additional_vocab": [
        [], ["word"], [{"content": "word", "sounds_like": ["wurd"]}], ["word"] * 1_001, "word", [{}], [" "], [7],
        [{"content": "word", "weight": 2}], [{"content": "word", "sounds_like": "wurd"}],
    ],
    "enable_entities": [True, "yes"],
    "permitted_marks": [["all"], [",", "."], "all", [1]],
    "punctuation_overrides": [{}, {"sensitivity": 1, "permitted_marks": ["."]}, {"sensitivity": 1.1}, "x"],
    "transcript_filtering_config": [
        {}, {"remove_disfluencies": True}, {"replacements": [{"from": "a", "to": "b"}]}, {"remove_disfluencies": "x"},
        {"replacements": [{"from": "", "to": "b"}]}, {"replacements": [{"from": "a"}]}, {"replacements": "x"},
    ],
}  # fmt: skip


def config_with(name: str, value: Any) -> dict[str, Any]:
    more = {"diarization": "channel"} if name == "channel_diarization_labels" else {}
    return {"language": "en", **more, name: value}


def takes(config: dict[str, Any]) -> bool:
    """Whether the service takes a transcription_config, with every field known to it."""
    try:
        _, notices = read_start(StartRecognition(RAW, config), None, ("standard", "enhanced"))
    except MessageError:
        return False
    return not any("unknown fields" in notice.reason for notice in notices)


@pytest.mark.parametrize("name", TRANSCRIPTION_CONFIG["properties"])
def test_the_service_takes_exactly_what_is_described(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (extra: dev)")
    validator = jsonschema.Draft202012Validator(TRANSCRIPTION_CONFIG)
    judged = [(value, takes(config_with(name, value))) for value in SAMPLES[name]]
    assert {taken for _, taken in judged} == {True, False}
    assert judged == [(value, validator.is_valid(config_with(name, value))) for value in SAMPLES[name]]


def test_another_field_is_unknown() -> None:
    assert not takes({"language": "en", "no_such_field": 1})
