"""What partials show and take back, counted in one pass."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Share
from harness.measures.normalisation.packs import PACKS
from harness.measures.times.stability import Stability, StabilityTracker, stability
from testsets.events import Kind


def test_a_hand_counted_session(logs) -> None:
    found = logs.log(
        logs.partial(100, "I"),
        logs.partial(200, "eye", "scream"),  # I -> eye: 1 erased, 1 unstable
        logs.partial(300, "eye", "scream", "for"),
        logs.partial(400, "I", "scream", "for", "ice"),  # the first of three: 3 erased, 1 unstable
        logs.final(500, "I", "scream"),
        logs.partial(510, "for", "ice"),  # the same words, two of them final
        logs.partial(600, "for", "nice"),  # 1 erased, 1 unstable
        logs.final(700, "for", "ice", "cream"),  # again
        logs.end,
    )
    got = stability(found)
    assert got == Stability(
        final=5, shown=11, erased=6, unstable=4, updates=6, revisions=4, segments=2, unstable_segments=2
    )
    assert got.erasure == Share(6, 5)
    assert got.unstable_words == Share(4, 5)
    assert got.unstable_shown == Share(4, 11)
    assert got.unstable_segment_share == Share(2, 2)
    assert got.flicker == Share(4, 6)


def test_a_word_put_in_between_erases_but_changes_no_word(logs) -> None:
    found = logs.log(logs.partial(100, "ice", "cream"), logs.final(200, "ice", "cold", "cream"), logs.end)
    got = stability(found)
    assert (got.erased, got.unstable, got.revisions) == (1, 0, 0)


def test_words_that_never_become_final_were_taken_back_unless_the_session_broke(logs) -> None:
    events = [logs.partial(100, "um"), logs.partial(200, "um", "uh")]
    assert stability(logs.log(*events, logs.end)).unstable == 2
    assert stability(logs.log(*events, failure="died")).unstable == 0


def test_segments_end_with_utterances_where_the_wire_says_so(logs) -> None:
    steady = [logs.partial(100, "one"), logs.final(200, "one"), logs.partial(210, "two"), logs.final(300, "two")]
    found = logs.log(*steady, logs.at(Kind.UTTERANCE_END, 310), logs.partial(400, "tree"), logs.final(500, "three"))
    got = stability(found)
    assert (got.segments, got.unstable_segments) == (2, 1)


def test_case_flickers_unless_a_key_says_otherwise(logs) -> None:
    found = logs.log(logs.partial(100, "hello", ","), logs.final(200, "Hello", "."), logs.end)
    assert stability(found).unstable == 2
    assert stability(found, key=lambda text: " ".join(PACKS["basic"].split(text))).unstable == 0


def test_without_partials_there_is_no_stability(logs) -> None:
    assert stability(logs.log(logs.partial(100), logs.final(200, "one"), logs.end)) is None


events = st.lists(
    st.tuples(
        st.sampled_from([Kind.PARTIAL, Kind.FINAL, Kind.UTTERANCE_END]), st.lists(st.sampled_from("abc"), max_size=5)
    ),
    max_size=20,
)


def made(logs, rows):
    made = {
        Kind.PARTIAL: logs.partial,
        Kind.FINAL: logs.final,
        Kind.UTTERANCE_END: lambda at, *_: logs.at(Kind.UTTERANCE_END, at),
    }
    return [made[kind](k, *words) for k, (kind, words) in enumerate(rows)]


@given(rows=events)
def test_what_was_shown_and_not_erased_is_what_became_final(logs, rows) -> None:
    got = stability(logs.log(*made(logs, rows), logs.end))
    if got is None:
        return
    assert got.shown - got.erased == got.final == sum(len(words) for kind, words in rows if kind is Kind.FINAL)
    assert 0 <= got.unstable <= got.erased
    assert got.revisions <= got.updates
    assert got.unstable_segments <= got.segments


@given(rows=events)
def test_erasure_equals_that_of_whole_transcripts_compared_with_each_other(logs, rows) -> None:
    """The plain definition: every displayed text as a whole against the next."""
    shown: list[list[str]] = [[]]
    finals: list[str] = []
    for kind, words in rows:
        if kind is Kind.FINAL:
            finals = finals + words
        elif kind is Kind.PARTIAL:
            shown.append(finals + words)
    shown.append(finals)
    erased = 0
    for before, after in pairwise(shown):
        kept = next(
            (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
        )
        erased += len(before) - kept
    got = stability(logs.log(*made(logs, rows), logs.end))
    assert got is None or got.erased == erased


@given(first=events, second=events)
def test_sessions_add_up_and_chunks_do_not_matter(logs, first, second) -> None:
    first = [*first, (Kind.UTTERANCE_END, [])]
    tracker, whole = StabilityTracker(Kind.UTTERANCE_END), StabilityTracker(Kind.UTTERANCE_END)
    for event in made(logs, first):
        tracker.step(event)
        whole.step(event)
    whole.step(logs.partial(99))  # the screen is empty in between
    other = StabilityTracker(Kind.UTTERANCE_END)
    for event in made(logs, second):
        other.step(event)
        whole.step(event)
    a, b = tracker.end(completed=True), other.end(completed=True)
    got = whole.end(completed=True)
    assert got == a + b
    assert a + Stability() == a


def test_the_cost_is_that_of_reading_the_log(logs) -> None:
    """Counted in steps, not seconds: a word is looked at once for each partial that shows it."""
    looked = 0

    def key(text: str) -> str:
        nonlocal looked
        looked += 1
        return text

    words = [str(i) for i in range(2_000)]
    log = logs.log(*(e for i, w in enumerate(words) for e in (logs.partial(2 * i, w), logs.final(2 * i + 1, w))))
    assert stability(log, key=key).final == 2_000
    assert looked == 2_000
