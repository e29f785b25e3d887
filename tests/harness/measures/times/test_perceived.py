"""User-perceived latency: against the reference's word ends, correct words only unless asked otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.times.latency import partial_latency
from harness.measures.times.perceived import emission_latency, perceived_latency
from testsets.transcript import Transcript


def test_it_counts_from_the_reference_and_leaves_out_wrong_words(logs) -> None:
    reference = logs.reference(("one", 100, 200), ("two", 300, 400), ("three", 500, 600))
    found = logs.log(
        *logs.audio(10),
        logs.partial(330, ("one", 100, 320)),  # placed late: against its own end this would be 10 ms
        logs.final(950, ("one", 100, 320), ("too", 330, 450), ("three", 500, 700), ("um", 800, 900)),
        logs.end,
    )
    clock = logs.clock(found)
    assert logs.milliseconds(perceived_latency(found, clock, reference)) == ([130, 350], 0)
    assert logs.milliseconds(perceived_latency(found, clock, reference, correct_only=False)) == ([130, 350, 550], 0)
    assert logs.milliseconds(emission_latency(found, clock, reference)) == ([100, 300], 0)


def test_the_reference_may_have_another_rate(logs) -> None:
    reference = Transcript(logs.reference(("one", 800, 1_600)).words, 8_000)
    found = logs.log(*logs.audio(5), logs.final(450, ("one", 100, 200)), logs.end)
    assert logs.milliseconds(perceived_latency(found, logs.clock(found), reference)) == ([250], 0)


def test_without_reference_times_there_is_none(logs) -> None:
    found = logs.log(*logs.audio(5), logs.final(450, ("one", 100, 200)), logs.end)
    assert perceived_latency(found, logs.clock(found), Transcript.from_text("one")) is None
    assert perceived_latency(found, logs.clock(found), Transcript(())) is None
    assert emission_latency(found, logs.clock(found), Transcript(())) is None


def test_in_a_broken_session_words_behind_the_last_answer_are_censored(logs) -> None:
    reference = logs.reference(("the", 0, 100), ("end", 200, 300), ("of", 1_400, 1_500), ("the", 1_600, 1_700))
    broken = logs.log(*logs.audio(20), logs.final(450, ("the", 0, 100)), failure="died")
    assert logs.milliseconds(perceived_latency(broken, logs.clock(broken), reference)) == ([350], 3)
    silent = logs.log(*logs.audio(20), failure="died")
    assert logs.milliseconds(perceived_latency(silent, logs.clock(silent), reference)) == ([], 4)


@given(data=st.data())
def test_with_its_own_answer_as_reference_it_is_the_partial_latency(logs, data) -> None:
    words = data.draw(logs.spoken.filter(bool))
    found = logs.session(words, wrong=data.draw(st.lists(st.booleans(), max_size=30)))
    clock = logs.clock(found)
    assert perceived_latency(found, clock, logs.reference(*words)) == partial_latency(found, clock)
