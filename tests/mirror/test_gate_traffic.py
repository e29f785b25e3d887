"""A gate plays stores as they are: captured, sealed, encrypted; and tells what it could not play as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from harness.gate.policy_file import parse_policy
from harness.results import Run
from mirror.capture.tee import open_tee
from mirror.errors import StoreError
from mirror.privacy.keys import read_identities
from mirror.privacy.rules import EVERYTHING
from mirror.replay import replay
from mirror.store.audit import Audit
from mirror.store.place import Folder
from mirror.store.sealer import seal_store
from testsets import audio
from testsets.case import Case
from understudy.cases import gather
from understudy.errors import UsageError
from understudy.gate_run import Request, run_gate
from understudy.telling import Told

Stage = Callable[..., Any]
MakeCase = Callable[..., Case]
POLICY = parse_policy('version = 1\nname = "x"\nresamples = 200\n[margins]\nwer = { absolute = 0.5 }\n', "x")


async def capture(stage_of: Stage, store: Path, cases: list[Case], rules: Any = EVERYTHING) -> None:
    async with stage_of() as stage, open_tee(stage.url, store, rules=rules) as tee:
        for case in cases:
            await replay(case, audio.read(case.audio.path)[0], tee.url)


async def gate(url: str, store: str, out: Path, notes: list[str], identities: tuple[Any, ...] = ()) -> Run:
    told = Told(lambda name, steps: None, lambda: None, notes.append)
    asked = Request(url, url, (), (store,), fresh_sessions=0, policy=POLICY, out=out, sessions=3, identities=identities)
    return await asyncio.to_thread(run_gate, asked, told)


async def test_a_sealed_store_is_played_and_its_fidelity_recorded(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    store, sealed = tmp_path / "store", tmp_path / "sealed"
    await capture(stage_of, store, [make_case(seconds=0.3)])
    seal_store(store, Folder(sealed), (), False, lambda done: None, lambda error: None)
    notes: list[str] = []
    async with stage_of() as stage:
        run = await gate(stage.url, str(sealed), tmp_path / "run", notes)
    assert notes == []
    assert [(found.name, found.cases) for found in run.record.test_sets] == [("traffic sealed", 1)]
    assert run.record.config["lateness"]["packets"] == 9
    pressure = run.record.config["back_pressure"]
    assert {arm: found["packets"] for arm, found in pressure.items()} == dict.fromkeys(pressure, 3)
    assert {"champion", "candidate"} < set(pressure)
    assert "Back-pressure: " in (tmp_path / "run" / "report.html").read_text()
    (deed,) = Audit(Folder(sealed)).deeds()
    assert (deed.action, deed.why, deed.to) == ("read", "understudy gate", str(tmp_path / "run"))


async def test_an_encrypted_store_opens_with_its_key_only(stage_of: Stage, make_case: MakeCase, tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage", reason="pyrage is not installed (extra: dev)")
    key, store = pyrage.x25519.Identity.generate(), tmp_path / "store"
    (tmp_path / "key.txt").write_text(f"{key}\n")
    await capture(stage_of, store, [make_case(seconds=0.2)], replace(EVERYTHING, recipients=(str(key.to_public()),)))
    with pytest.raises(UsageError, match="holds no session that can be replayed; the first: "):
        gather([], [str(store)], tmp_path / "audio")
    found = gather([], [str(store)], tmp_path / "audio", read_identities(tmp_path / "key.txt"))
    (case,) = found.cases
    assert case.tags["source"] == "traffic"
    assert list(found.notes()) == ["1 captured sessions were encrypted; the run folder holds their audio in the clear"]


async def test_sessions_with_reactions_are_flagged_and_played(
    stage_of: Stage, make_case: MakeCase, tmp_path: Path
) -> None:
    async with (
        stage_of() as stage,
        open_tee(stage.url, tmp_path / "store", rules=EVERYTHING) as tee,
        connect(tee.url) as client,
    ):
        await client.send(
            '{"message": "StartRecognition", "transcription_config": {"language": "en"}, '
            '"audio_format": {"type": "raw", "encoding": "pcm_s16le", "sample_rate": 16000}}'
        )
        await client.send(b"\x00" * 3_200)
        while "AddPartialTranscript" not in str(await client.recv()):
            pass
        await client.send('{"message": "ForceEndOfUtterance"}')
        await client.send('{"message": "EndOfStream", "last_seq_no": 1}')
        async for _ in client:
            pass
    notes: list[str] = []
    async with stage_of() as stage:
        run = await gate(stage.url, str(tmp_path / "store"), tmp_path / "run", notes)
    ((case_id, found),) = run.record.config["reactions"].items()
    assert found[0]["what"] == "ForceEndOfUtterance after an answer"
    assert len(notes) == 1
    assert notes[0].startswith(f"{case_id}: its client reacted to what it heard, a replay cannot (ForceEndOfUtterance")


def test_a_store_that_is_not_there_and_one_case_twice(make_case: MakeCase, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such store"):
        gather([], [str(tmp_path / "none")], tmp_path)
    with pytest.raises(UsageError, match="no cases"):
        gather([], [], tmp_path)
    with pytest.raises(UsageError, match="occur in two test sets"):
        gather(["rehearsal", "rehearsal"], [], tmp_path)
