"""Kernels on CPUs ask the system for no memory once they run; handing arrays over takes a few bytes each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("torch", reason="the jobs compare with plain torch; install understudy[train]")

from benchmarks.kernels import cpu
from benchmarks.kernels.allocations import count_allocations

pytestmark = pytest.mark.usefixtures("allocation_counter")


def all_of_them(streams: int, samples: int) -> Callable[[], object]:
    found = [
        cpu.attention_job(streams, 8),
        cpu.convolution_job(streams, 8),
        cpu.query_job(streams, 16),
        cpu.log_mel_job(samples),
    ]
    ours = [job["ours"] for job in found]

    def step() -> None:
        for work in ours:
            work()

    return step


@pytest.mark.slow
def test_kernels_allocate_nothing_but_what_numba_notes_of_their_arguments() -> None:
    few, many = (count_allocations(all_of_them, *sizes, calls=20) for sizes in ((1, 720), (4, 16_000)))
    assert few.large == many.large == 0
    assert few.total == many.total
    assert many.bytes / many.total < 256
