import numpy as np
import pytest

from engine.jobs.errors import AudioError
from engine.jobs.recognition import Interrupted, judge_length, recognise

BLOCKS = [np.zeros((1, 40_000), np.float32), np.zeros((1, 24_000), np.float32)]


def test_all_blocks_are_heard(counting) -> None:
    heard = recognise(BLOCKS, counting.begin, 64_000, lambda: True)
    assert heard.samples == 64_000
    assert [[word.text for word in channel.words] for channel in heard.channels] == [["w0", "w1", "w2", "w3"]]


def test_each_channel_has_a_stream(counting) -> None:
    heard = recognise([np.zeros((3, 16_000), np.float32)], counting.begin, 64_000, lambda: True)
    assert [[word.text for word in channel.words] for channel in heard.channels] == [["w0"]] * 3
    assert (counting.heard, heard.samples) == (3, 16_000)


def test_volume_is_measured_and_what_is_quiet_is_silence(counting) -> None:
    loud, quiet = np.full((1, 16_000), 0.5, np.float32), np.full((1, 16_090), 0.01, np.float32)
    heard: list[np.ndarray] = []
    counting.listen = heard.append
    found = recognise([loud, quiet], counting.begin, 64_000, lambda: True, 5.0)
    assert found.channels[0].volumes == {0: 50.0, 16_000: 1.0}
    assert np.array_equal(np.concatenate(heard), np.concatenate([loud[0], 0 * quiet[0]]))
    assert recognise([loud], counting.begin, 64_000, lambda: True).channels[0].volumes == {}


def test_it_stops_when_told(counting) -> None:
    answers = iter([True, False])
    with pytest.raises(Interrupted):
        recognise(BLOCKS, counting.begin, 64_000, lambda: next(answers))


def test_too_long_is_refused_before_it_is_heard(counting) -> None:
    with pytest.raises(AudioError, match=r"longer than the 0\.5 hours"):
        judge_length(1 + 1_800 * 16_000, 1_800 * 16_000)
    with pytest.raises(AudioError):
        recognise(BLOCKS, counting.begin, 63_999, lambda: True)
