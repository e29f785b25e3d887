"""Lattices of a search against an exhaustive search: every word sequence within the beam, with its best score."""

from collections import defaultdict

import numpy as np
import pytest

from engine.decoder.options import DecodeOptions
from engine.decoder.ranking import best_sentences
from engine.decoder.search import Decoder

BEAM = 6.0


def every_sentence(graph, scores: np.ndarray) -> dict[tuple[int, ...], float]:
    """The best score of every word sequence that ends in a final state, in float64 and without a beam."""
    offsets, dest, phone = graph.offsets.tolist(), graph.dest.tolist(), graph.phone.tolist()
    word, cost, final = graph.word.tolist(), graph.cost.tolist(), graph.final.tolist()

    def close(known):
        waiting = list(known)
        for state, held, words in waiting:  # grows while it is walked
            for arc in range(offsets[state], offsets[state + 1]):
                if phone[arc] == 0:
                    key = dest[arc], held, (*words, word[arc]) if word[arc] else words
                    moved = known[state, held, words] - cost[arc]
                    if moved > known[key]:
                        known[key] = moved
                        waiting.append(key)
        return known

    known = close(defaultdict(lambda: -np.inf, {(0, 0, ()): 0.0}))
    for weights in scores.astype(np.float64).tolist():
        following = defaultdict(lambda: -np.inf)
        for (state, held, words), score in known.items():
            for stay in {0, held}:
                following[state, stay, words] = max(following[state, stay, words], score + weights[stay])
            for arc in range(offsets[state], offsets[state + 1]):
                if phone[arc] not in (0, held):
                    key = dest[arc], phone[arc], (*words, word[arc]) if word[arc] else words
                    following[key] = max(following[key], score + weights[phone[arc]] - cost[arc])
        known = close(following)
    found = defaultdict(lambda: -np.inf)
    for (state, _, words), score in known.items():
        found[words] = max(found[words], score - final[state])
    return {words: score for words, score in found.items() if np.isfinite(score)}


@pytest.mark.parametrize("seed", range(4))
def test_the_lattice_holds_every_sentence_within_its_beam(small_graph, voice, seed):
    log_probs = voice(seed).say(["a cat", "two reed", "the cat", "cats saw"][seed], noise=3.0)[:9]
    truth = every_sentence(small_graph, log_probs)
    best = max(truth.values())
    decoder = Decoder(small_graph, DecodeOptions(1.0, 0.0, 0.0, 0.0, 80.0, 4000, lattice_beam=BEAM))
    stream = decoder.begin()
    for at in range(0, len(log_probs), 4):
        stream.step(log_probs[at : at + 4])
    found = dict(best_sentences(stream.lattice(ending=True), 10_000))
    wanted = {words: score for words, score in truth.items() if best - score < BEAM - 1e-3}
    assert wanted
    assert {words: found.get(words) for words in wanted} == pytest.approx(wanted, abs=1e-3)
    assert all(score < truth[words] + 1e-3 for words, score in found.items())


def test_a_full_memory_narrows_the_lattice(small_graph, voice, monkeypatch):
    monkeypatch.setattr("engine.decoder.search.SPREAD_ARCS", 40)
    decoder = Decoder(small_graph, DecodeOptions(1.0, 0.5, 0.0, 0.0, 12.0, 500, lattice_beam=9.0))
    stream = decoder.begin()
    stream.step(voice(3).say("two cats read to the cat", noise=2.5))
    assert 0 < len(stream.lattice().source) <= 40
