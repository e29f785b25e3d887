import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets.synthesis.conversation import converse

few = settings(max_examples=30)


@few
@given(st.lists(st.integers(200, 40_000), min_size=1, max_size=7), st.integers(0, 2**32))
def test_turns_are_in_order_overlap_in_pairs_and_carry_their_speech(sizes: list[int], seed: int) -> None:
    spoken = [(f"s{place % 2}", np.full(size, 1.0, np.float32)) for place, size in enumerate(sizes)]
    mixture, turns = converse(spoken, 16_000, np.random.default_rng(seed))
    assert [turn.end - turn.start for turn in turns] == sizes
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    assert mixture.sum() == sum(sizes)
    assert mixture.max() <= 2
    for place in range(1, len(turns)):
        overlaps = turns[place].start < turns[place - 1].end
        assert overlaps == (place % 2 == 1)
