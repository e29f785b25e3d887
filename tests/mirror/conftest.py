"""A small recogniser over a real socket: deterministic answers, and the misbehaviour a test asks for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile
from websockets.asyncio.server import ServerConnection, serve

from engine import protocol
from testsets.audio import probe
from testsets.case import Case, Pacing

RATE = 16_000


@dataclass
class Stage:
    """A running recogniser and what it heard, session by session."""

    url: str = ""
    audio: list[bytes] = field(default_factory=list)
    starts: list[protocol.StartRecognition] = field(default_factory=list)
    packets: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Manner:
    """How the recogniser behaves."""

    closes_after: int | None = None  # packets, then 1011
    vanishes_after: int | None = None  # packets, then a TCP abort
    starts: bool = True
    ends: bool = True
    error: str | None = None  # an Error instead of RecognitionStarted
    deaf: bool = False  # stops reading once it has started
    garbage: bool = False  # text that is no JSON after the first packet


async def perform(connection: ServerConnection, stage: Stage, manner: Manner) -> None:
    async def say(message: protocol.ServerMessage) -> None:
        await connection.send(protocol.encode(message))

    heard, packets, number = bytearray(), 0, len(stage.audio)
    stage.audio.append(b"")
    stage.packets.append(0)
    async for frame in connection:
        match protocol.parse_client(frame):
            case protocol.StartRecognition() as start:
                stage.starts.append(start)
                if manner.error:
                    await say(protocol.Error(manner.error, "as the test asked"))
                    await connection.close(4004, manner.error)
                    return
                if manner.starts:
                    await say(protocol.RecognitionStarted(id=f"session-{number}"))
                if manner.deaf:
                    connection.transport.pause_reading()
                    await asyncio.sleep(1.5)
            case protocol.AddAudio(data):
                heard += data
                packets += 1
                stage.audio[number], stage.packets[number] = bytes(heard), packets
                if packets == manner.closes_after:
                    await connection.close(1011, "internal_error")
                    return
                if packets == manner.vanishes_after:
                    connection.transport.abort()
                    return
                if manner.garbage:
                    await connection.send("no JSON {")
                await say(protocol.AudioAdded(packets))
                await say(word(packets, final=packets % 2 == 0))
            case protocol.EndOfStream():
                if manner.ends:
                    await say(protocol.EndOfTranscript())
                    await connection.close()


def word(number: int, final: bool) -> protocol.ServerMessage:
    """The answer to a packet of 100 ms: one word that spans it."""
    start, end = (number - 1) / 10, number / 10
    best = protocol.Alternative(f"word{number}", confidence=0.5, language="en")
    results = (protocol.Result("word", start, end, (best,)),)
    kind = protocol.AddTranscript if final else protocol.AddPartialTranscript
    return kind(protocol.TranscriptMetadata(start, end, f"word{number} "), results)


@contextlib.asynccontextmanager
async def open_stage(manner: Manner | None = None) -> AsyncIterator[Stage]:
    stage = Stage()

    async def handler(connection: ServerConnection) -> None:
        await perform(connection, stage, manner or Manner())

    async with serve(handler, "127.0.0.1", 0, close_timeout=0.3) as server:
        stage.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        yield stage


@pytest.fixture
def stage_of() -> Callable[..., contextlib.AbstractAsyncContextManager[Stage]]:
    """Opens a recogniser that behaves as the keyword arguments say."""
    return lambda **manner: open_stage(Manner(**manner))


@pytest.fixture
def make_case(tmp_path: Path) -> Callable[..., Case]:
    """Makes a case of noise with its audio file."""

    def make(seconds: float = 0.5, rate: int = RATE, packet: int = 1_600, name: str = "case", **given: object) -> Case:
        path = tmp_path / f"{name}.wav"
        values = np.random.default_rng(7).integers(-20_000, 20_000, round(seconds * rate)).astype(np.int16)
        soundfile.write(path, values, rate, subtype="PCM_16")
        return Case(id=name, audio=probe(path), **{"pacing": Pacing(packet), **given})

    return make
