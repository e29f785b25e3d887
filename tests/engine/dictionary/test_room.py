"""Places are lent to one at a time, and come back."""

from hypothesis import given
from hypothesis import strategies as st

from engine.dictionary.room import Room

SIZE = 40


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=60))
def test_no_place_is_lent_twice_and_none_is_lost(steps):
    room, lent = Room(SIZE), []
    for take, number in steps:
        if take:
            place = room.take(number)
            assert place is not None or room.free < SIZE
            if place is not None:
                assert all(place + number <= first or first + size <= place for first, size in lent)
                assert 0 <= place <= SIZE - number
                lent.append((place, number))
        elif lent:
            room.give_back(*lent.pop(number % len(lent)))
    assert room.free == SIZE - sum(size for _, size in lent)
    for first, size in lent:
        room.give_back(first, size)
    assert room.take(SIZE) == 0


def test_what_does_not_fit_is_not_lent():
    room = Room(5)
    assert room.take(6) is None
    assert room.take(5) == 0
    assert room.take(1) is None
