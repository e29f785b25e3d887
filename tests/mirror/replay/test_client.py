"""Replay against a real recogniser over a real socket, well behaved and otherwise."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection, serve

from mirror.errors import ReplayError
from mirror.replay import Limits, ReplayRecogniser, lateness, probe, replay
from testsets import audio
from testsets.case import Case, Pacing, SentFrame
from testsets.encoding import encode
from testsets.events import Event, EventLog, Kind

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]
SENT = (Kind.AUDIO, Kind.SENT_END)  # interleaved with the answers as the network likes


async def play(case: Case, url: str, limits: Limits | None = None) -> EventLog:
    samples, _ = audio.read(case.audio.path)
    return await replay(case, samples, url, limits=limits)


def wall(log: EventLog, kind: Kind) -> list[int]:
    return [event.wall_ns for event in log.events if event.kind is kind]


async def test_whole_session(stage_of: Stage, make_case: MakeCase) -> None:
    case = make_case(seconds=0.45)
    async with stage_of() as stage:
        log = await play(case, stage.url)
    samples, _ = audio.read(case.audio.path)
    assert log.failure is None
    assert stage.audio == [encode(samples, "pcm_s16le")]
    assert stage.packets == [5]
    assert log.transcript.text == "word2 word4"
    assert [word.end for word in log.transcript.words] == [3_200, 6_400]
    assert wall(log, Kind.AUDIO)[0] > wall(log, Kind.STARTED)[0]
    sent = [event for event in log.events if event.kind is Kind.AUDIO]
    due = [event.due_ns - wall(log, Kind.STARTED)[0] for event in sent if event.due_ns is not None]
    assert due == [100_000_000, 200_000_000, 300_000_000, 400_000_000, 450_000_000]
    assert [event.samples for event in log.events if event.kind is Kind.ACK] == [1_600, 3_200, 4_800, 6_400, 7_200]
    assert all(event.wall_ns >= event.due_ns for event in sent if event.due_ns is not None)
    assert lateness([log]).packets == 5


async def test_captured_pacing_and_encoding_are_kept(stage_of: Stage, make_case: MakeCase) -> None:
    frames = (SentFrame(0, 100), SentFrame(1_000_000, 0), SentFrame(50_000_000, 1_500))
    raw = {"type": "raw", "encoding": "mulaw", "sample_rate": 8_000}
    config = {"language": "de", "max_delay": 2.0, "audio_format": raw}
    case = make_case(seconds=0.2, rate=8_000, pacing=Pacing(frames=frames), config=config)
    async with stage_of() as stage:
        log = await play(case, stage.url)
    assert log.failure is None
    assert stage.packets == [2]
    assert len(stage.audio[0]) == 1_600
    assert stage.starts[0].audio_format == raw
    assert stage.starts[0].transcription_config["language"] == "de"
    assert wall(log, Kind.AUDIO)[1] - wall(log, Kind.STARTED)[0] >= 50_000_000


async def test_twice_is_the_same(stage_of: Stage, make_case: MakeCase) -> None:
    case = make_case(seconds=0.3)
    async with stage_of() as stage:
        logs = [await play(case, stage.url) for _ in range(2)]
    assert stage.audio[0] == stage.audio[1]
    answers = [[(event.kind, event.words) for event in log.events if event.kind not in SENT] for log in logs]
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("manner", "limits", "failure"),
    [
        (
            {"closes_after": 2},
            Limits(),
            r"closed the connection mid-stream after 0\.[2-5]\d of 0\.50 s of audio \(code 1011",
        ),
        (
            {"vanishes_after": 2},
            Limits(),
            r"closed the connection mid-stream after 0\.[2-5]\d of 0\.50 s of audio \(code None",
        ),
        ({"starts": False}, Limits(start=1.0), "not ready for audio within 1 s"),
        ({"ends": False}, Limits(end=0.5), "no end of transcript within 0.5 s"),
        ({"error": "invalid_model"}, Limits(), "reported invalid_model: as the test asked"),
        ({"garbage": True}, Limits(), "broke the protocol after"),
    ],
)
async def test_misbehaviour_is_one_line(
    stage_of: Stage, make_case: MakeCase, manner: dict[str, Any], limits: Limits, failure: str
) -> None:
    async with stage_of(**manner) as stage:
        log = await play(make_case(), stage.url, limits)
    assert log.failure is not None
    assert re.search(failure, log.failure)
    assert "\n" not in log.failure


async def test_recogniser_that_stops_reading(stage_of: Stage, make_case: MakeCase) -> None:
    frames = tuple(SentFrame(0, 200_000) for _ in range(30))  # 12 MB at once, more than the kernel will buffer
    case = make_case(seconds=375, pacing=Pacing(frames=frames))
    async with stage_of(deaf=True) as stage:
        log = await play(case, stage.url, Limits(stall=0.4))
    assert log.failure == "the recogniser took no audio for 0.4 s"
    assert 0 < sum(event.kind is Kind.AUDIO for event in log.events) < 30


@pytest.fixture
def dead_url() -> Any:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{unused.getsockname()[1]}/v2"


async def test_endpoint_not_listening(make_case: MakeCase, dead_url: str) -> None:
    with pytest.raises(ReplayError, match="nothing listens there; start the recogniser"):
        await probe(dead_url)
    log = await ReplayRecogniser(dead_url, "digest").recognise(make_case())
    assert log.failure == f"no connection to {dead_url}: nothing listens there"


async def test_endpoint_that_is_no_recogniser() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    async with server:
        with pytest.raises(ReplayError, match="answers HTTP 404"):
            await probe(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2")
    with pytest.raises(ReplayError, match=r"no address of a known wire; use ws://, vosk\+ws://"):
        await probe("ftp://127.0.0.1:1/v2")


async def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trust = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust, tmp_path / "key.pem")

    async def answer(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(answer, "127.0.0.1", 0, ssl=context) as server:
        url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        with pytest.raises(ReplayError, match=r"its certificate is not trusted \(self-signed certificate\)"):
            await probe(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(trust))
        await probe(url)


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "recogniser")])
    now = datetime.now(UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "certificate.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem"


async def test_probe_of_a_recogniser(stage_of: Stage) -> None:
    async with stage_of() as stage:
        await probe(stage.url)


async def test_recogniser_bounds_its_sessions_and_names_its_digest(stage_of: Stage, make_case: MakeCase) -> None:
    cases = [make_case(seconds=0.2, name=f"case{number}") for number in range(4)]
    async with stage_of() as stage:
        recogniser = ReplayRecogniser(stage.url, "sha256:1", concurrency=2)
        logs = await asyncio.gather(*(recogniser.recognise(case) for case in cases))
    assert [log.case_id for log in logs] == [case.id for case in cases]
    assert {log.recogniser for log in logs} == {"sha256:1"}
    assert all(log.failure is None for log in logs)
    begins = sorted(wall(log, Kind.OPENED)[0] for log in logs)
    ends = sorted(log.events[-1].wall_ns for log in logs)
    assert begins[2] > ends[0]


async def test_missing_audio_is_a_failure_of_its_case(make_case: MakeCase, dead_url: str) -> None:
    case = make_case()
    os.remove(case.audio.path)
    log = await ReplayRecogniser(dead_url, "digest").recognise(case)
    assert log.failure is not None
    assert "no such audio file" in log.failure


async def test_audio_that_is_not_the_cases(make_case: MakeCase, dead_url: str) -> None:
    with pytest.raises(ValueError, match="audio has 3 samples"):
        await replay(make_case(), np.zeros(3, np.float32), dead_url)


def test_lateness_is_exact() -> None:
    events = tuple(Event(Kind.AUDIO, 1_000 + late, due_ns=1_000, samples=0) for late in range(1, 101))
    found = lateness([EventLog("a", "r", 16_000, events)], budget_ns=98)
    assert (found.packets, found.p50_ns, found.p99_ns, found.max_ns) == (100, 50, 99, 100)
    assert not found.valid
    assert lateness([]).p99_ns is None
    assert lateness([]).valid
