import pytest

from testsets.errors import FormatError
from testsets.formats.segment import Segment, regions, transcripts, turns
from testsets.transcript import SpeakerTurn, Word

ROWS = (
    Segment("a", 50, 90, "bob", "fine thanks"),
    Segment("b", text="one two"),
    Segment("a", 0, 40, "ann", "hello", confidence=0.5),
)


def test_words_are_grouped_by_recording_in_order_of_start() -> None:
    found = transcripts(ROWS, 8_000)
    assert found["a"].words == (
        Word("hello", 0, 40, 0.5, "ann"),
        Word("fine", speaker="bob"),
        Word("thanks", speaker="bob"),
    )
    assert found["b"].text == "one two"
    assert found["a"].rate == 8_000


def test_turns_and_regions_are_grouped_by_recording_in_order_of_start() -> None:
    timed = [row for row in ROWS if row.start is not None]
    assert turns(timed) == {"a": (SpeakerTurn("ann", 0, 40), SpeakerTurn("bob", 50, 90))}
    assert regions(timed) == {"a": ((0, 40), (50, 90))}


def test_what_is_missing_is_said() -> None:
    with pytest.raises(FormatError, match="b: a segment names no speaker"):
        turns(ROWS)
    with pytest.raises(FormatError, match="b: a segment has no times"):
        regions(ROWS)
    with pytest.raises(ValueError, match="both start and end"):
        Segment("a", 1)
    with pytest.raises(ValueError, match="needs 0 <= start <= end"):
        Segment("a", 2, 1)
