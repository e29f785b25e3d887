"""Sessions that come and go: counted, and nothing of them stays."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from benchmarks.engine.churn import main


@pytest.mark.slow
def test_a_thousand_sessions_leave_nothing_behind(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    try:
        asked = ["--cores", f"{cores[0]},{cores[-1]}", "--max-sessions", "200", "--seconds", "120"]
        assert main([*asked, "--out", str(tmp_path / "figures.json")]) == 0
    finally:
        os.sched_setaffinity(0, before)
    found = json.loads((tmp_path / "figures.json").read_text())
    assert (found["well"], found["wrong"]) == (1_000, {})
    assert found["after"]["threads"] <= found["before"]["threads"]
    assert found["after"]["files"] <= found["before"]["files"]
    # Each stream holds megabytes: five hundred that stayed would be gigabytes.
    assert found["after"]["memory_mib"] - found["halfway"]["memory_mib"] < 100
