"""Three real clients that nobody here wrote, against the running service."""

import asyncio
import io
import json
import re
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from engine.server import Service
from engine.service_config import ServiceConfig

rt = pytest.importorskip("speechmatics.rt", reason="speechmatics-rt is not installed (extra: dev)")
NODE = Path(__file__).parents[1] / "clients" / "node"
TEXT = "one two three ... four five ... six"


@dataclass(frozen=True)
class Spoken:
    service: Service
    pcm: np.ndarray  # int16 at 16 kHz
    text: str

    def wav(self, folder: Path) -> Path:
        soundfile.write(folder / "speech.wav", self.pcm, 16_000)
        return folder / "speech.wav"


@pytest.fixture
async def spoken(loudness: Any, speak: Any) -> AsyncIterator[Spoken]:
    pcm = (speak(TEXT) * 32_767).astype("<i2")
    async with Service(loudness, ServiceConfig(port=0, drain_timeout=2), "0.1.0") as service:
        yield Spoken(service, pcm, TEXT.replace("... ", ""))


async def run(*command: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    return process.returncode or 0, out.decode(), err.decode()


async def listen_with_rt(spoken: Spoken, audio_format: Any, data: bytes, **config: Any) -> dict[str, list[Any]]:
    heard: dict[str, list[Any]] = {}
    async with rt.AsyncClient(api_key="none", url=spoken.service.url) as client:
        for kind in rt.ServerMessageType:
            client.on(kind, lambda message: heard.setdefault(message["message"], []).append(message))
        await client.transcribe(
            io.BytesIO(data),
            transcription_config=rt.TranscriptionConfig(language="en", **config),
            audio_format=audio_format,
            timeout=30,
        )
    return heard


def transcript(heard: dict[str, list[Any]]) -> str:
    return bare("".join(message["metadata"]["transcript"] for message in heard["AddTranscript"]))


def bare(text: str) -> str:
    """The words of a text, without marks and capitals."""
    return " ".join(re.sub("[.,?]", "", text).lower().split())


async def test_speechmatics_rt_with_raw_audio(spoken: Spoken) -> None:
    raw = rt.AudioFormat(encoding=rt.AudioEncoding.PCM_S16LE, sample_rate=16_000)
    heard = await listen_with_rt(spoken, raw, spoken.pcm.tobytes(), enable_partials=True, max_delay=1.0)
    assert transcript(heard) == spoken.text
    assert heard["AddPartialTranscript"]
    assert len(heard["AudioAdded"]) == -(-spoken.pcm.nbytes // 4_096)
    assert len(heard["EndOfTranscript"]) == 1


async def test_speechmatics_rt_with_a_wav_file(spoken: Spoken, tmp_path: Path) -> None:
    heard = await listen_with_rt(spoken, rt.AudioFormat(), spoken.wav(tmp_path).read_bytes())
    assert transcript(heard) == spoken.text


async def test_speechmatics_rt_shows_the_services_reason(spoken: Spoken) -> None:
    with pytest.raises(Exception, match="'xx' is not served"):
        async with rt.AsyncClient(api_key="none", url=spoken.service.url) as client:
            await client.start_session(transcription_config=rt.TranscriptionConfig(language="xx"))


@pytest.mark.parametrize("options", [[], ["--raw", "pcm_s16le", "--sample-rate", "16000"]])
async def test_the_command_line_of_speechmatics_python(spoken: Spoken, tmp_path: Path, options: list[str]) -> None:
    pytest.importorskip("speechmatics.cli", reason="speechmatics-python is not installed (extra: dev)")
    if options:
        (tmp_path / "speech.raw").write_bytes(spoken.pcm.tobytes())
    file = tmp_path / "speech.raw" if options else spoken.wav(tmp_path)
    code, out, err = await run(
        str(Path(sys.executable).with_name("speechmatics")), "rt", "transcribe", "--url", spoken.service.url,
        "--ssl-mode", "none", "--auth-token", "none", "--lang", "en", *options, str(file),
    )  # fmt: skip
    assert code == 0, err
    assert bare(out).startswith(spoken.text)


async def test_the_library_of_speechmatics_python(spoken: Spoken) -> None:
    client_module = pytest.importorskip("speechmatics.client", reason="speechmatics-python is not installed")
    from speechmatics.models import AudioSettings, ConnectionSettings, ServerMessageType, TranscriptionConfig

    settings = ConnectionSettings(url=spoken.service.url, auth_token="none", ssl_context=None)
    client = client_module.WebsocketClient(settings)
    finals: list[str] = []
    client.add_event_handler(
        ServerMessageType.AddTranscript, lambda message: finals.append(message["metadata"]["transcript"])
    )
    config = TranscriptionConfig(language="en", max_delay=2)
    audio = AudioSettings(encoding="pcm_s16le", sample_rate=16_000)
    await asyncio.wait_for(client.run(io.BytesIO(spoken.pcm.tobytes()), config, audio), timeout=30)
    assert bare("".join(finals)) == spoken.text


async def test_the_javascript_client(spoken: Spoken, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.skip("node or its packages are missing: run `make clients`")
    (tmp_path / "speech.raw").write_bytes(spoken.pcm.tobytes())
    config = json.dumps({"enable_partials": True, "max_delay": 1})
    code, out, err = await run(
        "node", str(NODE / "transcribe.mjs"), spoken.service.url, str(tmp_path / "speech.raw"), config
    )
    assert code == 0, err
    heard: dict[str, list[Any]] = {}
    for message in map(json.loads, out.splitlines()):
        heard.setdefault(message["message"], []).append(message)
    assert transcript(heard) == spoken.text
    assert heard["AddPartialTranscript"]
    assert len(heard["EndOfTranscript"]) == 1


async def test_speechmatics_rt_with_two_channels(spoken: Spoken) -> None:
    heard: dict[str, str] = {}
    done = asyncio.Event()

    def note(message: Any) -> None:
        for result in message["results"]:
            assert result["channel"] == message["channel"]
        heard[message["channel"]] = heard.get(message["channel"], "") + message["metadata"]["transcript"]

    raw = rt.AudioFormat(encoding=rt.AudioEncoding.PCM_S16LE, sample_rate=16_000)
    async with rt.AsyncMultiChannelClient(api_key="none", url=f"{spoken.service.url}?words=spoken") as client:
        client.on(rt.ServerMessageType.ADD_TRANSCRIPT, note)
        client.on(rt.ServerMessageType.END_OF_TRANSCRIPT, lambda message: done.set())
        sources = {"agent": io.BytesIO(spoken.pcm.tobytes()), "caller": io.BytesIO(spoken.pcm.tobytes())}
        await client.transcribe(
            sources, transcription_config=rt.TranscriptionConfig(language="en"), audio_format=raw, timeout=60
        )
        await asyncio.wait_for(done.wait(), 60)
    assert {channel: text.strip() for channel, text in heard.items()} == dict.fromkeys(("agent", "caller"), spoken.text)
