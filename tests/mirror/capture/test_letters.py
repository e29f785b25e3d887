"""What the tee tells a recorder elsewhere arrives as it was, however the bytes were cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mirror.capture.letters import Letter, Reader, written
from mirror.store.format import Fact, Label, Note, Piece, Side

TEXTS = st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=2)
CONTENT = st.one_of(
    st.builds(Label, st.text(max_size=9), st.integers(0, 2**62), st.text(max_size=9), TEXTS),
    st.builds(Piece, st.sampled_from(Side), st.integers(0, 2**62), st.binary(max_size=60)),
    st.builds(Note, st.sampled_from(Fact), st.integers(0, 2**62), TEXTS),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds(Letter, st.integers(0, 2**32 - 1), CONTENT), max_size=6), st.integers(1, 50))
def test_letters_survive_cuts(letters: list[Letter], step: int) -> None:
    data, reader = b"".join(written(letter.number, letter.content) for letter in letters), Reader()
    assert [got for at in range(0, len(data), step) for got in reader.step(data[at : at + step])] == letters
