"""The vosk-server wire: our codec and the client of the real ``vosk`` package, against one server of that protocol."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection

from mirror.codecs import VIOLATION, What
from mirror.codecs.vosk import VoskCodec
from mirror.replay import probe, replay
from testsets import audio
from testsets.case import AudioRef, Case
from testsets.encoding import encode
from testsets.events import Kind


class Server:
    """vosk-server, websocket/asr_server.py, around a recogniser that ends an utterance every third packet."""

    def __init__(self) -> None:
        self.heard: list[list[str | bytes]] = []

    async def __call__(self, connection: ServerConnection) -> None:
        frames: list[str | bytes] = []
        self.heard.append(frames)
        packets = 0
        async for frame in connection:
            frames.append(frame)
            if isinstance(frame, str) and "config" in frame:
                continue
            if frame == '{"eof" : 1}':
                await connection.send(json.dumps({"text": "the end"}))
                return
            packets += 1
            await connection.send(json.dumps(self.result(packets)))

    @staticmethod
    def result(packets: int) -> dict[str, Any]:
        if packets % 3:
            return {"partial": f"word{packets}"}
        words = [{"conf": 0.75, "start": packets / 10 - 0.1, "end": packets / 10, "word": f"word{packets}"}]
        return {"result": words, "text": f"word{packets}"}


async def test_whole_session(listening: Callable[..., Any], make_case: Callable[..., Case]) -> None:
    case, server = make_case(seconds=0.5, rate=8_000, packet=800), Server()
    samples, _ = audio.read(case.audio.path)
    async with listening(server) as url:
        log = await replay(case, samples, f"vosk+{url}")
    config, *packets, end = server.heard[0]
    assert json.loads(config) == {"config": {"sample_rate": 8_000, "words": True}}
    assert b"".join(p for p in packets if isinstance(p, bytes)) == encode(samples, "pcm_s16le")
    assert end == '{"eof" : 1}'
    assert log.failure is None
    assert log.transcript.text == "word3 the end"
    assert [(w.start, w.end, w.confidence) for w in log.transcript.words[:1]] == [(1_600, 2_400, 0.75)]
    assert [e.samples for e in log.events if e.kind is Kind.ACK] == [800, 1_600, 2_400, 3_200, 4_000]
    assert [e.kind for e in log.events[:2]] == [Kind.OPENED, Kind.STARTED]


async def test_the_packages_own_client_hears_the_same(
    listening: Callable[..., Any], make_case: Callable[..., Case]
) -> None:
    if importlib.util.find_spec("vosk") is None:
        pytest.skip("vosk is not installed (extra: dev)")
    case, server = make_case(seconds=0.5, packet=2_000), Server()
    samples, _ = audio.read(case.audio.path)
    async with listening(server) as url:
        command = (sys.executable, str(Path(__file__).with_name("vosk_client.py")), url)
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        out, _ = await asyncio.wait_for(process.communicate(encode(samples, "pcm_s16le")), timeout=120)
        results = json.loads(out)
        log = await replay(case, samples, f"vosk+{url}")
    assert [result["text"] for result in results] == ["word3", "the end"]
    assert log.transcript.text == "word3 the end"
    theirs, ours = ([VoskCodec(1).said(frame) for frame in frames] for frames in server.heard)
    assert [said.what for said in theirs] == [What.START, *[What.AUDIO] * 4, What.END]
    assert theirs == ours


def test_alternatives_and_times_of_a_model_with_alternatives() -> None:
    best = {"confidence": 300.1, "result": [{"start": 0.5, "end": 0.75, "word": "yes"}], "text": "yes"}
    final = VoskCodec(1_000).heard(json.dumps({"alternatives": [best, {"text": "no"}]}), 7)[1]
    assert [(word.text, word.start, word.end, word.confidence) for word in final.words] == [("yes", 500, 750, None)]


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.dictionaries(st.sampled_from(["result", "text", "partial"]), st.text()).map(json.dumps),
    )
)
def test_any_frame_is_understood_or_a_violation(frame: str | bytes) -> None:
    events = VoskCodec(16_000).heard(frame, 7)
    assert all(event.wall_ns == 7 for event in events)
    assert VIOLATION in events[0].detail or events[0].kind is Kind.ACK
    assert isinstance(VoskCodec(1).said(frame).what, What)


async def test_first_contact(listening: Callable[..., Any]) -> None:
    async with listening(Server()) as url:
        await probe(f"vosk+{url}")


def test_config_of_a_strange_client() -> None:
    said = VoskCodec(1).said('{"config": {"sample_rate": "many"}}')
    assert said.config["audio_format"]["sample_rate"] == 8_000
    assert VoskCodec(1).begin(Case("a", AudioRef("a.wav", 44_100, 1)))
