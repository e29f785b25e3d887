"""Pruning."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ngram.counts import count, look_up
from engine.ngram.kneser_ney import estimate
from engine.ngram.prune import prune

texts = st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", "zz"]), max_size=6), min_size=1, max_size=12)


@settings(deadline=None, max_examples=25)
@given(texts, st.floats(1e-4, 0.1))
def test_pruning_drops_ngrams_and_still_sums_to_one(small, sentences, threshold):
    stream = small.vocabulary.encode(sentences)
    model = estimate(stream, small.vocabulary, 3, (1, 1, 1))

    def weight(keys, order):
        seen = count(stream, order)
        return look_up(seen.keys, seen.counts, keys) / len(stream)

    pruned = prune(model, [threshold, threshold], weight)
    small.sums_to_one(pruned)
    assert [len(level) for level in pruned.orders] <= [len(level) for level in model.orders]
    untouched = prune(model, [-1.0, -1.0], weight)
    assert [len(level) for level in untouched.orders] == [len(level) for level in model.orders]
