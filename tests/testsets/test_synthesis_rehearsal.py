import json
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from testsets import embedded
from testsets.synthesis import rehearsal
from testsets.synthesis.rehearsal import make, recipes
from testsets.synthesis.sentences import CONVERSATIONS, NAMES, NUMBERS, PLAIN, spoken_words

SHIPPED = json.loads((resources.files("testsets") / "data" / "rehearsal" / "origin.json").read_text())
INSTALLED = rehearsal.origin()


def test_every_sentence_is_used_once_and_every_speaker_reads_eight() -> None:
    lines = [line for recipe in recipes() for line in recipe.lines]
    assert sorted(lines) == sorted([*PLAIN, *NUMBERS, *NAMES, *(line for talk in CONVERSATIONS for line in talk)])
    assert len(set(map(spoken_words, lines))) == len(lines)
    assert len({recipe.id for recipe in recipes()}) == len(recipes())
    readings = Counter(recipe.speakers[0].id for recipe in recipes() if len(recipe.speakers) == 1)
    assert set(readings.values()) == {8}


def test_conditions_and_contents_are_crossed() -> None:
    crossed = Counter((recipe.condition, recipe.content) for recipe in recipes() if recipe.content)
    assert len(crossed) == 9
    assert min(crossed.values()) >= 6


@pytest.mark.skipif(
    INSTALLED != SHIPPED, reason=f"the set was made with {SHIPPED}, here is {INSTALLED}; bytes would differ"
)
@pytest.mark.parametrize("number", [0, 9, 27, 30, 33, 61, 136])
def test_made_again_it_is_the_same_byte_for_byte(number: int, tmp_path: Path) -> None:
    shipped = embedded.open_embedded("rehearsal").cases[number]
    again = make(recipes()[number], tmp_path)
    assert again.audio.sha256 == shipped.audio.sha256
    assert (again.id, again.reference, again.turns, again.tags) == (
        shipped.id,
        shipped.reference,
        shipped.turns,
        shipped.tags,
    )
