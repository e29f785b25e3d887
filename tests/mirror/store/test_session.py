"""A real client's session through the tee, and everything the store says of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from mirror.capture.tee import open_tee
from mirror.errors import StoreError
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.cases import as_case, event_log
from mirror.store.format import FORMAT
from mirror.store.session import Session, read_session, sessions
from mirror.store.sidecar import Sidecar, sidecar_path, write_sidecar
from testsets import audio
from testsets.case import Case
from testsets.encoding import encode
from testsets.events import Kind

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]


async def capture(stage_of: Stage, store: Path, cases: list[Case], **manner: Any) -> None:
    """Play cases through a tee, so that the store holds one session each."""
    async with (
        stage_of(**manner) as stage,
        open_tee(stage.url, store, tags={"origin": "test"}, rules=EVERYTHING) as tee,
    ):
        for case in cases:
            samples, _ = audio.read(case.audio.path)
            await replay(case, samples, tee.url, token="SECRET")


def all_of(store: Path) -> tuple[list[Session], list[StoreError]]:
    problems: list[StoreError] = []
    return list(sessions(store, problems.append)), problems


@pytest.mark.parametrize("encoding", ["pcm_s16le", "mulaw", "pcm_f32le"])
async def test_capture_becomes_a_case_that_replays_equal(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path, encoding: Any
) -> None:
    store = tmp_path / "store"
    config = {"language": "en", "audio_format": {"type": "raw", "encoding": encoding, "sample_rate": 16_000}}
    original = make_case(seconds=0.25, config=config)
    await capture(stage_of, store, [original])
    (session,), problems = all_of(store)
    assert (session.problem, problems) == (None, [])
    assert session.request.get("authorization") == "REDACTED"
    case = as_case(session, tmp_path / "audio")
    assert case.config == {"enable_partials": True, **config}
    assert case.tags == {"origin": "test"}
    assert case.reference is None
    assert case.unit == session.id
    assert Path(case.audio.path).suffix == ".flac"
    sent = [frame.samples for frame in case.pacing.frames]
    assert sent == [1_600, 1_600, 800]
    due = (100_000_000, 200_000_000, 250_000_000)
    assert all(at <= frame.at_ns < at + 1_000_000_000 for at, frame in zip(due, case.pacing.frames, strict=True))
    samples, _ = audio.read(case.audio.path)
    source, _ = audio.read(original.audio.path)
    assert encode(samples, encoding) == encode(source, encoding)
    async with stage_of() as stage:
        log = await replay(case, samples, stage.url)
    assert log.failure is None
    assert stage.audio == [encode(source, encoding)]
    assert stage.packets == [3]


async def test_event_log_is_what_production_answered(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    await capture(stage_of, tmp_path / "store", [make_case(seconds=0.4)])
    (session,), _ = all_of(tmp_path / "store")
    log = event_log(session)
    assert log.failure is None
    assert log.rate == 16_000
    assert log.transcript.text == "word2 word4"
    kinds = [event.kind for event in log.events]
    assert kinds[:2] == [Kind.OPENED, Kind.STARTED]
    assert kinds[-2:] == [Kind.ENDED, Kind.CLOSED]
    assert [event.samples for event in log.events if event.kind is Kind.ACK] == [1_600, 3_200, 4_800, 6_400]
    walls = [event.wall_ns for event in log.events]
    assert walls == sorted(walls)
    assert log.recogniser == f"captured:{session.upstream}"


async def test_recogniser_that_closed_mid_stream(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    await capture(stage_of, tmp_path, [make_case()], closes_after=2)
    (session,), _ = all_of(tmp_path)
    assert session.problem is None
    assert event_log(session).failure == "the recogniser never said that its transcript is complete"
    assert session.closings[0].code == 1011


async def test_true_floats_are_kept(tmp_path: Path, stage_of: Stage, make_case: MakeCase) -> None:
    config = {"audio_format": {"type": "raw", "encoding": "pcm_f32le", "sample_rate": 16_000}}
    case = make_case(seconds=0.1, config=config)
    values = np.linspace(-0.3, 0.3, 1_600, dtype=np.float32)
    async with stage_of() as stage, open_tee(stage.url, tmp_path / "store", rules=EVERYTHING) as tee:
        await replay(case, values, tee.url)
    (session,), _ = all_of(tmp_path / "store")
    kept = as_case(session, tmp_path / "audio")
    assert Path(kept.audio.path).suffix == ".wav"
    assert np.array_equal(audio.read(kept.audio.path)[0], values)


async def test_compressed_and_fragmented_messages(stage_of: Stage, tmp_path: Path) -> None:
    start = '{"message": "StartRecognition", "audio_format": {"type": "raw", "encoding": "pcm_s16le",'
    rest = ' "sample_rate": 16000}, "transcription_config": {"language": "en"}}'
    async with (
        stage_of() as stage,
        open_tee(stage.url, tmp_path / "store", rules=EVERYTHING) as tee,
        connect(tee.url, compression="deflate") as client,
    ):
        await client.send(iter([start, rest]))
        await client.recv()
        await client.send(iter([b"\x00" * 3_001, b"\x00" * 99]))
        await client.ping()
        await client.send('{"message": "EndOfStream", "last_seq_no": 0}')
        async for _ in client:
            pass
    (session,), problems = all_of(tmp_path / "store")
    assert problems == []
    assert "permessage-deflate" in (session.response.get("sec-websocket-extensions") or "")
    case = as_case(session, tmp_path / "audio")
    assert case.audio.samples == 1_550
    assert event_log(session).failure is None


async def test_bad_captures_are_one_line_each_and_the_others_go_on(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    await capture(stage_of, tmp_path, [make_case(seconds=0.2, name=name) for name in ("a", "b")])
    good, other = sorted(tmp_path.glob("*.mcap"))
    whole = good.read_bytes()
    (tmp_path / "0-empty.mcap").write_bytes(b"")
    (tmp_path / "1-text.mcap").write_text("this is no capture, though it has the name of one")
    (tmp_path / "2-foreign.mcap").write_bytes(whole.replace(b"version\x01\x00\x00\x001", b"version\x01\x00\x00\x009"))
    middle = len(whole) // 2
    (tmp_path / "3-corrupt.mcap").write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    other.rename(tmp_path / "9-last.mcap")
    found, problems = all_of(tmp_path)
    assert [session.path.name for session in found] == [good.name, "9-last.mcap"]
    assert [Path(problem.where).name[0] for problem in problems] == ["0", "1", "2", "3"]
    told = [str(problem) for problem in problems]
    assert "torn before its label" in told[0]
    assert "not a readable capture" in told[1]
    assert "capture format version 9, this program reads 1" in told[2]
    assert "checksum" in told[3]
    assert not any("\n" in line for line in told)


async def test_truncated_anywhere_is_recovered_or_refused_in_one_line(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    await capture(stage_of, tmp_path, [make_case(seconds=0.3)])
    (path,) = tmp_path.glob("*.mcap")
    whole, full = path.read_bytes(), read_session(path)
    torn = tmp_path / "torn.mcap"
    counts = []
    for length in range(0, len(whole), 97):
        torn.write_bytes(whole[:length])
        try:
            session = read_session(torn)
        except StoreError:
            counts.append(0)
            continue
        assert session.messages == full.messages[: len(session.messages)]
        counts.append(len(session.messages))
    assert counts == sorted(counts)
    assert counts[-1] == len(full.messages)
    torn.write_bytes(whole[: len(whole) * 3 // 4])
    session = read_session(torn)
    assert session.problem is not None
    assert "torn after" in session.problem
    assert event_log(session).failure == session.problem
    assert as_case(session, tmp_path / "audio").audio.samples > 0


async def test_sidecar_gives_cluster_and_tags(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    await capture(stage_of, tmp_path, [make_case(seconds=0.1)])
    (path,) = tmp_path.glob("*.mcap")
    write_sidecar(path, Sidecar({"voice": "slt"}, cluster="speaker-1"))
    case = as_case(read_session(path), tmp_path / "audio")
    assert (case.cluster, dict(case.tags)) == ("speaker-1", {"origin": "test", "voice": "slt"})
    for text in ("{}", '{"version": 9, "cluster": null, "tags": {}}', '{"version": 1, "cluster": 3, "tags": {}}'):
        sidecar_path(path).write_text(text)
        with pytest.raises(StoreError, match="write it again"):
            read_session(path)


def test_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        all_of(tmp_path / "none")
    assert all_of(tmp_path) == ([], [])


async def test_capture_without_websocket_is_told(tmp_path: Path) -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    async with (
        server,
        open_tee(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path, rules=EVERYTHING) as tee,
    ):
        with pytest.raises(Exception, match="401"):
            await connect(tee.url)
    found, problems = all_of(tmp_path)
    assert found == []
    assert "the recogniser answered 401" in str(problems[0])


async def test_any_mcap_tool_reads_a_sealed_capture(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    from mcap.reader import make_reader

    await capture(stage_of, tmp_path, [make_case(seconds=0.1)])
    (path,) = tmp_path.glob("*.mcap")
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert {channel.topic for channel in summary.channels.values()} == {"client", "server", "meta"}
        assert reader.get_header().profile == FORMAT
    shutil.rmtree(tmp_path)
