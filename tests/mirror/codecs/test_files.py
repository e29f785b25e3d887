"""Recognisers that take files: our exchanges and the real clients, against one server written from the specs."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import soundfile

from mirror.errors import ReplayError
from mirror.replay import Limits, ReplayRecogniser, probe, replay
from testsets import audio
from testsets.case import Case
from testsets.events import EventLog, Kind

web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed (extra: dev)")
# aiohttp's multipart reader calls what aiohttp itself has deprecated, where a part ends at the edge of a chunk.
pytestmark = pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")

RESULTS = [
    {
        "type": "word",
        "start_time": 0.1,
        "end_time": 0.2,
        "alternatives": [{"content": "hello", "confidence": 0.5, "language": "en"}],
    },
    {
        "type": "punctuation",
        "start_time": 0.2,
        "end_time": 0.2,
        "alternatives": [{"content": ".", "confidence": 1, "language": "en"}],
    },
]
WORDS = [{"word": "hello", "start": 0.1, "end": 0.2}]


@dataclass
class Server:
    """Speechmatics batch v2 (spec/batch.yaml) and OpenAI transcriptions on one port."""

    url: str = ""
    forms: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    polls: int = 0
    deleted: list[str] = field(default_factory=list)
    status: str = "done"  # of every job, at the second look

    async def form(self, request: Any) -> dict[str, Any]:
        self.keys.append(request.headers.get("Authorization", ""))
        found: dict[str, Any] = {}
        async for part in await request.multipart():
            found[part.name] = bytes(await part.read()) if part.filename else await part.text()
        self.forms.append(found)
        return found

    async def submit(self, request: Any) -> Any:
        form = await self.form(request)
        if json.loads(form["config"])["transcription_config"]["language"] == "xx":
            return web.json_response({"code": 400, "error": "Job rejected", "detail": "no language xx"}, status=400)
        return web.json_response({"id": f"job{len(self.forms)}"}, status=201)

    async def job(self, request: Any) -> Any:
        self.polls += 1
        status = self.status if self.polls % 2 == 0 else "running"
        errors = [] if status == "done" else [{"timestamp": "2026-01-01T00:00:00Z", "message": "bad audio"}]
        job = {"created_at": "2026-01-01T00:00:00Z", "data_name": "a.wav", "id": request.match_info["id"]}
        return web.json_response({"job": {**job, "status": status, "errors": errors}})

    async def transcript(self, request: Any) -> Any:
        assert request.query.get("format", "json-v2") == "json-v2"
        job = {
            "created_at": "2026-01-01T00:00:00Z",
            "data_name": "a.wav",
            "id": request.match_info["id"],
            "duration": 1,
        }
        metadata = {"created_at": "2026-01-01T00:00:00Z", "type": "transcription",
                    "transcription_config": {"language": "en"}}  # fmt: skip
        return web.json_response(
            {"format": "2.9", "job": {**job, "duration": 1}, "metadata": metadata, "results": RESULTS}
        )

    async def delete(self, request: Any) -> Any:
        self.deleted.append(request.match_info["id"])
        return web.json_response({"job": {}}, status=404)

    async def transcribe(self, request: Any) -> Any:
        form = await self.form(request)
        if form["model"] == "none":
            return web.json_response({"error": {"message": "no model none", "type": "invalid"}}, status=404)
        if form["response_format"] == "json":
            return web.json_response({"text": "Hello there."})
        return web.json_response({"text": "Hello.", "language": "en", "duration": 0.3, "words": WORDS})


@contextlib.asynccontextmanager
async def serve() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_post("/v2/jobs", server.submit)
    app.router.add_get("/v2/jobs/{id}", server.job)
    app.router.add_delete("/v2/jobs/{id}", server.delete)
    app.router.add_get("/v2/jobs/{id}/transcript", server.transcript)
    app.router.add_post("/v1/audio/transcriptions", server.transcribe)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def play(case: Case, address: str) -> EventLog:
    samples, _ = audio.read(case.audio.path)
    return await replay(case, samples, address, token="SECRET")


def uploaded(data: bytes) -> Any:
    return soundfile.read(io.BytesIO(data), dtype="int16")[0].tolist()


async def test_batch_job(make_case: Any) -> None:
    config = {"max_delay": 2.0, "enable_partials": True, "diarization": "speaker"}
    case = make_case(seconds=0.3, config=config)
    async with serve() as server:
        await probe(f"{server.url}/v2")
        log = await play(case, f"{server.url}/v2")
    assert log.failure is None
    assert [(w.text, w.start, w.end, w.confidence) for w in log.transcript.words] == [("hello", 1_600, 3_200, 0.5)]
    (form,) = server.forms
    asked = {"language": "en", "diarization": "speaker"}
    assert json.loads(form["config"]) == {"type": "transcription", "transcription_config": asked}
    assert uploaded(form["data_file"]) == uploaded(Path(case.audio.path).read_bytes())
    assert server.keys == ["Bearer SECRET"]
    assert (server.polls, server.deleted) == (2, ["job1"])
    assert [event.kind for event in log.events] == [
        Kind.OPENED, Kind.STARTED, Kind.AUDIO, Kind.SENT_END, Kind.FINAL, Kind.ENDED,
    ]  # fmt: skip


async def test_the_real_batch_client_hears_the_same(make_case: Any) -> None:
    batch = pytest.importorskip("speechmatics.batch", reason="speechmatics-batch is not installed (extra: dev)")
    case = make_case(seconds=0.3)
    async with serve() as server:
        async with batch.AsyncClient(api_key="SECRET", url=f"{server.url}/v2") as client:
            job = await client.submit_job(
                case.audio.path, transcription_config=batch.TranscriptionConfig(language="en")
            )
            result = await client.wait_for_completion(job.id)
        log = await play(case, f"{server.url}/v2")
    theirs, ours = server.forms
    assert result.results[0].alternatives[0].content == log.transcript.text
    assert theirs["data_file"][-9_600:] == ours["data_file"][-9_600:]
    assert {json.loads(form["config"])["type"] for form in (theirs, ours)} == {"transcription"}
    assert set(server.keys) == {"Bearer SECRET"}


@pytest.mark.parametrize(
    ("config", "status", "failure"),
    [
        ({"language": "xx"}, "done", "reported HTTP 400: Job rejected no language xx"),
        ({}, "rejected", "reported job rejected: .*bad audio"),
    ],
)
async def test_jobs_that_fail(make_case: Any, config: dict[str, Any], status: str, failure: str) -> None:
    async with serve() as server:
        server.status = status
        log = await play(make_case(config=config), f"{server.url}/v2")
    assert log.failure is not None
    assert re.search(failure, log.failure)


async def test_transcription(make_case: Any) -> None:
    case = make_case(seconds=0.3)
    async with serve() as server:
        log = await play(case, f"openai+{server.url}/v1/audio/transcriptions")
        other = await play(case, f"openai+{server.url}/v1/audio/transcriptions?model=m&response_format=json")
        failed = await play(case, f"openai+{server.url}/v1/audio/transcriptions?model=none")
    assert [(w.text, w.start, w.end) for w in log.transcript.words] == [("hello", 1_600, 3_200)]
    assert (other.transcript.text, other.failure) == ("Hello there.", None)
    assert failed.failure == "the recogniser reported HTTP 404: no model none"
    assert server.forms[0]["timestamp_granularities[]"] == "word"
    assert "timestamp_granularities[]" not in server.forms[1]


async def test_the_real_openai_client_hears_the_same(make_case: Any) -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed (extra: dev)")
    case = make_case(seconds=0.3)
    async with serve() as server:
        async with openai.AsyncOpenAI(api_key="SECRET", base_url=f"{server.url}/v1") as client:
            told = await client.audio.transcriptions.create(
                    file=Path(case.audio.path), model="whisper-1", language="en", response_format="verbose_json",
                    timestamp_granularities=["word"],
                )  # fmt: skip
        log = await play(case, f"openai+{server.url}/v1/audio/transcriptions")
    assert [word.word for word in told.words] == log.transcript.text.split()
    theirs, ours = server.forms
    assert {**theirs, "file": uploaded(theirs["file"])} == {**ours, "file": uploaded(ours["file"])}


async def test_nobody_there(make_case: Any) -> None:
    async with serve() as server:
        pass
    log = await ReplayRecogniser(f"{server.url}/v2", "digest").recognise(make_case())
    assert str(log.failure).startswith(f"no answer from {server.url}/v2: ")
    with pytest.raises(ReplayError, match="nothing listens there"):
        await probe(f"{server.url}/v2")
    with pytest.raises(ReplayError, match="no address of a known wire"):
        await replay(make_case(), audio.read(make_case().audio.path)[0], f"riva+{server.url}")


async def test_an_answer_that_never_comes(make_case: Any) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        case = make_case()
        samples, _ = audio.read(case.audio.path)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        log = await replay(case, samples, address, limits=Limits(end=0.2))
        await gone.wait()
    assert "no answer from" in str(log.failure)
