"""Labelled parts are nested and hold every speaker before any speaker twice."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="training needs torch; install understudy[train]")

from benchmarks.label_efficiency.speech import Speech, part_of, take_turns
from engine.training.preparation import Pack


@settings(max_examples=60, deadline=None)
@given(speakers=st.lists(st.sampled_from("abcde"), min_size=1, max_size=40), seed=st.integers(0, 9))
def test_everyone_speaks_before_anyone_speaks_again(speakers: list[str], seed: int) -> None:
    order = take_turns(speakers, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(speakers)))
    every = Counter(speakers)
    for size in range(1, len(order) + 1):
        said = Counter(speakers[index] for index in order[:size])
        most = max(said.values())
        assert all(said[speaker] >= min(most - 1, count) for speaker, count in every.items())


@dataclass
class Said:
    speaker: str
    text: str = "a"
    phones: tuple[int, ...] = field(default=(1,))


def pack(lengths: list[int]) -> Pack:
    starts = np.cumsum([0, *lengths])
    return Pack(np.repeat(np.arange(len(lengths), dtype=np.float16), lengths)[:, None], starts)


def test_a_larger_part_holds_the_smaller_one() -> None:
    train = [Said("ab"[index % 2]) for index in range(40)]
    said = pack([900] * 40)
    speech = Speech(train, said, [], said, [], said)  # type: ignore[arg-type]
    parts = [speech.labels(minutes, seed=3).packs[0].features[::900, 0].tolist() for minutes in (1, 2, 5, 99)]
    assert [len(part) for part in parts] == [7, 14, 34, 40]
    assert all(large[: len(small)] == small for small, large in pairwise(parts))
    assert speech.labels(1, seed=4).packs[0].features[::900, 0].tolist() != parts[0]


def test_a_part_keeps_its_recordings() -> None:
    part = part_of(pack([2, 3, 4]), [2, 0])
    assert part[0].ravel().tolist() == [2.0] * 4
    assert part[1].ravel().tolist() == [0.0] * 2
    assert len(part) == 2


def test_everything_is_pretrained_on() -> None:
    speech = Speech([], pack([5, 5]), [pack([5]), pack([5] * 3)], pack([5]), [], pack([5]))
    assert [len(source.targets) for source in speech.every_recording()] == [2, 1, 3]
