"""The whole mirror around the shipped recogniser: a real client is captured, and the replay is answered the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mirror.replay import ReplayRecogniser
from mirror.store.cases import as_case, event_log
from mirror.store.session import sessions
from testsets.embedded import open_embedded
from understudy import traffic
from understudy.models import shipped_versions
from understudy.services import service


@pytest.mark.slow
def test_production_and_replay_agree(tmp_path: Path) -> None:
    if not shipped_versions():
        pytest.skip("no model is shipped with this checkout")
    pytest.importorskip("onnxruntime", reason="the engine's packages are missing (extra: engine)")
    pytest.importorskip("speechmatics.rt", reason="speechmatics-rt is not installed (extra: client)")
    cases = traffic.choose(open_embedded("rehearsal").cases, 2, seed=2)
    model = str(next(iter(shipped_versions().values())))
    with service(["serve", "--model", model, "--port", "0", "--max-sessions", "20"], tmp_path / "serve.log") as running:
        traffic.record(cases, running.url, tmp_path / "store", tmp_path)
        problems: list[Exception] = []
        captured = list(sessions(tmp_path / "store", problems.append))
        recogniser = ReplayRecogniser(running.url, str(running.ready.get("recogniser", "")))

        async def play() -> list[str]:
            replayed = [await recogniser.recognise(as_case(session, tmp_path / "audio")) for session in captured]
            assert [log.failure for log in replayed] == [None] * len(cases)
            return [log.transcript.text for log in replayed]

        texts = asyncio.run(play())
    assert problems == []
    assert [session.problem for session in captured] == [None] * len(cases)
    assert texts == [event_log(session).transcript.text for session in captured]
    assert all(texts)
