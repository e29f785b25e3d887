"""Free places: each once, the last given first."""

from kernels.memory.free_list import FreeList


def test_each_is_taken_once():
    free = FreeList(5)
    assert [free.take() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert free.left == 0


def test_the_last_given_is_the_next_taken():
    free = FreeList(3)
    taken = [free.take() for _ in range(3)]
    for number in reversed(taken):
        free.give(number)
    free.give(free.take())
    assert free.left == 3
    assert free.take() == 0
