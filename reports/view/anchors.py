"""Names of places in the page; short digests, so that hostile names of cases and slices cannot break a link."""

from __future__ import annotations

import hashlib

from harness.results import Comparison, EdgeCase


def comparison_anchor(c: Comparison) -> str:
    """Where a comparison's row stands."""
    return _anchor("c", c.measure, c.statistic, c.slice)


def utterance_anchor(e: EdgeCase) -> str:
    """Where an utterance's card stands; all edge cases of one case share it."""
    return _anchor("u", e.case_id)


def finding_anchor(index: int) -> str:
    """Where a finding stands."""
    return f"f-{index}"


def _anchor(kind: str, *parts: str) -> str:
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return f"{kind}-{hashlib.sha256(whole).hexdigest()[:10]}"
