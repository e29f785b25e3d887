"""Results that were made of captured sessions which were erased since: marked wherever they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.results import Finding, Outcome, Run
from mirror.store.erasure import Erasure, erasures


def with_erasures(run: Run, folder: Path) -> Run:
    """The run with a finding about the sessions that were erased after it, if any.

    Args:
        run: a finished run.
        folder: where it lies; the store left its marks there.

    Raises:
        StoreError: the marks are damaged.
    """
    found = erasures(folder)
    if not found:
        return run
    return replace(run, verdict=replace(run.verdict, findings=(*run.verdict.findings, _finding(found))))


def _finding(found: Sequence[Erasure]) -> Finding:
    last, names = max(mark.at for mark in found), tuple(dict.fromkeys(mark.session for mark in found))
    reasons = ", ".join(dict.fromkeys(mark.why for mark in found))
    many = "1 captured session" if len(names) == 1 else f"{len(names)} captured sessions"
    what = f"{many} behind these numbers were erased, last at {last} ({reasons}); they cannot be made again"
    return Finding("erased", Outcome.PASS, None, names, what)
