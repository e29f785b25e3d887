import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.results import ALL, Outcome, Role
from reports import wording


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.12345, "ratio", "12.35\u00a0%"),
        (0.0, "ratio", "0.00\u00a0%"),
        (1.2345, "s", "1.234\u00a0s"),
        (-0.05, "s", "−0.050\u00a0s"),
        (None, "ratio", "–"),
    ],
)
def test_values_in_their_unit(value: float | None, unit: str, text: str) -> None:
    assert wording.number(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0042, "ratio", "+0.42\u00a0pp"),
        (-0.0042, "ratio", "−0.42\u00a0pp"),
        (-0.00001, "ratio", "0.00\u00a0pp"),
        (0.012, "s", "+0.012\u00a0s"),
        (12.5, "ratio", "+1,250.00\u00a0pp"),
        (None, "s", "–"),
    ],
)
def test_differences_have_a_sign_unless_they_round_to_zero(value: float | None, unit: str, text: str) -> None:
    assert wording.difference(value, unit) == text


@settings(deadline=None, max_examples=50)
@given(st.floats(-10, 10), st.sampled_from(["ratio", "s"]))
def test_a_difference_never_shows_a_signed_zero(value: float, unit: str) -> None:
    text = wording.difference(value, unit)
    assert (text[0] in "+−") == any(digit in text for digit in "123456789")


@pytest.mark.parametrize(
    ("share", "text"), [(0.95, "95\u00a0%"), (0.999, "99.9\u00a0%"), (1 / 4800, "0.02\u00a0%"), (None, "–")]
)
def test_shares(share: float | None, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [(42e9, "42\u00a0s"), (185e9, "3\u00a0min 05\u00a0s"), (7_800e9, "2\u00a0h 10\u00a0min")],
)
def test_durations(ns: float, text: str) -> None:
    assert wording.duration(int(ns)) == text


def test_positions_in_audio() -> None:
    assert wording.clock(62 * 16_000 + 5_600, 16_000) == "1:02.35"


def test_counts_agree_with_their_noun() -> None:
    assert wording.count(1, "case") == "1\u00a0case"
    assert wording.count(1_200, "case") == "1,200\u00a0cases"
    assert wording.count(0, "case") == "0\u00a0cases"


def test_digests_are_short_and_lose_their_algorithm() -> None:
    assert wording.short("sha256:0123456789abcdef") == "0123456789ab"
    assert wording.short("") == "–"


def test_names() -> None:
    assert wording.measure_title("final_latency", "p95") == "Final latency p95"
    assert wording.measure_title("of tomorrow") == "of tomorrow"
    assert wording.slice_title(ALL) == "all cases"
    assert wording.arm_title("champion_again") == "champion again"
    assert wording.arm_title(None) == "–"


def test_only_what_gates_speaks_aloud(make_comparison) -> None:
    words = {
        wording.outcome_word(make_comparison(outcome=o, role=Role.DIAGNOSTIC, superior=s))
        for o in Outcome
        for s in (False, True)
    }
    assert words == {"no worse", "worse", "unsure", "better"}
    assert wording.outcome_word(make_comparison(outcome=Outcome.HOLD)) == "HOLD"
    assert wording.outcome_word(make_comparison(values=(None, None), role=Role.DIAGNOSTIC)) == "no value"


def test_a_reason_does_not_repeat_the_name_of_its_row(make_comparison) -> None:
    assert wording.reason(make_comparison(slice_="a=b", reason="wer on a=b: worse by +1.00 points")) == (
        "worse by +1.00 points"
    )
    late = make_comparison("final_latency", statistic="p95", reason="final_latency.p95 on all: too slow")
    assert wording.reason(late) == "too slow"


@pytest.mark.parametrize(("candidate", "word"), [(0.1, "differs"), (0.0005, "alike")])
def test_another_answer_than_the_champions_is_not_called_worse(make_comparison, candidate: float, word: str) -> None:
    for outcome in Outcome:
        found = make_comparison("disagreement", values=(0.0, candidate), role=Role.DIAGNOSTIC, outcome=outcome)
        assert wording.outcome_word(found) == word
