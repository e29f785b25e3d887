"""A live candidate behind the tee: whatever it does, the client hears the champion and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from mirror.capture.tee import open_tee
from mirror.errors import CaptureError
from mirror.privacy.rules import EVERYTHING, NOTHING, Rules, Tenant
from mirror.replay import replay
from mirror.shadow.disagreement import Disagreement
from mirror.shadow.stage import Seen, Shadow
from mirror.store.cases import as_case, event_log
from mirror.store.recorded import Session, read_session
from testsets import audio
from testsets.case import Case
from testsets.events import EventLog

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]


async def rehearse(
    champion: str,
    candidate: str,
    store: Path,
    case: Case,
    rules: Rules = EVERYTHING,
    sessions: int = 1,
    patience: float = 30,
) -> tuple[list[EventLog], Seen]:
    """Play a case through a tee with a shadow; gives what the client heard, and what the shadow saw."""
    samples, _ = audio.read(case.audio.path)
    store.mkdir(exist_ok=True)
    shadow = Shadow(candidate, store, rules, token="CANDIDATE-KEY", patience=patience)
    async with open_tee(champion, store, rules=rules, audience=(shadow,)) as tee:
        playing = [replay(replace(case, id=str(n)), samples, tee.url, token="CLIENT-KEY") for n in range(sessions)]
        logs = list(await asyncio.gather(*playing))
    return logs, await asyncio.to_thread(shadow.close)


def unharmed(log: EventLog) -> bool:
    return log.failure is None and log.transcript.text == "word2 word4"


def arms(store: Path) -> tuple[Session, Session]:
    """Champion's and candidate's capture of the one session."""
    first, second = sorted(store.glob("*.mcap"), key=lambda path: len(path.name))
    assert second.name == first.name.replace(".mcap", ".candidate.mcap")
    return read_session(first), read_session(second)


@pytest.fixture
def case(make_case: MakeCase) -> Case:
    return make_case(seconds=0.4)


async def test_a_candidate_that_agrees(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async with stage_of() as champion, stage_of() as candidate:
        logs, seen = await rehearse(champion.url, candidate.url, tmp_path / "store", case, sessions=3)
        assert candidate.audio == champion.audio
    assert all(unharmed(log) for log in logs)
    assert (seen.played, seen.finished, seen.failed) == (3, 3, ())
    assert seen.disagreement == Disagreement(0, 6, 6)


async def test_both_arms_are_stored_and_compare(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async with stage_of() as champion, stage_of(ends=True) as candidate:
        await rehearse(champion.url, candidate.url, tmp_path / "store", case)
    ours, theirs = arms(tmp_path / "store")
    assert theirs.id == f"{ours.id}.candidate"
    assert theirs.tags == {"arm": "candidate"}
    assert (ours.problem, theirs.problem) == (None, None)
    assert event_log(theirs).transcript.text == event_log(ours).transcript.text == "word2 word4"
    one, other = (audio.read(as_case(s, tmp_path / s.id).audio.path)[0] for s in (ours, theirs))
    assert (one == other).all()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "store").glob("*.mcap"))
    assert b"CLIENT-KEY" not in stored
    assert b"CANDIDATE-KEY" not in stored


@contextlib.asynccontextmanager
async def serving(handler: Callable[[ServerConnection], Any], **options: Any) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, close_timeout=0.2, **options) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"


async def test_a_candidate_that_disagrees_is_counted(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async with stage_of() as champion, stage_of() as candidate:

        async def other(connection: ServerConnection) -> None:
            from websockets.asyncio.client import connect

            async with connect(candidate.url) as inner:

                async def back() -> None:
                    async for message in inner:
                        await connection.send(str(message).replace("word4", "world"))
                    await connection.close()

                task = asyncio.ensure_future(back())
                async for message in connection:
                    await inner.send(message)
                await task

        async with serving(other) as url:
            (log,), seen = await rehearse(champion.url, url, tmp_path / "store", case)
    assert unharmed(log)
    assert seen.disagreement == Disagreement(1, 2, 2)
    assert seen.disagreement.rate == 0.5


@pytest.mark.parametrize(
    ("manner", "why"),
    [
        ({"vanishes_after": 2}, "it left before the end"),
        ({"closes_after": 2}, "it left before the end"),
        ({"error": "not_authorised"}, "it left before the end"),
        ({"ends": False}, "it did not finish its transcript in time"),
        ({"starts": False}, "it did not finish its transcript in time"),
    ],
)
async def test_a_candidate_that_fails(stage_of: Stage, case: Case, tmp_path: Path, manner: Any, why: str) -> None:
    async with stage_of() as champion, stage_of(**manner) as candidate:
        patience = 0.5 if "time" in why else 30
        (log,), seen = await rehearse(champion.url, candidate.url, tmp_path / "store", case, patience=patience)
        if manner.get("starts") is False:
            assert candidate.audio == [b""]  # no audio before it said that it is ready
    assert unharmed(log)
    assert (seen.played, seen.finished, seen.failed) == (1, 0, ((why, 1),))
    _, theirs = arms(tmp_path / "store")
    assert theirs.problem is not None
    assert why in theirs.problem


async def test_a_candidate_that_talks_garbage(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async with stage_of() as champion, stage_of(garbage=True) as candidate:
        (log,), seen = await rehearse(champion.url, candidate.url, tmp_path / "store", case)
    assert unharmed(log)
    assert (seen.finished, seen.violations) == (1, 4)


async def test_a_candidate_that_sends_no_frames_at_all(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async def rubbish(connection: ServerConnection) -> None:
        connection.transport.write(b"\xff\xff\xff rubbish")
        await connection.wait_closed()

    async with stage_of() as champion, serving(rubbish) as url:
        (log,), seen = await rehearse(champion.url, url, tmp_path / "store", case)
    assert unharmed(log)
    assert [why.partition(" (")[0] for why, _ in seen.failed] == ["it sends no WebSocket frames"]


async def test_a_candidate_that_refuses(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async def refuse(connection: ServerConnection, request: Any) -> Any:
        return connection.respond(503, "no room\n")

    async with stage_of() as champion, serving(lambda c: c.wait_closed(), process_request=refuse) as url:
        (log,), seen = await rehearse(champion.url, url, tmp_path / "store", case)
    assert unharmed(log)
    assert seen.failed == (("it answers HTTP 503 instead of opening a WebSocket", 1),)


async def test_a_candidate_that_is_not_there(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{unused.getsockname()[1]}/v2"
        async with stage_of() as champion:
            (log,), seen = await rehearse(champion.url, url, tmp_path / "store", case)
    assert unharmed(log)
    assert seen.failed == (("it cannot be reached", 1),)


async def test_a_candidate_that_never_answers_the_handshake(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with stage_of() as champion, server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v2"
        (log,), seen = await rehearse(champion.url, url, tmp_path / "store", case, patience=0.3)
    assert unharmed(log)
    assert seen.failed == (("it did not finish its transcript in time", 1),)


async def test_a_candidate_that_reads_nothing(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    case = make_case(seconds=0.3)
    async with stage_of() as champion, stage_of(deaf=True) as candidate:
        logs, seen = await rehearse(champion.url, candidate.url, tmp_path / "store", case, patience=0.2)
    assert logs[0].failure is None
    assert seen.played == 1
    assert seen.finished + sum(count for _, count in seen.failed) == 1


async def test_without_consent_the_candidate_hears_nothing(stage_of: Stage, case: Case, tmp_path: Path) -> None:
    async with stage_of() as champion, stage_of() as candidate:
        (log,), seen = await rehearse(champion.url, candidate.url, tmp_path / "store", case, rules=NOTHING)
        assert candidate.audio == []
        digest = hashlib.sha256(b"CLIENT-KEY").hexdigest()
        (log,), again = await rehearse(
            champion.url, candidate.url, tmp_path / "store", case, rules=Rules(tenants={"acme": Tenant((digest,))})
        )
    assert unharmed(log)
    assert (seen.played, again.played) == (0, 1)
    ours, theirs = arms(tmp_path / "store")
    assert ours.tags["tenant"] == theirs.tags["tenant"] == "acme"


async def test_what_a_client_asks_in_its_url_reaches_the_candidate_but_its_key_does_not(
    stage_of: Stage, case: Case, tmp_path: Path
) -> None:
    heard: list[tuple[str, str | None]] = []

    async def note(connection: ServerConnection) -> None:
        assert connection.request is not None
        heard.append((connection.request.path, connection.request.headers.get("Authorization")))
        await connection.close()

    samples, _ = audio.read(case.audio.path)
    async with stage_of() as champion, serving(note) as url:
        shadow = Shadow(f"{url}?model=new", tmp_path, EVERYTHING, token="CANDIDATE-KEY")
        async with open_tee(champion.url, tmp_path, rules=EVERYTHING, audience=(shadow,)) as tee:
            await replay(case, samples, f"{tee.url}?model=old&punctuate=true&jwt=CLIENT-KEY")
        await asyncio.to_thread(shadow.close)
    assert heard == [("/v2?punctuate=true&model=new", "Bearer CANDIDATE-KEY")]


def test_an_address_that_is_no_live_wire(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="a shadow hears live sessions"):
        Shadow("http://127.0.0.1:1/v2", tmp_path, EVERYTHING)
