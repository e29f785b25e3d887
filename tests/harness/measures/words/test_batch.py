"""Many pairs at once: the same scripts as one at a time, and the peers' counts."""

from __future__ import annotations

from dataclasses import astuple

import jiwer
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.measures.counts import CharacterErrors, WordErrors
from harness.measures.words import batch
from harness.measures.words.alignment import align, character_errors, chunks, word_errors
from harness.measures.words.batch import align_pairs, align_texts, character_errors_each

VOCABULARY = ["a", "b", "c", "ab", "don't", "élan", "Δ"]
words = st.lists(st.sampled_from(VOCABULARY), max_size=12)
Pairs = tuple[list[list[str]], list[list[str]]]


def noisy(seed: int, count: int, longest: int) -> Pairs:
    """Random sentences and what a poor recogniser makes of them."""
    rng = np.random.default_rng(seed)
    said = [[f"w{i}" for i in rng.integers(0, 30, rng.integers(0, longest))] for _ in range(count)]
    heard = [[w if rng.random() > 0.1 else f"w{rng.integers(40)}" for w in s if rng.random() > 0.1] for s in said]
    return said, [h + ["w1"] * int(rng.integers(0, 3)) for h in heard]


@pytest.fixture
def compiled_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_FEW", 0)


def same(said: list[list[str]], heard: list[list[str]]) -> None:
    found = align_pairs(said, heard)
    assert len(found) == len(said)
    for i, (r, h) in enumerate(zip(said, heard, strict=True)):
        assert found.steps(i) == align(r, h)
        assert found.word_errors(i) == word_errors(r, h)
        assert found.hits(i) == len(r) - found.word_errors(i).substitutions - found.word_errors(i).deletions
    assert found.each() == [word_errors(r, h) for r, h in zip(said, heard, strict=True)]
    assert found.total() == sum(found.each(), WordErrors())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(words, words), max_size=6))
def test_few_pairs_equal_one_at_a_time(pairs: list[tuple[list[str], list[str]]]) -> None:
    same([r for r, _ in pairs], [h for _, h in pairs])
    texts = [(" ".join(r), " ".join(h)) for r, h in pairs]
    assert align_texts((r for r, _ in texts), (h for _, h in texts)).each() == [word_errors(r, h) for r, h in pairs]
    expected = [character_errors(r, h) for r, h in pairs]
    assert character_errors_each((r for r, _ in texts), (h for _, h in texts)) == expected


@pytest.mark.usefixtures("compiled_only")
@pytest.mark.parametrize(("count", "longest"), [(400, 20), (40, 300)])
def test_compiled_pairs_equal_one_at_a_time(count: int, longest: int) -> None:
    said, heard = noisy(7, count, longest)
    same(said, heard)
    texts = [" ".join(r) for r in said], ["\t ".join(["", *h, ""]) for h in heard]
    assert align_texts(*texts).each() == align_pairs(said, heard).each()
    expected = [character_errors(r, h) for r, h in zip(said, heard, strict=True)]
    assert character_errors_each(map(" ".join, said), map(" ".join, heard)) == expected


@pytest.mark.usefixtures("compiled_only")
def test_pairs_too_long_for_bit_matrices_stand_in_their_places() -> None:
    said, heard = noisy(3, 12, 30)
    long = noisy(5, 2, 12_000)
    for place in (0, 5, 12):
        said.insert(place, long[0][place % 2])
        heard.insert(place, long[1][place % 2])
    same(said, heard)
    texts = align_texts(map(" ".join, said), map(" ".join, heard))
    assert (texts.codes == align_pairs(said, heard).codes).all()


@pytest.mark.usefixtures("compiled_only")
def test_blocks_join(monkeypatch: pytest.MonkeyPatch) -> None:
    said, heard = noisy(11, 50, 12)
    whole = align_pairs(said, heard)
    monkeypatch.setattr(batch, "_BLOCK", 7)
    parts = align_pairs(iter(said), iter(heard))
    assert (parts.counts == whole.counts).all()
    assert (parts.codes == whole.codes).all()
    assert (parts.begin == whole.begin).all()


def test_no_pairs_and_unequal_sides() -> None:
    assert align_pairs([], []).total() == WordErrors()
    assert character_errors_each([], []) == []
    with pytest.raises(ValueError, match="differ in number"):
        align_pairs([["a"]], [])


@pytest.mark.usefixtures("compiled_only")
def test_characters_beyond_the_basic_plane_and_lone_surrogates() -> None:
    assert character_errors_each(["a\U0001f600b", "\ud800"], ["ab", ""]) == [
        CharacterErrors(deletions=1, reference=3),
        CharacterErrors(deletions=1, reference=1),
    ]


@pytest.mark.usefixtures("compiled_only")
def test_scripts_equal_jiwers_on_thousands_of_pairs() -> None:
    said, heard = noisy(1, 3_000, 25)
    ours = align_pairs(said, heard)
    theirs = jiwer.process_words([" ".join(r) for r in said], [" ".join(h) for h in heard])
    for i, expected in enumerate(theirs.alignments):
        found = chunks(ours.steps(i))
        assert [(c.kind, *c.reference, *c.hypothesis) for c in found] == [tuple(astuple(c)) for c in expected]
    total = ours.total()
    assert (total.substitutions, total.deletions, total.insertions, total.reference) == (
        theirs.substitutions,
        theirs.deletions,
        theirs.insertions,
        theirs.hits + theirs.substitutions + theirs.deletions,
    )


def test_distances_equal_kaldialign() -> None:
    kaldialign = pytest.importorskip("kaldialign")
    said, heard = noisy(2, 2_000, 25)
    for ours, r, h in zip(align_pairs(said, heard).each(), said, heard, strict=True):
        theirs = kaldialign.edit_distance(r, h)
        assert ours.errors == theirs["total"]
        assert ours.insertions - ours.deletions == theirs["ins"] - theirs["del"]


def test_counts_equal_meeteval() -> None:
    siso = pytest.importorskip("meeteval.wer.wer.siso", exc_type=ImportError)
    said, heard = noisy(4, 300, 25)
    for ours, r, h in zip(align_pairs(said, heard).each(), said, heard, strict=True):
        theirs = siso.siso_word_error_rate(" ".join(r), " ".join(h))
        assert (ours.errors, ours.reference) == (theirs.errors, theirs.length)


@pytest.mark.usefixtures("compiled_only")
def test_words_of_texts_are_those_of_str_split() -> None:
    spaces = [chr(code) for code in range(0x3001) if chr(code).isspace()]
    said = [f"{s}a{s}{s}b{s}" for s in spaces] + ["", " ", "\u200b", "a\u200bb"]
    found = align_texts(said, ["a b"] * len(said))
    assert found.each() == [word_errors(text.split(), ["a", "b"]) for text in said]
    assert align_texts(["\ud800 a"], ["a"]).total() == WordErrors(deletions=1, reference=2)
    assert align_texts(["", " "], ["", ""]).total() == WordErrors()
