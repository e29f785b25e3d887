"""A run whose captured sessions were erased says so wherever it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.results import Outcome, Run, RunRecord, Verdict
from mirror.errors import StoreError
from mirror.store.erasure import MARK
from understudy.erased import with_erasures

RECORD = RunRecord("r", "2026-11-23T00:00:00+00:00", 1, "basic-1#0", {}, "p", (), (), {})
RUN = Run(RECORD, (), (), (), Verdict(Outcome.PASS, (), (), "a", "b", "p", "v1"))


def test_a_run_without_marks_is_as_it_was(tmp_path: Path) -> None:
    assert with_erasures(RUN, tmp_path) is RUN


def test_erased_sessions_are_a_finding_that_changes_no_verdict(tmp_path: Path) -> None:
    marks = [{"session": name, "at": "2026-11-24T00:00:00Z", "why": "asked to"} for name in ("s1", "s2", "s1")]
    (tmp_path / MARK).write_text("".join(json.dumps(mark) + "\n" for mark in marks))
    verdict = with_erasures(RUN, tmp_path).verdict
    assert verdict.outcome is Outcome.PASS
    assert verdict.findings[0].case_ids == ("s1", "s2")
    assert "2 captured sessions" in verdict.findings[0].message


def test_damaged_marks_are_told(tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("{")
    with pytest.raises(StoreError, match="void"):
        with_erasures(RUN, tmp_path)
