"""Times of words: in order, inside the stream, earlier than the body heard them."""

from hypothesis import given
from hypothesis import strategies as st

from engine.decoder.words import DecodedWord
from engine.word_times import END_LATE, FRAME_SAMPLES, START_LATE, spoken_times


def _words(spans: list[tuple[int, int]]) -> list[DecodedWord]:
    return [DecodedWord("word", start, end, 1.0) for start, end in spans]


def test_a_word_was_spoken_before_it_was_heard() -> None:
    [(start, end)] = spoken_times(_words([(10, 20)]), since=0, earliest=0)
    assert (start, end) == (10 * FRAME_SAMPLES - START_LATE, 20 * FRAME_SAMPLES - END_LATE)


def test_words_that_touch_do_not_overlap() -> None:
    (_, first), (second, _) = spoken_times(_words([(10, 20), (20, 25)]), since=0, earliest=0)
    assert second == first


@given(st.lists(st.integers(0, 12), max_size=20), st.integers(0, 5), st.integers(0, 4000))
def test_words_stay_in_order_and_inside_the_stream(gaps: list[int], before: int, cut: int) -> None:
    edges, place = [], 0
    for gap in gaps:
        place += gap
        edges.append(place)
    since = before * FRAME_SAMPLES
    limit = max(since, since + place * FRAME_SAMPLES - cut)
    words = _words([(start, max(end, start + 1)) for start, end in zip(edges[::2], edges[1::2], strict=False)])

    times = spoken_times(words, since, since, limit)

    flat = [moment for pair in times for moment in pair]
    assert flat == sorted(flat)
    assert all(since <= moment <= limit for moment in flat)
