"""Counts equal jiwer's; the edit script rebuilds both sides."""

from __future__ import annotations

import jiwer
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words.alignment import Chunk, align, character_errors, chunks, word_errors

words = st.lists(st.sampled_from(["a", "b", "c", "ab", "don't", "élan"]), max_size=12)


def _jiwer(out: jiwer.WordOutput | jiwer.CharacterOutput) -> tuple[int, int, int, int]:
    return out.substitutions, out.deletions, out.insertions, out.hits + out.substitutions + out.deletions


@settings(max_examples=300, deadline=None)
@given(words, words)
def test_counts_equal_jiwer(reference: list[str], hypothesis: list[str]) -> None:
    ours, chars = word_errors(reference, hypothesis), character_errors(reference, hypothesis)
    joined = " ".join(reference), " ".join(hypothesis)
    theirs, their_chars = jiwer.process_words(*joined), jiwer.process_characters(*joined)
    assert (ours.substitutions, ours.deletions, ours.insertions, ours.reference) == _jiwer(theirs)
    assert (chars.substitutions, chars.deletions, chars.insertions, chars.reference) == _jiwer(their_chars)
    if reference:
        assert ours.rate == theirs.wer
        assert chars.rate == their_chars.cer


def test_counts_equal_jiwer_on_thousands_of_random_sentences() -> None:
    rng = np.random.default_rng(5)
    vocabulary = np.array([f"w{i}" for i in range(40)])
    references = [list(rng.choice(vocabulary, rng.integers(1, 20))) for _ in range(3_000)]
    hypotheses = [[w for w in r if rng.random() > 0.1] + list(rng.choice(vocabulary, 2)) for r in references]
    ours = sum((word_errors(r, h) for r, h in zip(references, hypotheses, strict=True)), WordErrors())
    theirs = jiwer.process_words([" ".join(r) for r in references], [" ".join(h) for h in hypotheses])
    assert (ours.substitutions, ours.deletions, ours.insertions, ours.reference) == _jiwer(theirs)


@given(words, words)
def test_an_edit_script_rebuilds_both_sides(reference: list[str], hypothesis: list[str]) -> None:
    steps = align(reference, hypothesis)
    assert [s.reference for s in steps if s.reference is not None] == list(range(len(reference)))
    assert [s.hypothesis for s in steps if s.hypothesis is not None] == list(range(len(hypothesis)))
    assert sum(s.kind != "equal" for s in steps) == word_errors(reference, hypothesis).errors


@settings(max_examples=200, deadline=None)
@given(words.filter(bool), words.filter(bool))
def test_chunks_equal_jiwer(reference: list[str], hypothesis: list[str]) -> None:
    theirs = jiwer.process_words(" ".join(reference), " ".join(hypothesis)).alignments[0]
    assert chunks(align(reference, hypothesis)) == tuple(
        Chunk(c.type, (c.ref_start_idx, c.ref_end_idx), (c.hyp_start_idx, c.hyp_end_idx)) for c in theirs
    )


def test_empty_sides() -> None:
    assert word_errors([], ["a"]) == WordErrors(insertions=1)
    assert word_errors([], ["a"]).rate is None
    assert word_errors(["a"], []) == WordErrors(deletions=1, reference=1)
    assert character_errors([], []) == CharacterErrors()
