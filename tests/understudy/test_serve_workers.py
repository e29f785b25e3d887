"""``understudy serve --workers``: real processes behind one port, one of them killed, all of them gone at the end."""

import asyncio
import contextlib
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from testsets import audio
from testsets.embedded import open_embedded
from understudy.commands.serve import count_workers
from understudy.errors import UsageError
from understudy.services import Service, service

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")
START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000},
    "transcription_config": {"language": "en", "max_delay": 2},
}


@pytest.fixture
def running(tmp_path: Path, monkeypatch: Any) -> Iterator[Service]:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    options = ["--model", "reference/1", "--workers", "2", "--max-sessions", "3", "--port", "0", "--drain", "1"]
    with service(["serve", *options], tmp_path / "serve.log", 300) as started:
        yield started


def children(pid: int) -> list[int]:
    """Its processes that run Python, the workers among them."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")  # each lists what it started
    found = sorted(int(child) for thread in threads for child in thread.read_text(encoding="ascii").split())
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def told(metrics: str) -> dict[str, float]:
    """How often workers ended, and how many are up."""
    found = re.findall(r"^understudy_worker_(failures_total|up)\{[^}]*\} (\S+)$", metrics, re.MULTILINE)
    return {name: sum(float(value) for kind, value in found if kind == name) for name, _ in sorted(found)}


async def hear(url: str, data: bytes) -> str:
    """What a session says; a refusal by its type."""
    text = ""
    with contextlib.suppress(ConnectionClosed):
        async with connect(url, compression=None) as client:
            await client.send(json.dumps(START))
            for at in range(0, len(data), 32_000):
                await client.send(data[at : at + 32_000])
            await client.send(json.dumps({"message": "EndOfStream", "last_seq_no": 0}))
            while True:
                message = json.loads(await client.recv())
                text += message["metadata"]["transcript"] if message["message"] == "AddTranscript" else ""
                text += message["type"] if message["message"] == "Error" else ""
    return text


async def test_two_processes_say_the_same_and_one_that_is_killed_is_replaced(running: Service) -> None:
    if not Path("/proc/self/task").exists():
        pytest.skip("there is no proc file system to find the workers in")
    samples, _ = audio.read(open_embedded("rehearsal").cases[0].audio.path, 16_000)
    data = audio.to_int16(samples)[: 6 * 16_000].tobytes()
    assert running.ready["max_sessions"] == 3
    one, two = await asyncio.gather(hear(running.url, data), hear(running.url, data))
    assert one == two
    assert len(one.split()) > 3
    workers = children(running.process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.port}", timeout=60) as http:
        until = time.monotonic() + 300
        while told((await http.get("/metrics")).text) != {"failures_total": 1.0, "up": 2.0}:
            assert (await http.get("/live")).status_code == 200
            assert time.monotonic() < until
            await asyncio.sleep(0.2)
        assert (await http.get("/ready")).json()["max_sessions"] == 3
    assert [await hear(running.url, data) for _ in range(2)] == [one, one]
    workers = children(running.process.pid)
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.process.wait, 120) == 0
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]


def test_a_number_of_workers() -> None:
    assert (count_workers("1"), count_workers("8")) == (1, 8)
    assert count_workers("auto") == len(os.sched_getaffinity(0))
    for wrong in ("0", "-1", "many", "1e3", "257", "", "²"):
        with pytest.raises(UsageError, match="give a number from 1 to 256, or auto"):
            count_workers(wrong)
