"""Every codec keeps the length and most of the speech, and loses some of it."""

import numpy as np
import pytest

from engine.training.codecs import CODECS, Codec, draw_codec, recode


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: f"{codec.coding}-{codec.rate}")
def test_a_codec_keeps_time_and_loses_detail(codec: Codec) -> None:
    rng = np.random.default_rng(1)
    time = np.arange(24000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * 440 * time) * (1 + np.sin(2 * np.pi * 3 * time)) / 2
    samples = (tone + rng.normal(0, 0.005, len(time))).astype(np.float32)
    heard = recode(samples, codec)
    assert heard.shape == samples.shape
    assert np.corrcoef(samples, heard)[0, 1] > 0.9, "a delay of even a millisecond would show"
    assert np.abs(heard - samples).max() > 1e-3


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: f"{codec.coding}-{codec.rate}")
def test_a_single_sample_stays_one(codec: Codec) -> None:
    assert recode(np.zeros(1, np.float32), codec).shape == (1,)


def test_codecs_are_drawn_by_seed() -> None:
    drawn = [[draw_codec(np.random.default_rng(seed)) for seed in range(60)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == set(CODECS)
