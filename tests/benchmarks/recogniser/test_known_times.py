"""A synthesiser's phone times become the times of the words it said."""

import shutil

import numpy as np
import pytest

from benchmarks.recogniser.known_times import VOICES, speak
from engine.phones import token_ids

LEXICON = {
    word: (token_ids(spelt),)
    for word, spelt in {
        "the": "DH AH", "kettle": "K EH T AH L", "is": "IH Z", "still": "S T IH L", "warm": "W AO R M",
    }.items()
}  # fmt: skip


@pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed (make system)")
def test_words_follow_each_other_within_the_audio():
    said = speak(VOICES[0], ("the", "kettle", "is", "still", "warm"), LEXICON)
    assert None not in said.times
    edges = [edge for times in said.times if times for edge in times]
    assert edges == sorted(edges)
    assert 0.1 < edges[0] < edges[-1] <= len(said.samples) / 16_000
    loud = np.abs(said.samples[round(16_000 * edges[0]) : round(16_000 * edges[-1])])
    assert loud.mean() > 5 * np.abs(said.samples[: round(16_000 * edges[0]) - 800]).mean()
