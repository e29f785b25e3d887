from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.results import DiffOp
from reports.view.diff import CONTEXT, SHORTEST_GAP, Column, Token, columns, elide

WORDS = st.sampled_from(["a", "b", "c"])
FATES = st.tuples(st.lists(WORDS, max_size=2), st.sampled_from(["equal", "delete", "a", "b"]))  # inserted, then


def ops_from(reference: list[str], fates: list[tuple[list[str], str]]) -> tuple[DiffOp, ...]:
    """An alignment in which each word meets its fate, with insertions before it."""
    ops: list[DiffOp] = []
    for word, (inserted, fate) in zip(reference, fates, strict=True):
        ops.extend(DiffOp("insert", None, other) for other in inserted)
        if fate == "delete":
            ops.append(DiffOp("delete", word, None))
        else:
            ops.append(DiffOp("equal", word, word) if fate == "equal" else DiffOp("substitute", word, fate))
    return tuple(ops)


def said(ops: tuple[DiffOp, ...]) -> list[str]:
    return [op.after for op in ops if op.after is not None]


def tokens(found: tuple[Column, ...], arm: str) -> list[str]:
    chosen = (getattr(c, arm) for c in found)
    return [t.text for t in chosen if t is not None and t.kind != "delete"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(WORDS, FATES, FATES), min_size=1, max_size=6))
def test_both_alignments_keep_every_word_in_order(make_edge_case, drawn) -> None:
    reference, first, second = ([row[k] for row in drawn] for k in range(3))
    champion, candidate = ops_from(reference, first), ops_from(reference, second)
    edge = replace(make_edge_case(0, ""), champion_diff=champion, candidate_diff=candidate)
    found = columns(edge)
    if not any(c.gap for c in found):
        assert [c.reference for c in found if c.reference is not None] == reference
        assert tokens(found, "champion") == said(champion)
        assert tokens(found, "candidate") == said(candidate)


def test_a_deleted_word_is_shown_as_missing(make_edge_case) -> None:
    found = columns(make_edge_case(0, ""))
    assert Token("delete", "two", "−") in [c.candidate for c in found]
    assert Token("insert", "of", "+") in [c.candidate for c in found]


def test_without_a_reference_the_champion_is_the_base(make_edge_case) -> None:
    found = columns(replace(make_edge_case(0, ""), reference=None, champion_diff=()))
    assert all(c.reference is None for c in found)
    assert tokens(found, "champion") == ["please", "send", "seventy", "two", "crates", "to", "the", "harbour"]


def test_without_any_alignment_there_are_no_columns(make_edge_case) -> None:
    assert columns(replace(make_edge_case(0, ""), champion_diff=(), candidate_diff=())) == ()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.booleans(), max_size=80))
def test_hiding_equal_words_loses_no_difference_and_no_count(differs: list[bool]) -> None:
    whole = [Column("x", Token("equal", "x", ""), Token("substitute" if d else "equal", "y", "")) for d in differs]
    kept = elide(whole)
    assert sum(c.gap or 1 for c in kept) == len(whole)
    assert sum(c.differs for c in kept) == sum(differs)
    assert all(c.gap >= SHORTEST_GAP for c in kept if c.gap)


def test_context_stays_beside_a_difference() -> None:
    same = Column("x", None, Token("equal", "x", ""))
    other = Column("x", None, Token("delete", "x", "−"))
    kept = elide([*[same] * 20, other, *[same] * 20])
    assert [c.gap for c in kept] == [20 - CONTEXT, *[0] * (2 * CONTEXT + 1), 20 - CONTEXT]
