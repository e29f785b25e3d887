"""The order of batches is a function of seed and epoch, and padding keeps what was said."""

import numpy as np

from engine.training.augmentation import Augmentation
from engine.training.batches import Source, make_batch, pad, plan_epoch
from engine.training.preparation import Pack


def source(count: int = 30, share: float = 1.0) -> Source:
    rng = np.random.default_rng(1)
    starts = np.concatenate([[0], np.cumsum(rng.integers(80, 400, count))])
    packs = [Pack(rng.normal(11, 3, (int(starts[-1]), 80)).astype(np.float16), starts) for _ in range(2)]
    targets = [tuple(int(phone) for phone in rng.integers(1, 40, 6)) for _ in range(count)]
    return Source(packs, [2.0, 1.0], [False, True], targets, targets, share)


def test_an_epoch_holds_every_utterance_once_in_batches_of_bounded_audio() -> None:
    plan = plan_epoch([source()], seed=4, epoch=2, batch_seconds=12.0)
    assert sorted(utterance for batch in plan for _, _, utterance in batch) == list(range(30))
    starts = source().packs[0].starts
    for batch in plan:
        longest = max(int(starts[u + 1] - starts[u]) for _, _, u in batch)
        assert len(batch) * longest <= 12.0 * 100 * 1.25 or len(batch) == 1


def test_the_same_epoch_is_the_same_plan_and_another_is_not() -> None:
    plans = [plan_epoch([source()], 4, epoch, 12.0) for epoch in (2, 2, 3)]
    assert plans[0] == plans[1] != plans[2]


def test_a_share_takes_about_that_much() -> None:
    plan = plan_epoch([source(300, share=0.3)], 1, 0, 60.0)
    assert 60 < sum(map(len, plan)) < 120


def test_padding_keeps_targets_and_lengths() -> None:
    features = [np.full((n, 80), n, np.float32) for n in (17, 64, 5)]
    batch = pad(features, [(1, 2), (), (3,)], [(5,), (), (6, 7)])
    assert batch.features.shape[1] % 32 == 0
    assert batch.lengths.tolist() == [6, 16, 2]
    assert batch.phones.flat.tolist() == [1, 2, 3]
    assert batch.phones.lengths.tolist() == [2, 0, 1]
    assert np.all(batch.features[0, :24] == 17)
    assert np.all(batch.features[0, 24:] == 0)


def test_some_of_a_batch_is_noise_with_nothing_said() -> None:
    data = source()
    items = [(0, 0, index) for index in range(30)]
    batch = make_batch(items, [data], data.packs[0], Augmentation(), np.random.default_rng(3), empty=0.3)
    silent = int((batch.phones.lengths == 0).sum())
    assert 3 <= silent <= 18
    assert len(batch.phones.flat) == 6 * (30 - silent)
