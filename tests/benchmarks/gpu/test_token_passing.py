"""The chore for the search of many streams: its table, its comparison before timing, its arm on a core."""

import numpy as np
import pytest

from benchmarks.gpu import rehearsal, token_passing


def test_streams_repeat_the_recordings_in_turn() -> None:
    log_probs = np.arange(6, dtype=np.float32).reshape(3, 2, 1)
    assert token_passing.repeated(log_probs, 5)[:, 0, 0].tolist() == [0, 2, 4, 0, 2]


def test_every_contestant_has_three_turns_at_least() -> None:
    turns: list[str] = []
    times = token_passing.shortest([lambda: turns.append("a"), lambda: turns.append("b")], 0.0)
    assert turns == ["a", "b"] * 3
    assert min(times) > 0


def test_the_table_rounds_to_three_digits() -> None:
    assert token_passing.table([{"streams": 8, "together": 12345.6}]).split() == ["streams", "together", "8", "12,300"]


@pytest.mark.slow
def test_on_the_shipped_graph_all_streams_have_equal_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = rehearsal.recogniser()
    log_probs = rehearsal.posteriors(heard, rehearsal.recordings(3))
    monkeypatch.setattr(token_passing, "CORE_STREAMS", (4,))
    rows = token_passing.on_a_core(heard.decoder, log_probs, 0.0)  # raises where one differs
    assert rows[0]["streams"] == 4
    assert rows[0]["together"] > 0
