"""Lanes: one arena for all batch sizes."""

import pytest

from kernels.memory import Spec, plan_buckets


def tape(batch: int) -> list[Spec]:
    return [Spec("x", 100 * batch, 0, 1), Spec("y", 70 * batch, 1, 2), Spec("z", 100 * batch, 2, 3)]


def test_the_arena_is_that_of_the_largest_batch_not_the_sum():
    lanes = plan_buckets({batch: tape(batch) for batch in (1, 2, 4, 8)})
    assert lanes.bytes == lanes.plans[8].peak == 832 + 576
    assert sum(one.peak for one in lanes.plans.values()) > lanes.bytes


def test_largest_first():
    assert list(plan_buckets({batch: tape(batch) for batch in (2, 8, 1)}).plans) == [8, 2, 1]


def test_a_batch_takes_the_smallest_bucket_that_holds_it():
    lanes = plan_buckets({batch: tape(batch) for batch in (1, 2, 4, 8)})
    assert [lanes.bucket(batch) for batch in range(1, 9)] == [1, 2, 4, 4, 8, 8, 8, 8]


@pytest.mark.parametrize("batch", [0, -1, 9])
def test_a_batch_that_was_not_planned_for(batch):
    lanes = plan_buckets({batch: tape(batch) for batch in (1, 8)})
    with pytest.raises(ValueError, match=f"a batch of {batch} streams; lanes are planned for 1 to 8"):
        lanes.bucket(batch)


@pytest.mark.parametrize("tapes", [{}, {0: tape(1)}])
def test_tapes_for_no_streams(tapes):
    with pytest.raises(ValueError, match="give at least one, of 1 stream or more"):
        plan_buckets(tapes)
