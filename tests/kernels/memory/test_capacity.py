"""Predicted streams are admitted streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.memory import Arena, Blocks, FullError, Slab, Spec, capacity, plan, record_bytes

SIZES = st.integers(1, 200).map(lambda lines: 256 * lines)
CHANNELS = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(st.sampled_from([np.int16, np.float32, np.float64]), st.lists(st.integers(1, 9), max_size=3)),
    min_size=1,
)


@settings(max_examples=60)
@given(SIZES, SIZES, SIZES, CHANNELS, st.integers(0, 300_000))
def test_predicted_streams_are_admitted_and_no_more(weights, lanes, blocks, channels, spare):
    record = record_bytes(channels)
    limit = weights + lanes + blocks + record + 4096 + spare
    planned = capacity(limit, weights, lanes, record, blocks)

    regions = {"weights": weights, "lanes": lanes, "blocks": blocks, "channels": planned.streams * record}
    layout = plan([Spec(name, size, 0, 0, 256) for name, size in regions.items()])
    arena = Arena(layout.peak, lock=False)
    assert layout.peak == planned.bytes
    assert arena.bytes <= limit

    Blocks(blocks // 64, 64, arena, layout.offsets["blocks"])
    slab = Slab(channels, planned.streams, arena, layout.offsets["channels"])
    assert len({slab.acquire() for _ in range(planned.streams)}) == planned.streams
    with pytest.raises(FullError):
        slab.acquire()
    assert -(-(planned.bytes + record) // 4096) * 4096 > limit  # not one more would have fitted


def test_too_small_a_limit_says_what_the_first_stream_needs():
    with pytest.raises(ValueError, match=r"1,000 bytes admits no stream; the first one needs 8,192"):
        capacity(1000, 2000, 1000, 3000, 500)
    assert capacity(8192, 2000, 1000, 3000, 500).streams == 1


@pytest.mark.parametrize("sizes", [(-1, 0, 1, 0), (0, -1, 1, 0), (0, 0, 0, 0), (0, 0, 1, -1)])
def test_sizes_must_be_sizes(sizes):
    with pytest.raises(ValueError, match="sizes must be positive"):
        capacity(1 << 20, *sizes)
