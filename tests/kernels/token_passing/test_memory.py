"""Sizes of channels and lanes."""

import pytest

from kernels.token_passing.memory import new_channel, new_lane


def test_a_lane_needs_room_for_candidates():
    with pytest.raises(ValueError, match="power of two and at least 256"):
        new_lane(100, 128, 1024)
    with pytest.raises(ValueError, match="got 128"):
        new_lane(128, 128, 1024)


def test_a_channel_is_as_large_as_asked():
    channel = new_channel(128, 1024)
    assert (len(channel.tokens), len(channel.records), len(channel.sides)) == (128, 1024, 0)
    assert len(new_channel(128, 1024, 300).sides) == 300
