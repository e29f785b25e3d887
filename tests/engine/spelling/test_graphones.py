"""Letters and sounds as numbers."""

import numpy as np
import pytest

from engine.phones import token_ids
from engine.spelling.graphones import ALPHABET, PHONE_BASE, SOUNDS, Graphones, encode_letters

(K, S, AE) = token_ids("K S AE")
A, X = encode_letters("ax").tolist()


def test_letters_are_numbered_from_one_and_other_signs_are_named() -> None:
    assert encode_letters("a'z").tolist() == [1, len(ALPHABET), 26]
    with pytest.raises(ValueError, match="'-' in 'x-ray'"):
        encode_letters("x-ray")


def test_a_letters_symbols_are_a_range_and_say_its_sounds() -> None:
    graphones = Graphones.of([X * SOUNDS + PHONE_BASE * K + S, A * SOUNDS + AE, X * SOUNDS, A * SOUNDS + AE])
    ranges = graphones.ranges()
    assert [graphones.phones([symbol]) for symbol in range(ranges[X], ranges[X + 1])] == [(), (K, S)]
    assert [graphones.phones([symbol]) for symbol in range(ranges[A], ranges[A + 1])] == [(AE,)]
    assert ranges[2] == ranges[3], "no graphone of b"
    assert ranges[-1] == len(graphones)
    assert graphones.phones(graphones.symbols(np.array([A * SOUNDS + AE, X * SOUNDS + PHONE_BASE * K + S]))) == (
        AE,
        K,
        S,
    )
