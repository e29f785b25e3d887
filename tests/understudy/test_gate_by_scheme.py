"""`understudy gate` between recognisers of other wires, chosen by the scheme of their address."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from websockets.asyncio.server import ServerConnection, serve

from mirror.codecs.wires import schemes
from testsets import audio, manifest
from testsets.case import Case
from testsets.embedded import open_embedded
from testsets.encoding import encode

POLICY = """
version = 1
name = "smoke"
[margins]
wer = { absolute = 0.5 }
[slices]
gating = ["all"]
[minimum]
clusters = 2
units = 3
[pace]
lateness_budget_ms = 30000
speed_tolerance = 0.5
"""


def few_cases() -> list[Case]:
    found = [
        c for c in open_embedded("rehearsal").cases if c.tags["condition"] == "clean" and c.tags["style"] == "read"
    ]
    return sorted(found, key=lambda case: case.audio.samples / case.audio.rate)[:40:13]


def known(cases: list[Case]) -> dict[str, str]:
    """What was said, by the digest of the 16 bit samples."""
    texts = {}
    for case in cases:
        samples, _ = audio.read(case.audio.path)
        assert case.reference is not None
        texts[hashlib.sha256(encode(samples, "pcm_s16le")).hexdigest()] = case.reference.text
    return texts


@contextlib.asynccontextmanager
async def vosk(texts: dict[str, str]) -> AsyncIterator[str]:
    async def answer(connection: ServerConnection) -> None:
        heard = b""
        async for frame in connection:
            if isinstance(frame, bytes):
                heard += frame
                await connection.send('{"partial": ""}')
            elif "eof" in frame:
                await connection.send(json.dumps({"text": texts[hashlib.sha256(heard).hexdigest()]}))
                return

    async with serve(answer, "127.0.0.1", 0) as server:
        yield f"vosk+ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@contextlib.asynccontextmanager
async def openai(texts: dict[str, str]) -> AsyncIterator[str]:
    web = pytest.importorskip("aiohttp.web", reason="aiohttp is not installed (extra: dev)")

    async def answer(request: Any) -> Any:
        async for part in await request.multipart():
            if part.name == "file":
                pcm, _ = soundfile.read(io.BytesIO(bytes(await part.read())), dtype="int16")
        return web.json_response({"text": texts[hashlib.sha256(pcm.tobytes()).hexdigest()]})

    app = web.Application()
    app.router.add_post("/v1/audio/transcriptions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"openai+http://127.0.0.1:{runner.addresses[0][1]}/v1/audio/transcriptions"
    finally:
        await runner.cleanup()


# aiohttp's multipart reader calls what aiohttp itself has deprecated, where a part ends at the edge of a chunk.
@pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")
async def test_champion_over_vosk_against_a_candidate_that_takes_files(tmp_path: Path) -> None:
    cases = few_cases()
    manifest.save(tmp_path / "my.jsonl", "mine", cases)
    (tmp_path / "gate.toml").write_text(POLICY)
    async with vosk(known(cases)) as champion, openai(known(cases)) as candidate:
        command = [sys.executable, "-m", "understudy", "gate", "--champion", champion, "--candidate", candidate]
        options = ["--testset", "my.jsonl", "--policy", "gate.toml", "--out", "run", "--json"]
        environment = {"UNDERSTUDY_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        result = await asyncio.to_thread(
            subprocess.run, [*command, *options],
            capture_output=True, text=True, timeout=240, cwd=tmp_path, env=environment,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr + result.stdout
    answer = json.loads(result.stdout)
    assert answer["outcome"] == "PASS"
    assert not [finding for finding in answer["findings"] if finding["kind"] == "failed"]


def test_every_scheme_is_in_the_help_and_on_the_page() -> None:
    command = [sys.executable, "-m", "understudy", "gate", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    page = (Path(__file__).resolve().parents[2] / "docs" / "gate.md").read_text()
    assert [scheme for scheme in schemes() if scheme not in told or f"`{scheme}" not in page] == []
