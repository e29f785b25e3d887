"""Every example of docs/sessions.md, run against the service."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from engine.server import Service
from engine.service_config import ServiceConfig

PAGE = (Path(__file__).parents[2] / "docs" / "sessions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
async def test_the_examples_run(loudness: Any, speak: Any, tmp_path: Path, block: str) -> None:
    if "speechmatics" in block:
        pytest.importorskip("speechmatics.rt", reason="speechmatics-rt is not installed (extra: dev)")
    pcm = (speak("one two three") * 32_767).astype("<i2")
    soundfile.write(tmp_path / "speech.wav", pcm, 16_000)
    (tmp_path / "speech.raw").write_bytes(pcm.tobytes())
    async with Service(loudness, ServiceConfig(port=0, drain_timeout=2), "0.1.0") as service:
        code = block.replace("ws://127.0.0.1:9000/v2", f"{service.url}?words=spoken")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await asyncio.wait_for(process.communicate(), timeout=120)
    assert process.returncode == 0, err.decode()
    assert b"three" in out
