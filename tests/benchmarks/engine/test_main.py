"""The load benchmark: its audio, its quantiles, and one small run against the real service."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.__main__ import main, quantiles, speech
from benchmarks.engine.session import RATE


def test_a_session_s_speech_is_as_long_as_asked_and_its_own() -> None:
    first, again, other = speech(3.0, 1), speech(3.0, 1), speech(3.0, 2)
    assert len(first) == len(other) == 3 * RATE
    assert (first == again).all()
    assert not (first == other).all()
    assert np.abs(first).max() > 1000


def test_quantiles_are_in_milliseconds_and_undefined_of_nothing() -> None:
    assert quantiles([]) is None
    assert quantiles([0.1, 0.2, 0.3]) == (200.0, 290.0, 298.0, 300.0)


@pytest.mark.slow
def test_two_live_sessions_are_served_and_measured(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    cores = sorted(before)
    try:
        asked = ["--sessions", "2", "--seconds", "6", "--cores", f"{cores[0]},{cores[-1]}"]
        assert main([*asked, "--out", str(tmp_path / "figures.json")]) == 0
    finally:
        os.sched_setaffinity(0, before)
    (load,) = json.loads((tmp_path / "figures.json").read_text())["loads"]
    assert load["failed"] == 0
    assert load["words"] > 5
    assert load["memory_mib"] > 50


@pytest.mark.slow
def test_the_untrained_peer_is_of_our_size_and_runs(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the peer's model is made by torch; install understudy[train]")
    pytest.importorskip("sherpa_onnx", reason="sherpa-onnx is not installed (extra: dev)")
    from benchmarks.engine import sherpa_peer

    cost = sherpa_peer.seconds_of_processor(speech(4.0, 0), tmp_path, eight_bits=True)
    assert 0 < cost < 1
    assert 6.0e6 < (tmp_path / "model.onnx").stat().st_size < 7.5e6
