"""The document of sessions against the service itself: every message that is sent fits, every limit is the real one."""

import json
import typing
from typing import Any

import pytest
from websockets.asyncio.client import connect
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
    said = set()
    async with Service(loudness, ServiceConfig(port=0), "0.1.0") as service, connect(service.url) as client:
        audio = speak("one two three").astype("<f4").tobytes()
        frames = [start, audio, {"message": "ForceEndOfUtterance"}, audio, {"message": "EndOfStream"}, audio, start]
        for frame in frames:
            if isinstance(frame, dict):
                jsonschema.validate(frame, schema(frame["message"]))
            await client.send(frame if isinstance(frame, bytes) else json.dumps(frame))
        try:
            while True:
                message = json.loads(await client.recv())
                jsonschema.validate(message, schema(message["message"]))
                said.add(message["message"])
        except ConnectionClosed:
            pass
    assert said >= {"RecognitionStarted", "AudioAdded", "Info", "Warning", "Error"}


def judged(name: str, value: Any) -> str:
    """What the service says of a field of transcription_config: fine, unknown, or refused."""
    config = {"language": "en", name: value}
    try:
        _, notices = read_start(StartRecognition(RAW, config), None, ("standard", "enhanced"))
    except MessageError:
        return "refused"
    return "unknown" if any("unknown fields" in notice.reason for notice in notices) else "fine"


@pytest.mark.parametrize("name", TRANSCRIPTION_CONFIG["properties"])
def test_the_service_takes_what_is_described_and_nothing_beyond(name: str) -> None:
    about = TRANSCRIPTION_CONFIG["properties"][name]
    nested = about.get("properties", {}).get("end_of_utterance_silence_trigger")
    wrap = (lambda value: {"end_of_utterance_silence_trigger": value}) if nested else (lambda value: value)
    about = nested or about
    if "minimum" in about:
        good, bad = [about["minimum"], about["maximum"]], [about["minimum"] - 0.1, about["maximum"] + 0.1, "x"]
    elif "enum" in about:
        good, bad = about["enum"], ["nonsense"]
    elif about["type"] == "boolean":
        good, bad = [True, False], ["yes"]
    else:
        good, bad = about["examples"], [7]
    assert {judged(name, wrap(value)) for value in good} == {"fine"}
    assert {judged(name, wrap(value)) for value in bad} == {"refused"}


def test_a_field_that_is_not_described_is_unknown_or_without_effect() -> None:
    assert judged("no_such_field", 1) == "unknown"
