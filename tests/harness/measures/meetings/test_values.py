"""Values add up exactly and have no rate where there is nothing to divide by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.measures.meetings.values import AttributionErrors, SpeakerCountErrors
from harness.measures.value import Ratio

counts = st.integers(0, 9)
attributions = st.builds(AttributionErrors, counts, counts, counts, counts)
speakers = st.builds(SpeakerCountErrors, counts, counts, counts)


@given(attributions, attributions, attributions)
def test_attribution_adds(a: AttributionErrors, b: AttributionErrors, c: AttributionErrors) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + AttributionErrors() == a
    assert (a + b).errors == a.errors + b.errors
    assert isinstance(a, Ratio)


@given(speakers, speakers, speakers)
def test_speaker_counts_add(a: SpeakerCountErrors, b: SpeakerCountErrors, c: SpeakerCountErrors) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + SpeakerCountErrors() == a
    assert (a + b).total == a.total + b.total
    assert isinstance(a, Ratio)


def test_rates() -> None:
    assert AttributionErrors().rate is None
    assert AttributionErrors().wder is None
    assert AttributionErrors(1, 4, 2, 2).rate == 0.25
    assert AttributionErrors(1, 4, 2, 2).wder == 0.5
    assert SpeakerCountErrors(extra=1).rate is None
    assert SpeakerCountErrors(1, 0, 4).rate == 0.25
