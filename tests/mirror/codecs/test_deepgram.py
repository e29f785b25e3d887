"""The Deepgram live wire: our codec and the real ``deepgram-sdk``, against one server of that protocol."""

from __future__ import annotations

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
from mirror.codecs.deepgram import KEEP_ALIVE_NS, DeepgramCodec
from mirror.replay import probe, replay
from mirror.replay.script import prepare
from mirror.replay.session import ReplaySession
from testsets import audio
from testsets.case import AudioRef, Case, Pacing, SentFrame
from testsets.encoding import encode
from testsets.events import Event, Kind

METADATA = {
    "type": "Metadata", "transaction_key": "deprecated", "request_id": "1", "sha256": "2",
    "created": "2026-01-01T00:00:00Z", "duration": 0.5, "channels": 1,
}  # fmt: skip


def results(number: int, **given: Any) -> dict[str, Any]:
    """Streaming Results for packet ``number`` of 100 ms."""
    start = (number - 1) / 10
    word = {"word": f"word{number}", "start": start, "end": number / 10, "confidence": 0.5, "speaker": 1,
            "punctuated_word": f"Word{number}."}  # fmt: skip
    best = {"transcript": f"Word{number}.", "confidence": 0.5, "words": [word]}
    info = {"name": "m", "version": "1", "arch": "a"}
    metadata = {"request_id": "1", "model_uuid": "2", "model_info": info}
    return {"type": "Results", "channel_index": [0, 1], "duration": 0.1, "start": start, "is_final": False,
            "speech_final": False, "channel": {"alternatives": [best]}, "metadata": metadata, **given}  # fmt: skip


class Server:
    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, list[str]], str]] = []
        self.heard: list[list[str | bytes]] = []

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        self.requests.append((query, connection.request.headers.get("Authorization", "")))
        frames: list[str | bytes] = []
        self.heard.append(frames)
        async for frame in connection:
            frames.append(frame)
            packets = sum(isinstance(f, bytes) for f in frames)
            if isinstance(frame, bytes):
                final = packets % 2 == 0
                await connection.send(json.dumps(results(packets, is_final=final, speech_final=final)))
            elif json.loads(frame)["type"] == "CloseStream":
                await connection.send(json.dumps(results(packets, is_final=True, from_finalize=False)))
                await connection.send(json.dumps(METADATA))
                return


async def test_whole_session(listening: Callable[..., Any], make_case: Callable[..., Case]) -> None:
    case, server = make_case(seconds=0.3, rate=8_000, packet=800, config={"diarization": "speaker"}), Server()
    samples, _ = audio.read(case.audio.path)
    async with listening(server) as url:
        await probe(f"deepgram+{url}/v1/listen", "SECRET")
        address = f"deepgram+{url}/v1/listen?model=nova-3&language=en-GB"
        log = await replay(case, samples, address, token="SECRET")
    (_, _), (query, key) = server.requests
    assert key == "Token SECRET"
    assert {name: value for name, (value,) in query.items()} == {
        "model": "nova-3", "encoding": "linear16", "sample_rate": "8000", "channels": "1",
        "interim_results": "true", "language": "en-GB", "diarize_model": "latest",
    }  # fmt: skip
    assert b"".join(f for f in server.heard[1] if isinstance(f, bytes)) == encode(samples, "pcm_s16le")
    assert log.failure is None
    assert log.transcript.text == "word2 word3"
    assert [(w.start, w.end, w.speaker) for w in log.transcript.words] == [(800, 1_600, "1"), (1_600, 2_400, "1")]
    assert [e.kind for e in log.events if e.kind not in (Kind.AUDIO, Kind.SENT_END)] == [
        Kind.OPENED, Kind.STARTED, Kind.PARTIAL, Kind.FINAL, Kind.UTTERANCE_END, Kind.PARTIAL, Kind.FINAL, Kind.ENDED,
    ]  # fmt: skip


# The package asks websockets for names that have moved.
@pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")
async def test_the_real_sdk_hears_the_same(listening: Callable[..., Any], make_case: Callable[..., Case]) -> None:
    deepgram = pytest.importorskip("deepgram", reason="deepgram-sdk is not installed (extra: dev)")
    from deepgram.environment import DeepgramClientEnvironment

    case, server, told = make_case(seconds=0.3), Server(), []
    samples, _ = audio.read(case.audio.path)
    async with listening(server) as url:
        where = DeepgramClientEnvironment(base=url.replace("ws", "http"), production=url, agent=url, agent_rest=url)
        client = deepgram.AsyncDeepgramClient(api_key="SECRET", environment=where)
        async with client.listen.v1.connect(model="nova-3", encoding="linear16", sample_rate=16_000) as connection:
            data = encode(samples, "pcm_s16le")
            for start in range(0, len(data), 3_200):
                await connection.send_media(data[start : start + 3_200])
            await connection.send_close_stream()
            async for message in connection:
                told.append(message)
        log = await replay(case, samples, f"deepgram+{url}/v1/listen")
    finals = [m.channel.alternatives[0].words[0].word for m in told if m.type == "Results" and m.is_final]
    assert told[-1].type == "Metadata"
    assert finals == log.transcript.text.split()
    theirs, ours = ([DeepgramCodec(1).said(frame) for frame in frames] for frames in server.heard)
    assert [said.what for said in theirs] == [*[What.AUDIO] * 3, What.END]
    assert theirs == ours


def test_silence_is_bridged_by_keep_alives() -> None:
    frames = (SentFrame(0, 100), SentFrame(2 * KEEP_ALIVE_NS + 1, 100))
    case = Case("a", AudioRef("a.wav", 8_000, 200), pacing=Pacing(frames=frames))
    codec = DeepgramCodec(8_000)
    session = ReplaySession(prepare(case, audio.to_float32(_silence(200)), codec), codec)
    session.opened(0)
    sent = []
    while (due_ns := session.due_ns) is not None:
        sent += [(due_ns, frame if isinstance(frame, str) else len(frame)) for frame in session.step(due_ns)]
    alive = '{"type": "KeepAlive"}'
    assert sent == [
        (0, 200), (KEEP_ALIVE_NS, alive), (2 * KEEP_ALIVE_NS, alive),
        (2 * KEEP_ALIVE_NS + 1, 200), (2 * KEEP_ALIVE_NS + 1, '{"type": "CloseStream"}'),
    ]  # fmt: skip


def test_what_else_it_says() -> None:
    def kinds(body: dict[str, Any]) -> list[Event]:
        return list(DeepgramCodec(1).heard(json.dumps(body), 7))

    assert kinds({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 1.0}) == [Event(Kind.UTTERANCE_END, 7)]
    assert kinds({"type": "SpeechStarted"})[0].kind is Kind.OTHER
    (error,) = kinds({"type": "Error", "description": "no", "variant": "BAD"})
    assert (error.kind, error.detail) == (Kind.ERROR, {"type": "BAD", "reason": "no"})


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.dictionaries(st.just("channel"), st.integers()).map(json.dumps)))
def test_any_frame_is_understood_or_a_violation(frame: str | bytes) -> None:
    found = DeepgramCodec(16_000).heard(frame, 7)
    assert VIOLATION in found[0].detail or found[0].kind is Kind.OTHER
    assert isinstance(DeepgramCodec(1).said(frame).what, What)


def _silence(samples: int) -> Any:
    return np.zeros(samples, np.int16)
