"""The vendors' own clients of other wires, over HTTP and WebSocket, through the tee: they notice nothing."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.server import serve

from mirror.capture.tee import Tee, open_tee
from mirror.privacy.rules import EVERYTHING
from mirror.store.format import Fact, Side
from mirror.store.recover import Recording, read_recording
from testsets import audio
from testsets.case import Case
from testsets.encoding import encode

MakeCase = Callable[..., Case]


def servers(name: str) -> ModuleType:
    """The module of a codec's test, for the small real server in it."""
    path = Path(__file__).parents[1] / "codecs" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"servers_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@contextlib.asynccontextmanager
async def tee_before(handler: Any, store: Path) -> AsyncIterator[Tee]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.3) as server:
        upstream = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_tee(upstream, store, rules=EVERYTHING) as tee:
            yield tee


def kept(store: Path) -> list[Recording]:
    found = [read_recording(path) for path in sorted(store.glob("*.mcap"))]
    assert found
    for recording in found:
        assert Fact.INCOMPLETE not in {note.fact for note in recording.notes}
        assert b"SECRET" not in recording.path.read_bytes()
    return found


def said(recording: Recording, side: Side) -> bytes:
    return b"".join(piece.data for piece in recording.pieces if piece.side is side)


# The package asks websockets for names that have moved.
@pytest.mark.filterwarnings("ignore:websockets:DeprecationWarning")
async def test_deepgram_sdk(make_case: MakeCase, tmp_path: Path) -> None:
    deepgram = pytest.importorskip("deepgram", reason="deepgram-sdk is not installed (extra: dev)")
    from deepgram.environment import DeepgramClientEnvironment

    server, told = servers("test_deepgram").Server(), []
    samples, _ = audio.read(make_case(seconds=0.3).audio.path)
    async with tee_before(server, tmp_path / "store") as tee:
        url = tee.url
        where = DeepgramClientEnvironment(base=url.replace("ws", "http"), production=url, agent=url, agent_rest=url)
        client = deepgram.AsyncDeepgramClient(api_key="SECRET", environment=where)
        async with client.listen.v1.connect(model="nova-3", encoding="linear16", sample_rate=16_000) as connection:
            data = encode(samples, "pcm_s16le")
            for start in range(0, len(data), 3_200):
                await connection.send_media(data[start : start + 3_200])
            await connection.send_close_stream()
            async for message in connection:
                told.append(message)
    assert told[-1].type == "Metadata"
    (recording,) = kept(tmp_path / "store")
    assert b"model=nova-3" in said(recording, Side.CLIENT)
    assert b"authorization: redacted" in said(recording, Side.CLIENT).lower()


async def test_openai_realtime(make_case: MakeCase, tmp_path: Path) -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed (extra: dev)")
    module = servers("test_openai_realtime")
    server, texts = module.Server(), []
    samples, _ = audio.read(make_case(seconds=0.5).audio.path)
    wire = encode(audio.resample(samples, 16_000, 24_000), "pcm_s16le")
    async with (
        tee_before(server, tmp_path / "store") as tee,
        openai.AsyncOpenAI(api_key="SECRET", base_url=f"{tee.url.replace('ws', 'http')}/v1") as client,
        client.realtime.connect(extra_query={"intent": "transcription"}) as connection,
    ):
        for start in range(0, len(wire), 4_800):
            await connection.input_audio_buffer.append(audio=base64.b64encode(wire[start : start + 4_800]).decode())
        await connection.input_audio_buffer.commit()
        while len(texts) < 2:
            event = await connection.recv()
            if event.type == f"{module.PREFIX}.completed":
                texts.append(event.transcript)
    assert texts == ["turn number 1", "turn number 2"]
    (recording,) = kept(tmp_path / "store")
    assert b"intent=transcription" in said(recording, Side.CLIENT)


async def test_speechmatics_batch_over_one_kept_connection(make_case: MakeCase, tmp_path: Path) -> None:
    batch = pytest.importorskip("speechmatics.batch", reason="speechmatics-batch is not installed (extra: dev)")
    case = make_case(seconds=0.3)
    async with (
        servers("test_files").serve() as server,
        open_tee(server.url, tmp_path / "store", rules=EVERYTHING, drain_seconds=0.2) as tee,
        batch.AsyncClient(api_key="SECRET", url=f"{tee.url}/v2") as client,
    ):
        job = await client.submit_job(case.audio.path, transcription_config=batch.TranscriptionConfig(language="en"))
        result = await client.wait_for_completion(job.id)
    assert result.results[0].alternatives[0].content == "hello"
    sent = b"".join(said(recording, Side.CLIENT) for recording in kept(tmp_path / "store"))
    assert Path(case.audio.path).read_bytes() in sent
    assert b'"hello"' in b"".join(said(recording, Side.SERVER) for recording in kept(tmp_path / "store"))


async def test_openai_transcriptions(make_case: MakeCase, tmp_path: Path) -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed (extra: dev)")
    case = make_case(seconds=0.3)
    async with (
        servers("test_files").serve() as server,
        open_tee(server.url, tmp_path / "store", rules=EVERYTHING, drain_seconds=0.2) as tee,
        openai.AsyncOpenAI(api_key="SECRET", base_url=f"{tee.url}/v1") as client,
    ):
        for _ in range(2):
            told = await client.audio.transcriptions.create(
                file=Path(case.audio.path), model="whisper-1", language="en", response_format="json"
            )
            assert told.text == "Hello there."
    assert sum(said(r, Side.CLIENT).count(b"POST /v1/audio/transcriptions") for r in kept(tmp_path / "store")) == 2
