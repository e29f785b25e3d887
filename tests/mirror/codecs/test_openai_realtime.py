"""The OpenAI realtime transcription wire: our codec and the real ``openai`` package, against one server of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection

from mirror.codecs import VIOLATION, What
from mirror.codecs.openai_realtime import OpenAIRealtimeCodec
from mirror.replay import replay
from testsets import audio
from testsets.case import Case
from testsets.encoding import encode
from testsets.events import Kind

PREFIX = "conversation.item.input_audio_transcription"
USAGE = {"type": "duration", "seconds": 1.0}


class Server:
    """A realtime server whose turn detection commits every third packet."""

    def __init__(self) -> None:
        self.queries: list[dict[str, list[str]]] = []
        self.heard: list[list[dict[str, Any]]] = []
        self.audio: list[bytes] = []

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.queries.append(parse_qs(urlsplit(connection.request.path).query))
        frames: list[dict[str, Any]] = []
        self.heard.append(frames)
        buffered, items, total = 0, 0, b""

        async def say(kind: str, **fields: Any) -> None:
            await connection.send(json.dumps({"type": kind, "event_id": "e", **fields}))

        async def commit() -> None:
            nonlocal buffered, items
            items, buffered = items + 1, 0
            item = {"item_id": f"item{items}"}
            await say("input_audio_buffer.committed", previous_item_id=None, **item)
            await say(f"{PREFIX}.delta", content_index=0, delta="turn ", **item)
            await say(f"{PREFIX}.delta", content_index=0, delta=f"number {items}", **item)
            await say(f"{PREFIX}.completed", content_index=0, transcript=f"turn number {items}", usage=USAGE, **item)

        await say("session.created", session={"type": "transcription", "id": "s", "object": "x"})
        async for frame in connection:
            body = json.loads(frame)
            frames.append(body)
            match body["type"]:
                case "session.update":
                    await say("session.updated", session=body["session"])
                case "input_audio_buffer.append":
                    total += base64.b64decode(body["audio"])
                    buffered += 1
                    if buffered == 3:
                        await say("input_audio_buffer.speech_stopped", audio_end_ms=1, item_id="x")
                        await commit()
                case "input_audio_buffer.commit" if buffered:
                    await commit()
                case "input_audio_buffer.commit":
                    error = {"type": "invalid_request_error", "code": "input_audio_buffer_commit_empty"}
                    await say("error", error={**error, "message": "buffer too small"})
                case "input_audio_buffer.clear":
                    self.audio.append(total)
                    await say("input_audio_buffer.cleared")


@pytest.mark.parametrize(("seconds", "turns"), [(0.3, 1), (0.5, 2)])
async def test_whole_session(
    listening: Callable[..., Any], make_case: Callable[..., Case], seconds: float, turns: int
) -> None:
    case, server = make_case(seconds=seconds), Server()
    samples, _ = audio.read(case.audio.path)
    async with listening(server) as url:
        log = await replay(case, samples, f"openai+{url}/v1/realtime?model=whisper-9", token="SECRET")
    assert server.queries == [{"intent": ["transcription"]}]
    asked = server.heard[0][0]["session"]["audio"]["input"]
    assert asked["transcription"] == {"model": "whisper-9", "language": "en"}
    assert asked["format"] == {"type": "audio/pcm", "rate": 24_000}
    assert server.audio == [encode(audio.resample(samples, 16_000, 24_000), "pcm_s16le")]
    assert log.failure is None
    assert log.transcript.text == " ".join(f"turn number {turn}" for turn in range(1, turns + 1))
    partials = [event.words[-1].text for event in log.events if event.kind is Kind.PARTIAL]
    assert partials == [text for turn in range(1, turns + 1) for text in ("turn", str(turn))]
    kinds = [event.kind for event in log.events]
    assert kinds.index(Kind.STARTED) < kinds.index(Kind.AUDIO)
    assert kinds[-1] is Kind.ENDED


async def test_the_real_sdk_hears_the_same(listening: Callable[..., Any], make_case: Callable[..., Case]) -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed (extra: dev)")
    case, server = make_case(seconds=0.5), Server()
    samples, _ = audio.read(case.audio.path)
    wire = encode(audio.resample(samples, 16_000, 24_000), "pcm_s16le")
    pcm = {"type": "audio/pcm", "rate": 24_000}
    settings_ = {"format": pcm, "transcription": {"model": "gpt-4o-transcribe", "language": "en"}}
    texts: list[str] = []
    async with listening(server) as url:
        base = f"{url.replace('ws', 'http')}/v1"
        async with (
            openai.AsyncOpenAI(api_key="SECRET", base_url=base) as client,
            client.realtime.connect(extra_query={"intent": "transcription"}) as connection,
        ):
            await connection.session.update(session={"type": "transcription", "audio": {"input": settings_}})
            for start in range(0, len(wire), 4_800):
                await connection.input_audio_buffer.append(audio=base64.b64encode(wire[start : start + 4_800]).decode())
            await connection.input_audio_buffer.commit()
            while len(texts) < 2:
                event = await connection.recv()
                if event.type == f"{PREFIX}.completed":
                    texts.append(event.transcript)
        log = await replay(case, samples, f"openai+{url}/v1/realtime")
    assert " ".join(texts) == log.transcript.text
    theirs, ours = ([OpenAIRealtimeCodec(1).said(json.dumps(body)) for body in bodies] for bodies in server.heard)
    assert [said.what for said in theirs] == [What.START, *[What.AUDIO] * 5, What.END]
    assert theirs == ours[:-1]  # ours says clear once more


async def test_refused_session(listening: Callable[..., Any], make_case: Callable[..., Case]) -> None:
    async def refuse(connection: ServerConnection) -> None:
        error = {"type": "invalid_request_error", "code": None, "message": "no such model"}
        await connection.send(json.dumps({"type": "error", "error": error}))
        await connection.wait_closed()

    async with listening(refuse) as url:
        log = await replay(make_case(), np.zeros(8_000, np.float32), f"openai+{url}/v1/realtime")
    assert log.failure == "the recogniser reported invalid_request_error: no such model after 0.00 of 0.50 s of audio"


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.text(), st.binary(), st.dictionaries(st.sampled_from(["error", "delta"]), st.text()).map(json.dumps))
)
def test_any_frame_is_understood_or_a_violation(frame: str | bytes) -> None:
    found = OpenAIRealtimeCodec(16_000).heard(frame, 7)
    assert VIOLATION in found[0].detail or found[0].kind is Kind.OTHER
    assert isinstance(OpenAIRealtimeCodec(1).said(frame).what, What)


def test_audio_that_is_no_base64() -> None:
    for bad in ("\u00e9", 7, "abc"):
        said = OpenAIRealtimeCodec(1).said(json.dumps({"type": "input_audio_buffer.append", "audio": bad}))
        assert said.what is What.OTHER
