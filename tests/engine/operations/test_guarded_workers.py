"""The service as it is run: workers behind TLS and keys, in processes of their own."""

import json
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from websockets.asyncio.client import connect  # the threaded one races with itself inside TLS on Python 3.11
from websockets.exceptions import InvalidStatus

import testsets
from engine.operations.key_file import write_keys
from engine.operations.keys import KeyRing, make_key

SPEECH = Path(testsets.__file__).parent / "data" / "rehearsal" / "flite-rms-1.flac"
SOUND = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16_000}
START = {"message": "StartRecognition", "audio_format": SOUND, "transcription_config": {"language": "en"}}


@pytest.mark.slow
async def test_workers_behind_tls_and_keys_hear_who_has_a_key(tmp_path: Path, certify: Callable[[str], Any]) -> None:
    identity = certify("service")
    secret, key = make_key("somebody", datetime.now(UTC).date().isoformat())
    write_keys(tmp_path / "keys.json", KeyRing((key,)))
    guards = ("--keys", tmp_path / "keys.json", "--tls-cert", identity.certificate, "--tls-key", identity.key)
    options = map(str, ("--workers", 2, "--max-sessions", 4, "--port", 0, *guards))
    command = [sys.executable, "-m", "understudy", "serve", *options]
    trust = ssl.create_default_context(cafile=identity.certificate)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            for wrong in ({}, {"Authorization": "Bearer us_nobody"}):
                with pytest.raises(InvalidStatus, match="401"):
                    await connect(url, ssl=trust, additional_headers=wrong)
            said = [await transcribe(url, trust, secret) for _ in range(4)]  # both workers have their turn
        finally:
            process.terminate()
    assert "still warm if you want" in said[0]
    assert set(said) == {said[0]}
    assert process.returncode == 0


async def transcribe(url: str, trust: ssl.SSLContext, secret: str) -> str:
    samples, _ = soundfile.read(SPEECH, dtype="int16")
    said = ""
    async with connect(url, ssl=trust, additional_headers={"Authorization": f"Bearer {secret}"}) as client:
        await client.send(json.dumps(START))
        await client.send(np.asarray(samples).tobytes())
        await client.send(json.dumps({"message": "EndOfStream", "last_seq_no": 1}))
        async for frame in client:
            message = json.loads(frame)
            said += message["metadata"]["transcript"] if message["message"] == "AddTranscript" else ""
    return said.lower()
