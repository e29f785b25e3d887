"""Networks align at least cost, as sclite's documentation has it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import EvidenceError
from harness.measures.counts import WordErrors
from harness.measures.words import lattice
from harness.measures.words.alternatives import Lattice, parse_alternatives
from harness.measures.words.lattice import Costs, align_lattice, align_lattices

Choice = list[list[str]]  # alternatives of one place
words = st.lists(st.sampled_from("abc"), max_size=6)
places = st.lists(st.lists(st.lists(st.sampled_from("abc"), max_size=2), min_size=2, max_size=3), max_size=3)


def cost(reference: list[str], hypothesis: list[str]) -> int:
    """The plain table at 3, 3, 4."""
    row = [3 * j for j in range(len(hypothesis) + 1)]
    for word in reference:
        before, row = row, [row[0] + 3]
        for j, other in enumerate(hypothesis):
            row.append(min(before[j] + 4 * (word != other), before[j + 1] + 3, row[j] + 3))
    return row[-1]


def written(choices: list[Choice], between: list[str]) -> str:
    """In sclite's notation, plain words after each place."""
    return " ".join(f"{{ {' / '.join(' '.join(c) or '@' for c in choice)} }} {' '.join(between)}" for choice in choices)


@settings(max_examples=80, deadline=None)
@given(places, words, words)
def test_the_best_wording_is_chosen(choices: list[Choice], between: list[str], heard: list[str]) -> None:
    found = align_lattice(parse_alternatives(written(choices, between)), heard)
    paths = [[w for part in picked for w in (*part, *between)] for picked in product(*choices)]
    best = min(cost(path, heard) for path in paths)
    assert list(found.reference) in paths
    assert list(found.hypothesis) == heard
    errors = found.errors
    assert 4 * errors.substitutions + 3 * (errors.deletions + errors.insertions) == best
    assert errors.reference == len(found.reference)


@settings(max_examples=60, deadline=None)
@given(words, words)
def test_steps_rebuild_both_sides(said: list[str], heard: list[str]) -> None:
    found = align_lattice(said, heard)
    assert [s.reference for s in found.steps if s.reference is not None] == list(range(len(said)))
    assert [s.hypothesis for s in found.steps if s.hypothesis is not None] == list(range(len(heard)))
    assert (found.reference, found.hypothesis) == (tuple(said), tuple(heard))


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        # an optional word not heard, or heard, is one correct word (doc/asclite.pod, -D)
        ("(uh) so", "so", WordErrors(reference=2)),
        ("(uh) so", "uh so", WordErrors(reference=2)),
        ("(uh) so", "oh so", WordErrors(substitutions=1, reference=2)),
        ("(uh)", "", WordErrors(reference=1)),
        # a null word is no word
        ("{ the / @ } dog", "dog", WordErrors(reference=1)),
        ("{ the / @ } dog", "the dog", WordErrors(reference=2)),
        ("{ what are / what're } you", "what're you", WordErrors(reference=2)),
        ("{ what are / what're } you", "what you", WordErrors(deletions=1, reference=3)),
        # at 0.001 for a null word, an insertion beside it is cheaper than a substitution
        ("i { um / @ } see", "i oh see", WordErrors(insertions=1, reference=2)),
    ],
)
def test_counts_as_documented(said: str, heard: str, expected: WordErrors) -> None:
    assert align_lattice(parse_alternatives(said), heard.split()).errors == expected


def test_a_hypothesis_may_have_alternatives_too() -> None:
    heard = parse_alternatives("{ he is / he has } just rocked the { firm's / firm is } keynote")
    found = align_lattice(["he", "has", "just", "rocked", "the", "firm's", "keynote"], heard)
    assert found.errors == WordErrors(reference=7)
    assert found.hypothesis == ("he", "has", "just", "rocked", "the", "firm's", "keynote")


def test_the_diagonal_wins_over_an_insertion_and_that_over_a_deletion() -> None:
    assert [s.kind for s in align_lattice(["a"], ["b"], Costs(2, 1, 1)).steps] == ["substitute"]
    kinds = [s.kind for s in align_lattice(["x", "a"], ["a", "y"], Costs(9, 1, 1)).steps]
    assert kinds == ["delete", "equal", "insert"]


def test_compiled_and_plain_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    said: list[Lattice] = []
    for _ in range(10):
        picked = [str(w) for w in rng.choice(list("abcd"), 60)]
        said.append(parse_alternatives(f"{{ {picked[0]} / @ }} {' '.join(picked[1:])} {{ a b / ({picked[3]}) }}"))
    heard = [[str(w) for w in rng.choice(list("abcd"), rng.integers(0, 60))] for _ in said]
    plain = align_lattices(said, heard)
    monkeypatch.setattr(lattice, "_FEW_CELLS", 0)
    assert align_lattices(said, heard) == plain
    monkeypatch.setattr(lattice, "_BAND_CELLS", 70)
    assert align_lattices(said, heard) == plain


def test_too_long_is_refused() -> None:
    with pytest.raises(EvidenceError, match="cut it into segments"):
        align_lattice(["a"] * 70_000, ["a"] * 70_000)
