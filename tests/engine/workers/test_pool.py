"""A service whose engines run elsewhere: the same words, exact places, and a worker that dies."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from engine.protocol import AudioFormat, AudioType, ErrorType, MessageError
from engine.server import Service
from engine.service_config import ServiceConfig
from engine.session_config import SessionConfig
from engine.workers import remote
from engine.workers.errors import WorkerError
from engine.workers.pool import WorkerPool

CONFIG = SessionConfig(AudioFormat(AudioType.PCM_F32LE, 16_000), {}, max_delay=11_200)
START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16_000},
    "transcription_config": {"language": "en", "max_delay": 1, "enable_partials": True},
}
END = {"message": "EndOfStream", "last_seq_no": 0}
TEXT = "one ten two nine three eight four seven"


class Deaf:
    """Listens to nothing."""

    def heard(self, report: Any) -> None: ...

    def has_room(self) -> None: ...


@pytest.fixture
async def service(crew: Any) -> AsyncIterator[Service]:
    config = ServiceConfig(port=0, queue_bytes=20_000, drain_timeout=0.2)
    with WorkerPool(crew, workers=2, queue_bytes=20_000) as pool:
        async with Service(pool, config, "0.1.0") as running:
            yield running


def pcm(speak: Any, text: str) -> bytes:
    data: bytes = speak(text).astype("<f4").tobytes()
    return data


async def begin(service: Service, start: dict[str, Any] = START) -> ClientConnection:
    client = await connect(service.url + "?words=spoken", compression=None)
    await client.send(json.dumps(start))
    return client


async def begun(service: Service, sessions: int) -> list[ClientConnection]:
    """That many sessions, each begun before the next asks for its place."""
    clients = []
    for _ in range(sessions):
        clients.append(await begin(service))
        await clients[-1].recv()
    return clients


async def rest(client: ClientConnection) -> list[dict[str, Any]]:
    messages = []
    with contextlib.suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(await client.recv()))
    return messages


async def finish(client: ClientConnection, audio: bytes) -> list[dict[str, Any]]:
    for at in range(0, len(audio), 6_400):
        await client.send(audio[at : at + 6_400])
    await client.send(json.dumps(END))
    return await rest(client)


def said(messages: list[dict[str, Any]]) -> str:
    finals = (m["metadata"]["transcript"] for m in messages if m["message"] == "AddTranscript")
    return "".join(finals).strip()


async def get(service: Service, path: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.get(f"http://127.0.0.1:{service.port}{path}")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_sessions_are_shared_out_and_say_what_they_say_in_one_process(
    service: Service, crew: Any, loudness: Any, speak: Any
) -> None:
    clients = [await begin(service) for _ in range(4)]
    heard = await asyncio.gather(*(finish(client, pcm(speak, TEXT)) for client in clients))
    async with Service(loudness, ServiceConfig(port=0), "0.1.0") as alone:
        expected = await finish(await begin(alone), pcm(speak, TEXT))
    told = [[m for m in messages if m["message"] not in ("RecognitionStarted", "AudioAdded")] for messages in heard]
    assert told == [[m for m in expected if m["message"] not in ("RecognitionStarted", "AudioAdded")]] * 4
    assert said(expected) == TEXT
    assert all(engine.batches for engine in crew.engines)
    text = (await get(service, "/metrics")).text
    for line in ('understudy_worker_up{worker="1"} 1.0', "understudy_places 4.0", "understudy_sessions 0.0"):
        assert line in text.splitlines()
    amounts = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(amounts["understudy_audio_seconds_total"]) == pytest.approx(4 * 0.48 * 8)
    assert float(amounts["understudy_engine_step_seconds_count"]) == sum(len(e.batches) for e in crew.engines)


async def test_channels_take_the_last_places_wherever_they_are(service: Service, speak: Any) -> None:
    clients = await begun(service, 4)
    full = await begin(service)
    assert [(m["message"], m["type"]) for m in await rest(full)] == [("Error", "quota_exceeded")]
    assert full.close_code == 4005
    assert (await get(service, "/ready")).json()["sessions"] == 4
    for client in clients[:2]:  # the first two were shared out, so one place is free in each worker
        await finish(client, b"")
    channels = {"diarization": "channel", "channel_diarization_labels": ["agent", "caller"]}
    both = START | {"transcription_config": {"language": "en", **channels}}
    client = await begin(service, both)
    assert json.loads(await client.recv())["message"] == "RecognitionStarted"
    assert (await get(service, "/ready")).status_code == 503
    await client.close()
    for client in clients[2:]:
        assert said(await finish(client, pcm(speak, "two"))) == "two"


async def test_a_worker_that_dies_takes_only_its_sessions_and_is_replaced(
    service: Service, speak: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(remote, "RETRY_S", 0.2)
    clients = await begun(service, 2)
    service._recognition._workers[0]._started.process.kill()  # not crew's first: workers start side by side
    ends = await asyncio.gather(rest(clients[0]), finish(clients[1], pcm(speak, "one two")))
    assert [(ends[0][-1]["type"], clients[0].close_code), said(ends[1])] == [("job_error", 4013), "one two"]
    await until(lambda: service._recognition.places == 4)
    heard = await asyncio.gather(*[finish(await begin(service), pcm(speak, "six")) for _ in range(4)])
    assert [said(messages) for messages in heard] == ["six"] * 4
    assert 'understudy_worker_failures_total{worker="0"} 1.0' in (await get(service, "/metrics")).text.splitlines()


async def test_a_dictionary_is_built_where_it_is_used_or_refused(
    service: Service, crew: Any, speak: Any, monkeypatch: Any
) -> None:
    start = START | {"transcription_config": {"language": "en", "additional_vocab": ["Zyzzyva"]}}
    assert said(await finish(await begin(service, start), pcm(speak, "one"))) == "one"
    assert sorted(len(engine.prepared) for engine in crew.engines) == [0, 1]

    def full(config: SessionConfig) -> None:
        raise MessageError(ErrorType.QUOTA_EXCEEDED, "no room")

    for engine in crew.engines:
        monkeypatch.setattr(engine, "prepare", full)
    messages = await rest(await begin(service, start))
    assert [(m["message"], m["type"]) for m in messages] == [("Error", "quota_exceeded")]
    assert service._recognition.sessions == 0


async def test_a_worker_that_builds_for_ever_fails_the_session(service: Service, crew: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(remote, "PREPARE_S", 0.05)
    over = threading.Event()
    for engine in crew.engines:
        monkeypatch.setattr(engine, "prepare", lambda config: over.wait(60))
    start = START | {"transcription_config": {"language": "en", "additional_vocab": ["Zyzzyva"]}}
    messages = await rest(await begin(service, start))
    over.set()
    assert [(m["message"], m["type"]) for m in messages] == [("Error", "job_error")]
    assert service._recognition.sessions == 0


async def test_while_no_worker_is_ready_sessions_are_refused(service: Service, crew: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(remote, "RETRY_S", 60)
    for started in crew.started:
        started.process.kill()
    await until(lambda: service._recognition.places == 0)
    assert (await get(service, "/ready")).json()["max_sessions"] == 0
    (message,) = await rest(await begin(service))
    assert (message["type"], "being started again" in message["reason"]) == ("quota_exceeded", True)


async def test_a_step_that_hangs_is_seen(crew: Any) -> None:
    with WorkerPool(crew, workers=2) as pool:
        async with Service(pool, ServiceConfig(port=0, stall_timeout=1), "0.1.0") as service:
            assert (await get(service, "/live")).status_code == 200
            crew.started[1].began.value = time.monotonic_ns() - 2_000_000_000
            assert (await get(service, "/live")).status_code == 503
            crew.started[1].began.value = 0


async def test_audio_without_end_waits_for_its_worker(service: Service, speak: Any) -> None:
    text = "one two three four five six seven eight nine ten " * 5
    assert said(await finish(await begin(service), pcm(speak, text))) == text.strip()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.integers(0, 9), max_size=40), most=st.none() | st.integers(1, 7))
def test_nobody_is_refused_while_there_is_a_place(crew: Any, moves: list[int], most: int | None) -> None:
    with WorkerPool(crew, workers=3, most=most) as pool:
        assert pool.places == (6 if most is None else most)
        taken: list[Any] = []
        for move in moves:
            if move < 4 and taken:
                taken.pop(move % len(taken)).close()
            elif len(taken) < pool.places:
                taken.append(pool.open(CONFIG, Deaf()))
            else:
                with pytest.raises(MessageError, match="quota_exceeded"):
                    pool.open(CONFIG, Deaf())
            assert pool.sessions == len(taken)
            assert max(state.streams for state in pool.states()) <= -(-pool.places // 3)


def test_workers_that_cannot_start_are_an_error(crew: Any) -> None:
    def broken() -> Any:
        started = crew()
        started.process.kill()
        return started

    before = threading.active_count()
    with pytest.raises(WorkerError, match="ended before it was ready"), WorkerPool(broken, workers=2):
        pass
    assert threading.active_count() <= before
