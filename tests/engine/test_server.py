"""The service on a real port, heard by a plain WebSocket client: every way in, every way it can go wrong."""

import asyncio
import contextlib
import gc
import json
import re
import socket
import weakref
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.server import Service
from engine.service_config import ServiceConfig

START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16000},
    "transcription_config": {"language": "en", "max_delay": 1, "enable_partials": True},
}
END = {"message": "EndOfStream", "last_seq_no": 0}


@pytest.fixture
async def service(loudness: Any) -> AsyncIterator[Service]:
    config = ServiceConfig(port=0, max_sessions=3, queue_bytes=20_000, drain_timeout=0.2)
    async with Service(loudness, config, "0.1.0") as running:
        yield running


def pcm(speak: Any, text: str) -> bytes:
    data: bytes = speak(text).astype("<f4").tobytes()
    return data


async def talk(client: ClientConnection, *frames: Any) -> list[dict[str, Any]]:
    """Send everything, then read until the server closes."""
    for frame in frames:
        await client.send(frame if isinstance(frame, bytes | str) else json.dumps(frame))
    return await heard_from(client)


async def heard_from(client: ClientConnection) -> list[dict[str, Any]]:
    """Everything until the server closes."""
    messages = []
    try:
        while True:
            messages.append(json.loads(await client.recv()))
    except ConnectionClosed:
        return messages


def said(messages: list[dict[str, Any]]) -> str:
    """The words of the finals, without marks and capitals."""
    text = "".join(m["metadata"]["transcript"] for m in messages if m["message"] == "AddTranscript")
    return re.sub("[.,?]", "", text).strip().lower()


@pytest.mark.parametrize("path", ["", "/", "/en", "/en?jwt=secret&sm-sdk=x", "?jwt=secret"])
async def test_a_session_at_every_address(service: Service, speak: Any, path: str) -> None:
    async with connect(service.url + path) as client:
        data = pcm(speak, "one two three")
        frames = [data[at : at + 6_001] for at in range(0, len(data), 6_001)]  # cut inside samples
        messages = await talk(client, START, *frames, END)
    assert said(messages) == "one two three"
    assert messages[0]["message"] == "RecognitionStarted"
    assert [m["seq_no"] for m in messages if m["message"] == "AudioAdded"] == list(range(1, len(frames) + 1))
    assert messages[-1]["message"] == "EndOfTranscript"
    assert client.close_code == 1000


@pytest.mark.parametrize(
    ("query", "text"),
    [("", "One,? two,? three[.] "), ("?words=spoken", "one two three "), ("?words=any", "One,? two,? three[.] ")],
)
async def test_the_address_may_ask_for_bare_words(service: Service, speak: Any, query: str, text: str) -> None:
    async with connect(service.url + query) as client:
        messages = await talk(client, START, pcm(speak, "one two three"), END)
    told = "".join(m["metadata"]["transcript"] for m in messages if m["message"] == "AddTranscript")
    assert re.fullmatch(text, told)


@pytest.mark.parametrize(
    ("frames", "kind", "code"),
    [
        ([b"audio"], "protocol_error", 1003),
        (["{"], "invalid_message", 1003),
        (['"text"'], "invalid_message", 1003),
        ([START | {"transcription_config": {"language": "en", "model": "huge"}}], "invalid_model", 4004),
        ([START | {"audio_format": {"type": "raw", "encoding": "opus", "sample_rate": 1}}], "invalid_audio_type", 1003),
        ([START, START], "protocol_error", 1003),
        ([START | {"audio_format": {"type": "file"}}, b"not a file of audio"], "invalid_audio_type", 1003),
    ],
)
async def test_bad_input_is_one_error_and_a_close_code(service: Service, frames: Any, kind: str, code: int) -> None:
    async with connect(service.url) as client:
        messages = await talk(client, *frames)
    assert (messages[-1]["message"], messages[-1]["type"], messages[-1]["code"]) == ("Error", kind, code)
    assert client.close_code == code
    assert (await health(service, "/ready"))[1]["sessions"] == 0


async def test_a_dictionary_is_built_before_the_session_starts(service: Service, loudness: Any, speak: Any) -> None:
    vocab = [{"content": "Zyzzyva", "sounds_like": ["ziziva"]}, "ニョッキ"]
    start = START | {"transcription_config": {"language": "en", "additional_vocab": vocab}}
    async with connect(service.url) as client:
        messages = await talk(client, start, pcm(speak, "one"), END)
    assert [entry.content for config in loudness.prepared for entry in config.vocabulary] == ["Zyzzyva"]
    assert messages[0]["message"] == "RecognitionStarted"
    assert [m["type"] for m in messages if m["message"] == "Warning"] == ["validation_warning"]
    assert said(messages) == "one"


async def test_a_client_that_says_nothing_is_given_up(loudness: Any) -> None:
    async with Service(loudness, ServiceConfig(port=0, start_timeout=0.05), "0.1.0") as service:
        async with connect(service.url) as client:
            (message,) = await talk(client)
        assert (message["type"], client.close_code) == ("idle_timeout", 1008)


@pytest.mark.parametrize(
    ("frame", "kind", "code", "word"),
    [(bytes((4 << 20) + 1), "data_error", 1009, "limit"), (b"\xff\xfe", "invalid_message", 1007, "position 0")],
)
async def test_an_unreadable_frame_is_explained_and_closes_that_connection_only(
    service: Service, speak: Any, frame: bytes, kind: str, code: int, word: str
) -> None:
    client = await connect(service.url)
    await client.send(json.dumps(START))
    assert json.loads(await client.recv())["message"] == "RecognitionStarted"
    with contextlib.suppress(ConnectionClosed):  # the server may be quicker than the rest of the frame
        await client.send(frame, text=kind == "invalid_message")
    error = (await asyncio.wait_for(heard_from(client), timeout=5))[-1]
    assert (error["message"], error["type"], error["code"]) == ("Error", kind, code)
    assert word in error["reason"]
    assert client.close_code == code
    async with connect(service.url) as client:
        assert said(await talk(client, START, pcm(speak, "one"), END)) == "one"


async def test_the_session_after_the_last_is_refused(service: Service, speak: Any) -> None:
    async with connect(service.url) as one, connect(service.url) as two, connect(service.url) as three:
        for client in (one, two, three):
            await client.send(json.dumps(START))
            assert json.loads(await client.recv())["message"] == "RecognitionStarted"
        assert (await health(service, "/ready"))[0] == 503
        async with connect(service.url) as fourth:
            messages = await talk(fourth, START)
        assert [(m["message"], m["type"]) for m in messages] == [("Error", "quota_exceeded")]
        assert fourth.close_code == 4005
        assert said(await talk(one, pcm(speak, "one"), END)) == "one"
    async with connect(service.url) as later:
        assert said(await talk(later, START, pcm(speak, "two"), END)) == "two"


async def test_a_client_that_vanishes_frees_its_place(service: Service, speak: Any) -> None:
    async with connect(service.url) as client:
        await client.send(json.dumps(START))
        await client.send(pcm(speak, "one"))
        client.transport.abort()
    for _ in range(100):
        if (await health(service, "/ready"))[1]["sessions"] == 0:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the place was not freed")


async def test_a_session_that_is_over_keeps_nothing(
    service: Service, loudness: Any, speak: Any, monkeypatch: Any
) -> None:
    """Streams hold megabytes that Python does not see, so they must not wait for its collector."""
    begun, begin = [], loudness.begin

    def watched(config: Any) -> Any:
        hearing = begin(config)
        begun.append(weakref.ref(hearing))
        return hearing

    monkeypatch.setattr(loudness, "begin", watched)
    gc.disable()
    try:
        for _ in range(3):
            async with connect(service.url) as client:
                assert said(await talk(client, START, pcm(speak, "one"), END)) == "one"
        async with asyncio.timeout(60):
            while any(hearing() is not None for hearing in begun[:-1]):  # the thread's frame may still hold the last
                await asyncio.sleep(0.005)
    finally:
        gc.enable()
    assert len(begun) == 3


async def test_a_failing_stream_leaves_its_neighbour_alone(service: Service, loudness: Any, speak: Any) -> None:
    loudness.break_at = 0.5
    async with connect(service.url) as bad, connect(service.url) as good:
        await good.send(json.dumps(START))
        await good.send(pcm(speak, "one"))
        while json.loads(await good.recv())["message"] != "AddPartialTranscript":
            pass
        failed = await talk(bad, START, pcm(speak, "ten ten ten"), END)
        fine = await talk(good, pcm(speak, "two"), END)
    assert (failed[-1]["type"], bad.close_code) == ("job_error", 4013)
    assert said(fine) == "one two"


async def test_audio_sent_much_faster_than_it_is_read_is_all_heard(service: Service, speak: Any) -> None:
    text = "one two three four five six seven eight nine ten " * 10
    async with connect(service.url) as client:
        data = pcm(speak, text)
        sender = asyncio.create_task(
            talk(client, START, *(data[at : at + 3_200] for at in range(0, len(data), 3_200)), END)
        )
        messages = await sender
    assert said(messages) == text.strip()


async def health(service: Service, path: str) -> tuple[int, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{service.port}{path}")
    return answer.status_code, answer.json() if answer.text.startswith("{") else answer.text


async def test_health_is_on_the_same_port(service: Service) -> None:
    assert await health(service, "/live") == (200, "live\n")
    body = {"ready": True, "sessions": 0, "max_sessions": 3, "recogniser": "loudness", "keys_needed": False}
    assert await health(service, "/ready") == (200, body)
    status, text = await health(service, "/v1")
    assert status == 404
    assert "/v2" in text
    with pytest.raises(InvalidStatus, match="404"):
        await connect(f"ws://127.0.0.1:{service.port}/other")


async def test_a_drain_lets_running_sessions_end(loudness: Any, speak: Any) -> None:
    async with Service(loudness, ServiceConfig(port=0), "0.1.0") as service:
        async with connect(service.url) as client:
            await client.send(json.dumps(START))
            await client.recv()
            drain = asyncio.create_task(service.drain())
            await asyncio.sleep(0.05)
            with pytest.raises(OSError, match="Connect call failed"):
                await connect(service.url)
            assert said(await talk(client, pcm(speak, "one two"), END)) == "one two"
        await drain


async def test_a_drain_that_takes_too_long_closes_what_is_left(service: Service) -> None:
    async with connect(service.url) as client:
        await client.send(json.dumps(START))
        await client.recv()
        drain = asyncio.create_task(service.drain())
        await talk(client)
        assert client.close_code == 1001
        await drain


async def test_a_taken_port_is_an_os_error(loudness: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="ddress already in use"):
            async with Service(loudness, ServiceConfig(port=taken.getsockname()[1]), "0.1.0"):
                pass
