"""The ARPA file, read by kenlm."""

import math

import numpy as np
import pytest

from engine.ngram.arpa import write_arpa
from engine.ngram.kneser_ney import estimate
from engine.ngram.vocabulary import BEGIN, END


def test_kenlm_reads_the_file_with_our_probabilities(small, tmp_path):
    kenlm = pytest.importorskip("kenlm", reason="kenlm, the oracle, is not installed")
    rng = np.random.default_rng(1)
    sentences = [[small.words[int(i)] for i in rng.integers(0, 4, rng.integers(1, 9))] for _ in range(200)]
    model = estimate(small.vocabulary.encode(sentences), small.vocabulary, 3, (1, 1, 2))
    write_arpa(model, tmp_path / "model.arpa")
    oracle = kenlm.Model(str(tmp_path / "model.arpa"))
    for sentence in sentences[:40]:
        numbers = [BEGIN, *(small.vocabulary.numbers[word] for word in sentence), END]
        ours = small.probability(model, *numbers[:2])
        total = math.log10(ours) + sum(
            math.log10(small.probability(model, *numbers[place - 2 : place + 1])) for place in range(2, len(numbers))
        )
        assert oracle.score(" ".join(sentence)) == pytest.approx(total, abs=1e-4 * len(numbers))
