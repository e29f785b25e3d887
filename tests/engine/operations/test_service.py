"""A service with keys, tokens and TLS on a real port."""

import asyncio
import contextlib
import json
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.operations.key_file import write_keys
from engine.operations.keys import KeyRing, make_key
from engine.server import Service
from engine.service_config import ServiceConfig

START = {
    "message": "StartRecognition",
    "audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16_000},
    "transcription_config": {"language": "en", "max_delay": 1, "enable_partials": True},
}
SECRET, KEY = make_key("somebody", "2026-11-23")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    write_keys(path, KeyRing((KEY,)))
    return path


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def hear(client: Any, audio: bytes) -> list[dict[str, Any]]:
    """A whole session."""
    with contextlib.suppress(ConnectionClosed):  # a service that is full does not wait for the rest
        for frame in (json.dumps(START), audio, json.dumps({"message": "EndOfStream"})):
            await client.send(frame)
    messages = []
    try:
        while True:
            messages.append(json.loads(await client.recv()))
    except ConnectionClosed:
        return messages


async def refusal(url: str, **more: Any) -> int:
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, **more)
    return refused.value.response.status_code


async def get(url: str, headers: dict[str, str] | None = None, verify: Any = True) -> httpx.Response:
    async with httpx.AsyncClient(timeout=60, verify=verify) as client:
        return await client.get(url, headers=headers)


async def test_only_a_key_or_its_token_opens_a_session(loudness: Any, speak: Any, keys: Path) -> None:
    async with Service(loudness, ServiceConfig(port=0, keys_file=keys), "0.1.0") as service:
        http = f"http://127.0.0.1:{service.port}"
        assert await refusal(service.url) == 401
        assert await refusal(service.url, additional_headers=bearer("us_0_0")) == 401
        assert await refusal(f"{service.url}?jwt={SECRET}") == 401
        assert (await get(f"{http}/live")).status_code == 200
        assert (await get(f"{http}/metrics")).status_code == 401
        token = (await get(f"{http}/token", headers=bearer(SECRET))).json()["jwt"]
        for url, headers in ((service.url, bearer(SECRET)), (f"{service.url}/en?jwt={token}", {})):
            async with connect(url, additional_headers=headers) as client:
                messages = await hear(client, speak("one two").astype("<f4").tobytes())
            assert messages[-1]["message"] == "EndOfTranscript"
        write_keys(keys, KeyRing((KEY,)).revoke(KEY.id, "2026-11-24"))
        async with connect(service.url, additional_headers=bearer(SECRET)) as client:
            service.reload()
            assert (await hear(client, b""))[-1]["message"] == "EndOfTranscript"
        assert await refusal(service.url, additional_headers=bearer(SECRET)) == 403
        keys.write_text("damaged")
        service.reload()
        assert await refusal(service.url, additional_headers=bearer(SECRET)) == 403


async def test_the_meters_of_a_session(loudness: Any, speak: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with Service(loudness, ServiceConfig(port=0, max_sessions=1), "0.1.0") as service:
        async with connect(service.url) as client, connect(service.url) as second:
            await client.send(json.dumps(START))
            await client.recv()
            assert (await hear(second, b""))[-1]["type"] == "quota_exceeded"
            full = await get(f"http://127.0.0.1:{service.port}/ready")
            assert (full.status_code, full.headers["Retry-After"]) == (503, "5")
        with caplog.at_level(logging.INFO):
            async with connect(service.url) as client:
                while (await get(f"http://127.0.0.1:{service.port}/ready")).status_code != 200:
                    await asyncio.sleep(0)
                messages = await hear(client, speak("one two three").astype("<f4").tobytes())
        assert messages[-1]["message"] == "EndOfTranscript"
        text = (await get(f"http://127.0.0.1:{service.port}/metrics")).text
    wanted = [
        "understudy_sessions_started_total 2.0",
        'understudy_refused_total{reason="quota_exceeded"} 1.0',
        'understudy_errors_total{type="quota_exceeded"} 1.0',
        "understudy_places 1.0",
    ]
    assert [line for line in wanted if line not in text.splitlines()] == []
    amounts = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(amounts["understudy_audio_seconds_total"]) == pytest.approx(1.44)
    assert float(amounts["understudy_final_words_total"]) >= 1  # numbers may be written as one
    assert "two" not in str([record.__dict__ for record in caplog.records if record.name.startswith("engine")])


async def test_tls_and_a_new_certificate(loudness: Any, speak: Any, certify: Callable[[str], Any]) -> None:
    one, two = certify("one"), certify("two")
    config = ServiceConfig(port=0, tls_certificate=one.certificate, tls_key=one.key)
    async with Service(loudness, config, "0.1.0") as service:
        assert service.url.startswith("wss://")
        async with connect(service.url, ssl=trusting(one)) as client:
            messages = await hear(client, speak("one").astype("<f4").tobytes())
            assert messages[-1]["message"] == "EndOfTranscript"
        document = await get(f"https://127.0.0.1:{service.port}/asyncapi.json", verify=trusting(one))
        assert document.json()["servers"]["service"]["protocol"] == "wss"
        old = trusting(one)
        one.certificate.write_bytes(two.certificate.read_bytes())
        service.reload()  # the key does not fit yet, so the old pair stays
        async with connect(service.url, ssl=old) as client:
            await client.close()
        one.key.write_bytes(two.key.read_bytes())
        service.reload()
        async with connect(service.url, ssl=trusting(two)) as client:
            await client.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(service.url, ssl=old)


def trusting(identity: Any) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=identity.certificate)
