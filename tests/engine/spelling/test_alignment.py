"""Letters meet phones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.phones import token_ids
from engine.spelling.alignment import Entries, align
from engine.spelling.graphones import ALPHABET, SOUNDS, Graphones

SPELT = {
    "cat": "K AE T", "cap": "K AE P", "tap": "T AE P", "pat": "P AE T", "tax": "T AE K S", "pax": "P AE K S",
    "lamb": "L AE M", "lamp": "L AE M P", "map": "M AE P", "mat": "M AE T", "lap": "L AE P", "bat": "B AE T",
}  # fmt: skip


def graphones(word: str, codes: np.ndarray) -> list[tuple[str, tuple[int, ...]]]:
    known = Graphones.of(codes.tolist())
    return [(letter, known.phones([int(symbol)])) for letter, symbol in zip(word, known.symbols(codes), strict=True)]


def test_every_letter_finds_its_sound() -> None:
    pairs = [(word, token_ids(said)) for word, said in SPELT.items()]
    aligned = dict(zip(SPELT, align(Entries.of(pairs)), strict=True))
    assert graphones("tax", aligned["tax"]) == [("t", token_ids("T")), ("a", token_ids("AE")), ("x", token_ids("K S"))]
    assert graphones("lamb", aligned["lamb"])[-1] == ("b", ())


def test_a_word_with_too_many_phones_has_no_alignment() -> None:
    aligned = align(Entries.of([("w", token_ids("D AH B AH L Y UW")), ("at", token_ids("AE T"))]))
    assert len(aligned[0]) == 0
    assert len(aligned[1]) == 2


word = st.text(ALPHABET, min_size=1, max_size=9)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(word, st.lists(st.integers(1, 39), min_size=1, max_size=12)), min_size=1, max_size=6))
def test_an_alignment_spells_the_word_and_says_its_phones(pairs: list[tuple[str, list[int]]]) -> None:
    for (letters, phones), codes in zip(pairs, align(Entries.of(pairs), rounds=3), strict=True):
        if len(phones) > 2 * len(letters):
            assert len(codes) == 0
        else:
            assert "".join(ALPHABET[code // SOUNDS - 1] for code in codes) == letters
            known = Graphones.of(codes.tolist())
            assert list(known.phones(known.symbols(codes).tolist())) == phones
