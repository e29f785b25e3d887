from hypothesis import given
from hypothesis import strategies as st

from engine.backlog import Backlog


@given(st.integers(1, 100), st.lists(st.integers(-60, 60), max_size=50))
def test_it_is_full_by_its_bytes_and_tells_when_it_is_not_any_more(capacity: int, moves: list[int]) -> None:
    told, queued, freed = [], 0, 0
    backlog = Backlog(capacity, lambda: told.append(True))
    for move in moves:
        before = queued
        if move > 0:
            queued += move
            backlog.fed(move)
        elif queued + move >= 0:
            queued += move
            backlog.took(-move)
        freed += before >= capacity > queued
        assert backlog.full == (queued >= capacity)
        assert len(told) == freed
