from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.results import DiffOp
from reports.view.diff import CONTEXT, SHORTEST_GAP, Column, Token, columns, elide

WORDS = st.sampled_from(["a", "b", "c"])


def ops_from(reference: list[str]) -> st.SearchStrategy[tuple[DiffOp, ...]]:
    """Any alignment of these words: each is kept, replaced or dropped, with insertions before it."""

    def one(word: str) -> st.SearchStrategy[list[DiffOp]]:
        fates = st.one_of(
            st.just(DiffOp("equal", word, word)),
            st.just(DiffOp("delete", word, None)),
            st.builds(lambda w: DiffOp("substitute", word, w), WORDS),
        )
        inserted = st.lists(st.builds(lambda w: DiffOp("insert", None, w), WORDS), max_size=2)
        return st.builds(lambda before, fate: [*before, fate], inserted, fates)

    rows = st.tuples(*(one(word) for word in reference))
    return rows.map(lambda found: tuple(op for row in found for op in row))


def said(ops: tuple[DiffOp, ...]) -> list[str]:
    return [op.after for op in ops if op.after is not None]


def tokens(found: tuple[Column, ...], arm: str) -> list[str]:
    chosen = (getattr(c, arm) for c in found)
    return [t.text for t in chosen if t is not None and t.kind != "delete"]


@settings(deadline=None)
@given(st.data(), st.lists(WORDS, min_size=1, max_size=6))
def test_both_alignments_keep_every_word_in_order(make_edge_case, data: st.DataObject, reference: list[str]) -> None:
    champion, candidate = data.draw(ops_from(reference)), data.draw(ops_from(reference))
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


@settings(deadline=None)
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
