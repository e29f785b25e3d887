"""``understudy shadow`` as a process of its own: two arms in the store, metrics, and the disagreement at the end."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirror.replay import replay
from testsets import audio
from testsets.case import Case


async def test_whole_command(stage_of: Callable[..., Any], make_case: Callable[..., Case], tmp_path: Path) -> None:
    case = make_case(seconds=0.4)
    samples, _ = audio.read(case.audio.path)
    pipe = asyncio.subprocess.PIPE
    async with stage_of() as champion, stage_of() as candidate:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "understudy", "shadow", "--upstream", champion.url, "--shadow", candidate.url,
            "--store", str(tmp_path / "store"), "--consent-all", "--admin", "127.0.0.1:0", "--patience", "60",
            stdout=pipe, stderr=pipe,
        )  # fmt: skip
        assert process.stdout is not None
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        log = await replay(case, samples, ready["url"])
        reader, writer = await asyncio.open_connection("127.0.0.1", ready["admin"])
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        metrics = await reader.read(-1)
        writer.close()
        process.terminate()
        out, err = await asyncio.wait_for(process.communicate(), 90)
    assert log.failure is None
    assert b"understudy_shadow_sessions_total" in metrics
    said = json.loads(out)
    assert said["shadow"] == {
        "played": 1, "finished": 1, "failed": {}, "violations": 0, "edits": 0, "champion_words": 2,
        "candidate_words": 2, "disagreement": 0.0,
    }  # fmt: skip
    assert (said["kept"], said["incomplete"]) == (1, 0)
    assert err == b""
    names = sorted(path.name for path in (tmp_path / "store").glob("*.mcap"))
    assert names[0].replace(".candidate.mcap", ".mcap") == names[1]
