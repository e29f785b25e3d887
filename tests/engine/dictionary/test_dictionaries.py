"""Streams hear what their dictionary holds, others do not; dictionaries are kept, forgotten and bounded."""

import gc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.dictionary.dictionaries import Dictionaries
from engine.dictionary.entries import Entry
from engine.dictionary.room import Room
from engine.protocol import ErrorType, MessageError

THE, SAT, CAT, NEW, YORK = "DH AH", "S AE T", "K AE T", "N UW", "Y AO R K"
GNOCCHI = "N OW K IY"
relaxed = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def heard(decoder, words, log_probs):
    stream = decoder.begin(words)
    stream.step(log_probs)
    return stream.end()


def texts(decoder, words, log_probs):
    return [word.text for word in heard(decoder, words, log_probs)]


def test_a_new_word_is_heard_by_its_sound(decoder, dictionaries, say):
    speech = say(THE, GNOCCHI, SAT)
    words = dictionaries.find([Entry("gnocchi")])
    assert texts(decoder, words, speech) == ["the", "gnocchi", "sat"]
    assert "gnocchi" not in texts(decoder, None, speech)


def test_a_word_is_heard_by_what_it_is_said_to_sound_like(decoder, dictionaries, say):
    words = dictionaries.find([Entry("Siobhan", ("red york",))])
    assert texts(decoder, words, say(THE, "R EH D Y AO R K", SAT)) == ["the", "Siobhan", "sat"]


def test_a_new_word_is_spelt_where_no_sound_is_given(decoder, dictionaries, say):
    words = dictionaries.find([Entry("Zorb")])
    assert texts(decoder, words, say(THE, "Z AO R B", SAT)) == ["the", "Zorb", "sat"]


def test_times_and_confidences_are_those_of_any_word(decoder, dictionaries, say):
    speech = say(THE, GNOCCHI, SAT)
    found = heard(decoder, dictionaries.find([Entry("gnocchi")]), speech)
    assert [word.start_frame for word in found] == sorted(word.start_frame for word in found)
    assert all(word.start_frame < word.end_frame <= len(speech) and 0 < word.confidence <= 1 for word in found)


def test_a_known_word_is_written_as_asked_wherever_it_is_heard(decoder, dictionaries, say):
    words = dictionaries.find([Entry("CAT")])
    assert texts(decoder, words, say(THE, CAT, SAT)) == ["the", "CAT", "sat"]
    assert texts(decoder, None, say(THE, CAT, SAT)) == ["the", "cat", "sat"]


def test_a_phrase_is_cased_only_as_a_whole(decoder, dictionaries, say):
    words = dictionaries.find([Entry("New York")])
    assert texts(decoder, words, say(THE, NEW, YORK, SAT)) == ["the", "New", "York", "sat"]
    assert texts(decoder, words, say(THE, NEW, CAT, SAT)) == ["the", "new", "cat", "sat"]


def test_streams_without_a_dictionary_change_by_no_bit(decoder, dictionaries, say):
    speech = say(THE, NEW, YORK, GNOCCHI, CAT, noise=2.0)
    before = heard(decoder, None, speech)
    kept = [dictionaries.find([Entry(f"zorb{'a' * place}"), Entry("New York")]) for place in range(5)]
    assert heard(decoder, None, speech) == before
    assert all(kept)


@relaxed
@given(st.integers(0, 999), st.lists(st.integers(0, 9), max_size=8))
def test_chunked_equals_whole(decoder, dictionaries, say, seed, cuts):
    speech = say(THE, GNOCCHI, NEW, YORK, SAT, noise=2.5, seed=seed)
    words = dictionaries.find([Entry("gnocchi"), Entry("New York")])
    stream, at = decoder.begin(words), 0
    for cut in cuts:
        stream.step(speech[at : at + cut])
        stream.partial()
        at += cut
    stream.step(speech[at:])
    assert stream.end() == heard(decoder, words, speech)


@relaxed
@given(st.integers(0, 999), st.integers(2, 10))
def test_finals_come_in_order_and_stay(decoder, dictionaries, say, seed, step):
    speech = say(THE, GNOCCHI, NEW, YORK, GNOCCHI, noise=2.0, seed=seed)
    stream, finals = decoder.begin(dictionaries.find([Entry("gnocchi"), Entry("New York")])), []
    for at in range(0, len(speech), step):
        stream.step(speech[at : at + step])
        finals += stream.finalise(stream.frames - 4)
    finals += stream.end()
    starts = [word.start_frame for word in finals]
    assert starts == sorted(starts)


def test_equal_dictionaries_are_one_and_live_as_long_as_a_stream(decoder):
    dictionaries = Dictionaries(decoder, most_kept=1)
    empty = dictionaries._room.free
    first = dictionaries.find([Entry("New York")])
    assert dictionaries.find([Entry("New York")]) is first
    stream = decoder.begin(first)
    del first
    second = dictionaries.find([Entry("red cat")])
    gc.collect()
    assert second.door != stream._vocabulary.door  # forgotten, but its place is not given away
    del stream, second
    dictionaries._kept.clear()
    gc.collect()
    assert dictionaries._room.free == empty


def test_no_entries_and_entries_without_a_sound_are_no_dictionary(decoder):
    dictionaries = Dictionaries(decoder)  # nobody can spell
    assert dictionaries.find([]) is None
    assert dictionaries.find([Entry("gnocchi")]).door == 0
    assert dictionaries.find([Entry("gnocchi", ("new york",))]).door > 0


def test_a_full_room_is_made_by_forgetting_and_refused_only_when_all_are_in_use(decoder):
    dictionaries = Dictionaries(decoder)
    dictionaries._room = Room(20)
    for _ in range(3):
        dictionaries.find([Entry("New York")])
        dictionaries.find([Entry("red cats")])
    used = [dictionaries.find([Entry("New York")])]
    with pytest.raises(MessageError, match="try again later") as caught:
        used += [dictionaries.find([Entry("red cats")]), dictionaries.find([Entry("the cats")])]
    assert caught.value.type is ErrorType.QUOTA_EXCEEDED


def test_threads_that_ask_together_get_one(decoder):
    dictionaries = Dictionaries(decoder)
    entries = [Entry("New York"), Entry("red cats")]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: dictionaries.find(entries), range(16)))
    assert len({words.door for words in found}) == 1
