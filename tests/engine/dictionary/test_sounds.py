"""How entries are said, and which words they become."""

import pytest

from engine.dictionary.entries import Entry
from engine.dictionary.numbering import number_words
from engine.dictionary.sounds import MOST_IN_ALL, SaidWord, Sounds, _divided, speller_of
from engine.phones import token_ids
from engine.spelling.speller import FOLDER


@pytest.fixture(scope="module")
def sounds(lexicon) -> Sounds:
    return Sounds(lexicon, speller_of(FOLDER))


def spelt(way):
    return [word.phones for word in way]


def test_known_words_are_said_as_the_lexicon_says_them(sounds, lexicon):
    (way,) = sounds.ways(Entry("New York"))
    assert way == (
        SaidWord("New", token_ids("N UW"), lexicon.words.index("new")),
        SaidWord("York", token_ids("Y AO R K"), lexicon.words.index("york")),
    )


def test_edges_and_case_do_not_hide_a_known_word(sounds, lexicon):
    assert sounds.number("CATS,") == lexicon.words.index("cats")
    assert sounds.number("dog") == 0


def test_an_abbreviation_is_said_as_its_letters_and_as_a_word(sounds):
    ways = [spelt(way)[0] for way in sounds.ways(Entry("CEO", ("C.E.O.",)))]
    assert token_ids("S IY IY OW") in ways


def test_sounds_come_beside_the_spelling(sounds):
    ways = sounds.ways(Entry("gnocchi", ("red cat",)))
    assert [token_ids("R EH D K AE T")] in [spelt(way) for way in ways]
    assert len(ways) > 1
    assert all(word.number == 0 and word.text == "gnocchi" for way in ways for word in way)


def test_a_sound_of_as_many_words_goes_word_by_word_and_others_are_divided(sounds):
    pairs = [spelt(way) for way in sounds.ways(Entry("Xq Zt", ("new cat",)))]
    assert [token_ids("N UW"), token_ids("K AE T")] in pairs
    divided = [spelt(way) for way in sounds.ways(Entry("Xq Zt", ("cats",)))]
    assert [token_ids("K AE"), token_ids("T S")] in divided


@pytest.mark.parametrize(
    ("phones", "letters", "sizes"), [(4, [1, 1], [2, 2]), (3, [9, 1, 1], [1, 1, 1]), (5, [1, 9], [1, 4]), (2, [5], [2])]
)
def test_every_word_gets_a_phone_and_longer_ones_more(phones, letters, sizes):
    parts = _divided(tuple(range(1, phones + 1)), letters)
    assert [len(part) for part in parts] == sizes
    assert [phone for part in parts for phone in part] == list(range(1, phones + 1))


def test_the_ways_of_an_entry_are_bounded(sounds):
    many = tuple(f"{word} {other}" for word in ("cat", "red", "new", "the") for other in ("sat", "cats"))
    assert len(sounds.ways(Entry("gnocchi zorblatt ioannidis", many))) <= MOST_IN_ALL


def test_what_cannot_be_said_has_no_way(sounds, lexicon):
    assert sounds.ways(Entry("日本")) == ()
    assert Sounds(lexicon).ways(Entry("gnocchi")) == ()


def test_numbers_follow_the_lexicon(sounds, lexicon):
    entries = [Entry("CAT"), Entry("New York"), Entry("gnocchi", ("red cat",)), Entry("red")]
    ways = [way for entry in entries for way in sounds.ways(entry)]
    numbering = number_words(ways, lexicon)
    number = {word.text: numbering.number(word) for way in ways for word in way}
    size = len(lexicon.words)
    assert number == {
        "CAT": lexicon.words.index("cat"), "New": size, "York": size + 1, "gnocchi": size + 2,
        "red": lexicon.words.index("red"),
    }  # fmt: skip
    assert numbering.written[lexicon.words.index("cat")] == "CAT"
    assert list(numbering.more) == ["New", "York", "gnocchi"]
    assert len(numbering.more["gnocchi"]) >= 2
