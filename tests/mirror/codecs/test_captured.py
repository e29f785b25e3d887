"""Sessions of every streaming wire go through the tee, are read back as cases and events, and are replayed the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection

from mirror.capture.tee import open_tee
from mirror.errors import StoreError
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.cases import as_case, event_log
from mirror.store.place import Folder
from mirror.store.sealer import seal_store
from mirror.store.session import Kept, sessions
from testsets import audio
from testsets.case import Case
from testsets.encoding import encode
from testsets.events import Kind

Listening = Callable[..., Any]


class Server:
    """All four wires, each told from the others by the first thing its client says."""

    def __init__(self) -> None:
        self.audio: list[bytes] = []

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        answer = _deepgram if connection.request.path.startswith("/v1/listen") else _vosk
        answer = _openai if connection.request.path.startswith("/v1/realtime") else answer
        answer = _sherpa if connection.request.path.startswith("/sherpa") else answer
        self.audio.append(await answer(connection))


async def _vosk(connection: ServerConnection) -> bytes:
    heard = b""
    async for frame in connection:
        if isinstance(frame, bytes):
            heard += frame
            await connection.send('{"partial": "wo"}')
        elif "eof" in frame:
            await connection.send('{"text": "word"}')
            break
    return heard


async def _deepgram(connection: ServerConnection) -> bytes:
    heard = b""
    async for frame in connection:
        heard += frame if isinstance(frame, bytes) else b""
        if isinstance(frame, str) and json.loads(frame)["type"] == "CloseStream":
            words = [{"word": "word", "start": 0.0, "end": 0.1, "confidence": 0.5}]
            best = {"transcript": "word", "confidence": 0.5, "words": words}
            await connection.send(
                json.dumps({"type": "Results", "is_final": True, "channel": {"alternatives": [best]}})
            )
            await connection.send('{"type": "Metadata"}')
            break
    return heard


async def _openai(connection: ServerConnection) -> bytes:
    heard, item = b"", {"item_id": "one"}
    async for frame in connection:
        body = json.loads(frame)
        match body["type"]:
            case "session.update":
                await connection.send('{"type": "session.updated"}')
            case "input_audio_buffer.append":
                heard += base64.b64decode(body["audio"])
            case "input_audio_buffer.commit":
                await connection.send(json.dumps({"type": "input_audio_buffer.committed", **item}))
                kind = "conversation.item.input_audio_transcription.completed"
                await connection.send(json.dumps({"type": kind, "transcript": "word", **item}))
            case "input_audio_buffer.clear":
                await connection.send('{"type": "input_audio_buffer.cleared"}')
                break
    return heard


async def _sherpa(connection: ServerConnection) -> bytes:
    heard = b""
    async for frame in connection:
        if isinstance(frame, str):
            await connection.send('{"text": "word", "segment": 0, "is_final": true}')
            await connection.send("Done!")
            break
        heard += frame
        await connection.send('{"text": "wo", "segment": 0}')
    return heard


WIRES = {  # address -> rate and encoding on the wire
    "vosk+{}/": (8_000, "pcm_s16le"),
    "deepgram+{}/v1/listen?model=nova-3": (8_000, "mulaw"),
    "openai+{}/v1/realtime?model=m": (24_000, "pcm_s16le"),
    "sherpa+{}/sherpa": (16_000, "pcm_f32le"),
}


def all_of(store: Path) -> list[Kept]:
    problems: list[StoreError] = []
    found = list(sessions(store, problems.append))
    assert problems == []
    return found


@pytest.mark.parametrize("address", WIRES)
async def test_what_was_captured_is_replayed(
    listening: Listening, make_case: Callable[..., Case], tmp_path: Path, address: str
) -> None:
    rate, encoding = WIRES[address]
    asked = {"language": "de", "audio_format": {"type": "raw", "encoding": encoding, "sample_rate": 8_000}}
    case, server, store = make_case(seconds=0.5, rate=8_000, packet=800, config=asked), Server(), tmp_path / "store"
    scheme, rest = address.split("{}")
    async with listening(server) as url:
        async with open_tee(f"{url}{rest}", store, rules=EVERYTHING) as tee:
            live = await replay(case, audio.read(case.audio.path)[0], f"{scheme}{tee.url}")
        (session,) = all_of(store)
        kept, log = as_case(session, tmp_path / "audio"), event_log(session)
        again = await replay(kept, audio.read(kept.audio.path)[0], f"{scheme}{url}{rest}")
    assert (live.failure, log.failure, again.failure) == (None, None, None)
    assert live.transcript.text == log.transcript.text == again.transcript.text == "word"
    assert kept.audio.rate == rate
    assert kept.config["audio_format"] == {"type": "raw", "encoding": encoding, "sample_rate": rate}
    assert server.audio[0] == server.audio[1]
    told = [event.kind for event in log.events if event.kind not in (Kind.ACK, Kind.PARTIAL, Kind.UTTERANCE_END)]
    assert told[:2] == [Kind.OPENED, Kind.STARTED]
    assert [told.count(kind) for kind in (Kind.AUDIO, Kind.SENT_END, Kind.FINAL, Kind.ENDED)] == [5, 1, 1, 1]
    acks = [event.samples for event in log.events if event.kind is Kind.ACK]
    assert acks == ([800, 1_600, 2_400, 3_200, 4_000] if "vosk" in address else [])
    sent = [event.wall_ns for event in log.events if event.kind is Kind.AUDIO]
    ready = next(event.wall_ns for event in log.events if event.kind is Kind.STARTED)
    assert [frame.at_ns for frame in kept.pacing.frames] == [wall - ready for wall in sent]


async def test_sealed_it_is_the_same(listening: Listening, make_case: Callable[..., Case], tmp_path: Path) -> None:
    case, store, sealed = make_case(seconds=0.3, rate=8_000, packet=800), tmp_path / "store", tmp_path / "sealed"
    async with listening(Server()) as url, open_tee(f"{url}/v1/listen", store, rules=EVERYTHING) as tee:
        await replay(case, audio.read(case.audio.path)[0], f"deepgram+{tee.url}")
    problems: list[StoreError] = []
    seal_store(store, Folder(sealed), (), False, lambda done: None, problems.append)
    assert problems == []
    one, two = (as_case(found, tmp_path / name) for name in ("store", "sealed") for found in all_of(tmp_path / name))
    assert (one.config, one.pacing, one.audio.sha256) == (two.config, two.pacing, two.audio.sha256)


async def test_the_last_turn_of_a_client_that_clears_nothing_completes_the_transcript(
    listening: Listening, tmp_path: Path
) -> None:
    append = json.dumps({"type": "input_audio_buffer.append", "audio": base64.b64encode(bytes(4_800)).decode()})
    async with (
        listening(Server()) as url,
        open_tee(f"{url}/v1/realtime", tmp_path, rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        for frame in ('{"type": "session.update", "session": {}}', append, '{"type": "input_audio_buffer.commit"}'):
            await client.send(frame)
        while "completed" not in str(await client.recv()):
            pass
    (session,) = all_of(tmp_path)
    log = event_log(session)
    assert log.failure is None
    assert [event.kind for event in log.events].count(Kind.ENDED) == 1
    assert log.transcript.text == "word"


async def test_turns_that_its_client_commits_do_not_end_the_stream(listening: Listening, tmp_path: Path) -> None:
    data = base64.b64encode(encode(np.zeros(2_400, np.float32), "pcm_s16le")).decode()
    append = json.dumps({"type": "input_audio_buffer.append", "audio": data})
    async with (
        listening(Server()) as url,
        open_tee(f"{url}/v1/realtime", tmp_path, rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        await client.send('{"type": "session.update", "session": {}}')
        for kind in ("append", "commit", "append", "commit", "clear"):
            await client.send(append if kind == "append" else json.dumps({"type": f"input_audio_buffer.{kind}"}))
        async for _ in client:
            pass
    (session,) = all_of(tmp_path)
    said = [event for event in event_log(session).events if event.kind in (Kind.AUDIO, Kind.SENT_END, Kind.OTHER)]
    ours = [event.kind for event in said if event.kind is not Kind.OTHER or event.detail.get("by") == "client"]
    assert ours == [Kind.AUDIO, Kind.OTHER, Kind.AUDIO, Kind.SENT_END, Kind.OTHER]
    assert event_log(session).failure is None


async def test_a_client_that_began_nothing(listening: Listening, tmp_path: Path) -> None:
    async with (
        listening(Server()) as url,
        open_tee(f"{url}/v2", tmp_path, rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        await client.send('{"eof" : 1}')
        async for _ in client:
            pass
    (session,) = all_of(tmp_path)
    with pytest.raises(StoreError, match="never began a session"):
        as_case(session, tmp_path / "audio")
