from hypothesis import given
from hypothesis import strategies as st

from engine.operations.capacity import BUSY, CostTable, StepCost, places, places_of

MS = 1_000_000


def table(chunk_ms: int = 320, **models: dict[int, int]) -> CostTable:
    steps = {name: tuple(StepCost(size, cost * MS) for size, cost in rows.items()) for name, rows in models.items()}
    return CostTable(chunk_ms * MS, steps)


def test_a_round_is_full_batches_and_a_rest() -> None:
    costs = table(standard={1: 10, 2: 12, 4: 16})
    assert [costs.round("standard", n) // MS for n in (1, 2, 3, 4, 5, 8, 11)] == [10, 12, 14, 16, 26, 32, 46]


def test_as_many_as_end_before_the_finals_are_late() -> None:
    costs = table(standard={1: 10, 2: 12, 4: 16})
    sessions = places_of(costs, "standard", 200 * MS)
    assert costs.round("standard", sessions) <= 200 * MS * BUSY < costs.round("standard", sessions + 1)
    assert sessions == 40


def test_a_short_chunk_counts_before_a_long_slack() -> None:
    assert places_of(table(100, standard={1: 10}), "standard", 200 * MS) == 8


def test_the_promise_holds_for_the_costliest_operating_point() -> None:
    assert places(table(standard={1: 10}, enhanced={1: 40}), 200 * MS) == 4


def test_a_machine_that_is_too_slow_still_serves_one() -> None:
    assert places(table(standard={1: 1_000}), 200 * MS) == 1


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), st.integers(1, 400))
def test_more_time_never_means_fewer_places(costs: list[int], slack: int) -> None:
    made = table(standard={1 << power: cost for power, cost in enumerate(sorted(costs))})
    assert places_of(made, "standard", slack * MS) <= places_of(made, "standard", 2 * slack * MS)
