"""The admin port: alive, ready, and what was counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror.capture.admin import open_admin
from mirror.capture.tee import open_tee
from mirror.errors import CaptureError
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from testsets import audio
from testsets.case import Case

prometheus = pytest.importorskip("prometheus_client")


async def get(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    answer = (await reader.read(-1)).decode()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body


async def test_live_ready_and_metrics(
    stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    from mirror.capture.metrics import exposition

    case = make_case(seconds=0.2)
    samples, _ = audio.read(case.audio.path)
    async with (
        stage_of() as stage,
        open_tee(stage.url, tmp_path, rules=EVERYTHING) as tee,
        open_admin(tee, exposition(tee), "127.0.0.1", 0) as port,
    ):
        assert await get(port, "/live") == (200, "live\n")
        assert await get(port, "/ready") == (200, "ready\n")
        assert (await get(port, "/else"))[0] == 404
        await replay(case, samples, tee.url)
        await tee.shut(30)
        assert await get(port, "/ready") == (503, "draining\n")
        await tee.recorder.shut()
        status, text = await get(port, "/metrics")
    assert status == 200
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    prefix = "understudy_capture"
    assert found[f"{prefix}_kept_sessions_total",] == 1
    assert found[f"{prefix}_connections_total", "ended"] == 1
    assert found[f"{prefix}_forwarded_bytes_total", "client"] > case.audio.samples * 2
    assert found[f"{prefix}_queue_bytes",] == 0
    assert found[f"{prefix}_dropped_sessions_total",] == 0
    pieces = found[f"{prefix}_added_latency_seconds_bucket", "+Inf"]
    assert pieces == found[f"{prefix}_added_latency_seconds_count",] > 4


async def test_a_taken_port_is_one_clear_error(stage_of: Callable[..., Any], tmp_path: Path) -> None:
    async with stage_of() as stage, open_tee(stage.url, tmp_path) as tee:
        with pytest.raises(CaptureError, match="choose another --admin"):
            async with open_admin(tee, lambda: b"", "127.0.0.1", tee.port):
                pass
