"""Real clients that nobody here wrote, through the tee: they notice nothing, and the store has what they sent."""

from __future__ import annotations

import asyncio
import io
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mirror.capture.tee import Tee, open_tee
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.cases import as_case, event_log
from mirror.store.recorded import read_session
from testsets import audio
from testsets.case import Case
from testsets.events import EventLog

NODE = Path(__file__).parents[2] / "clients" / "node"
PCM = np.random.default_rng(3).integers(-9_000, 9_000, 12_345).astype("<i2")


@dataclass(frozen=True)
class Scene:
    """A tee in front of a recogniser."""

    tee: Tee
    stage: Any
    store: Path

    async def captured(self) -> tuple[Case, EventLog]:
        """The one captured session, once the tee has seen its end."""
        for _ in range(200):
            if self.tee.counters.ended == 1:
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # the recorder writes every few hundredths of a second
        (path,) = self.store.glob("*.mcap")
        assert b"SECRET" not in path.read_bytes()
        session = read_session(path)
        assert session.problem is None
        return as_case(session, self.store / "audio"), event_log(session)


@pytest.fixture
async def scene(stage_of: Callable[..., Any], tmp_path: Path) -> AsyncIterator[Scene]:
    async with stage_of() as stage, open_tee(stage.url, tmp_path / "store", rules=EVERYTHING) as tee:
        yield Scene(tee, stage, tmp_path / "store")


async def run(*command: str) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()


async def check(scene: Scene) -> None:
    """The capture is what was sent, and replaying it sends the same again."""
    case, log = await scene.captured()
    assert log.failure is None
    assert log.transcript.words
    samples, _ = audio.read(case.audio.path)
    assert np.array_equal(audio.to_int16(samples), PCM)
    again = await replay(case, samples, scene.stage.url)
    assert again.failure is None
    sent = [heard for heard in scene.stage.audio if heard]
    assert sent[-1] == PCM.tobytes()
    assert again.transcript.text == log.transcript.text or case.config["audio_format"]["type"] == "file"


@pytest.mark.parametrize("raw", [True, False])
async def test_speechmatics_rt(scene: Scene, raw: bool) -> None:
    rt = pytest.importorskip("speechmatics.rt", reason="speechmatics-rt is not installed (extra: dev)")
    how = rt.AudioFormat(encoding=rt.AudioEncoding.PCM_S16LE, sample_rate=16_000) if raw else rt.AudioFormat()
    data = io.BytesIO(PCM.tobytes())
    if not raw:
        data = io.BytesIO()
        soundfile.write(data, PCM, 16_000, format="WAV")
        data.seek(0)
    async with rt.AsyncClient(api_key="SECRET", url=scene.tee.url) as client:
        config = rt.TranscriptionConfig(language="en", enable_partials=True, max_delay=2.0)
        await client.transcribe(data, transcription_config=config, audio_format=how, timeout=30)
    await check(scene)


async def test_command_line_of_speechmatics_python(scene: Scene, tmp_path: Path) -> None:
    pytest.importorskip("speechmatics.cli", reason="speechmatics-python is not installed (extra: dev)")
    (tmp_path / "speech.raw").write_bytes(PCM.tobytes())
    await run(
        str(Path(sys.executable).with_name("speechmatics")), "rt", "transcribe", "--url", scene.tee.url,
        "--ssl-mode", "none", "--auth-token", "SECRET", "--lang", "en",
        "--raw", "pcm_s16le", "--sample-rate", "16000", str(tmp_path / "speech.raw"),
    )  # fmt: skip
    await check(scene)


async def test_javascript_client(scene: Scene, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.skip("node or its packages are missing: run `make clients`")
    (tmp_path / "speech.raw").write_bytes(PCM.tobytes())
    await run("node", str(NODE / "transcribe.mjs"), scene.tee.url, str(tmp_path / "speech.raw"), "{}")
    await check(scene)
