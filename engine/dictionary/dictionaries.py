"""The dictionaries of all sessions: each built once, and kept while it is used or was used lately."""

from __future__ import annotations

import logging
import threading
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from engine.decoder.search import ROOM, Decoder
from engine.decoder.tree import grown_tree
from engine.decoder.vocabulary import LongerLexicon, SessionWords
from engine.dictionary.bias import Bias
from engine.dictionary.context import after_words, hub_of
from engine.dictionary.entries import Entry, checksum
from engine.dictionary.graph import Phrase, phrase_graph
from engine.dictionary.numbering import Numbering, number_words
from engine.dictionary.room import Room
from engine.dictionary.sounds import Sounds, Way, speller_of, unspelt
from engine.lexicon import Pronunciation
from engine.protocol import ErrorType, MessageError
from kernels.token_passing.extension import Extension, write_extension

LOG = logging.getLogger(__name__)
MOST_KEPT = 64
_REMEMBERED = 1 << 14  # known phrases and where they lead

Said = tuple[tuple[Pronunciation, int], ...]


class Dictionaries:
    """Builds what sessions listen for into the room behind one decoder's graph; safe for threads."""

    def __init__(
        self, decoder: Decoder, speller: Path | None = None, bias: Bias | None = None, most_kept: int = MOST_KEPT
    ) -> None:
        """Hold a decoder ready.

        Args:
            speller: folder of a letter-to-sound model, loaded with the first dictionary; without one, words that the
                lexicon has not need a ``sounds_like`` of words that it has.
            bias: how readily entries are heard.
            most_kept: dictionaries to keep at hand; a session keeps its own whatever this is.
        """
        self._decoder, self._folder, self._bias, self._most_kept = decoder, speller, bias or Bias(), most_kept
        self._room = Room(ROOM - 1)
        self._kept: OrderedDict[str, SessionWords] = OrderedDict()
        self._looking, self._building = threading.Lock(), threading.Lock()
        self._hub = hub_of(decoder.arrays)
        self._after = lru_cache(_REMEMBERED)(self._after_words)
        self._sounds: Sounds | None = None

    def find(self, entries: Sequence[Entry]) -> SessionWords | None:
        """The words to begin a stream with; None for no entries.

        Raises:
            MessageError: quota_exceeded, when the dictionaries of running sessions leave no room for this one.
            ModelError: the letter-to-sound model is damaged.
        """
        if not entries:
            return None
        key = checksum(entries)
        found = self._look_up(key)
        if found is None:
            with self._building:
                found = self._look_up(key) or self._keep(key, self._build(entries))
        return found

    def _look_up(self, key: str) -> SessionWords | None:
        with self._looking:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: str, words: SessionWords) -> SessionWords:
        with self._looking:
            self._kept[key] = words
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
        return words

    def _build(self, entries: Sequence[Entry]) -> SessionWords:
        decoder = self._decoder
        if self._sounds is None:
            self._sounds = Sounds(decoder.lexicon, speller_of(self._folder) if self._folder else unspelt)
        found = [self._sounds.ways(entry) for entry in entries]
        unsaid = sum(not ways for ways in found)
        if unsaid:
            LOG.warning("%d of %d entries of a dictionary have no sound in this language", unsaid, len(entries))
        numbering = number_words((way for ways in found for way in ways), decoder.lexicon)
        phrases = [self._phrase(way, numbering, len(entries)) for ways in found for way in ways]
        if not phrases:
            return decoder.words
        lexicon = LongerLexicon.of(decoder.lexicon, numbering.more, numbering.written)
        tree = decoder.words.tree
        if decoder.sides:
            tree = grown_tree(tree, tuple(numbering.more.values()))
        extension = phrase_graph(phrases)
        place = self._place(extension)
        door = write_extension(decoder.arrays, extension, self._hub, decoder.states + 1 + place, decoder.arcs + place)
        words = SessionWords(lexicon, tree, self._hub, door)
        weakref.finalize(words, self._room.give_back, place, extension.size).atexit = False
        return words

    def _phrase(self, way: Way, numbering: Numbering, entries: int) -> Phrase:
        labels = [
            (phone, numbering.number(word) if place == len(word.phones) else 0)
            for word in way
            for place, phone in enumerate(word.phones, 1)
        ]
        known = self._after(tuple((word.phones, word.number) for word in way))
        last = known or self._after(((way[-1].phones, way[-1].number),))
        cost = self._bias.cost(way, known[1] if known else None, entries)
        return Phrase(tuple(labels), last[0] if last else self._hub, cost)

    def _after_words(self, said: Said) -> tuple[int, float] | None:
        """Where a phrase leads in the shared graph, and its cost; None if one of its words is not known."""
        return after_words(self._decoder.arrays, self._hub, said) if all(number for _, number in said) else None

    def _place(self, extension: Extension) -> int:
        """Room for an extension, made by forgetting the dictionaries that were not asked for longest."""
        while (place := self._room.take(extension.size)) is None:
            with self._looking:
                if not self._kept:
                    reason = "the dictionaries of the sessions that run leave no room for this one; try again later"
                    raise MessageError(ErrorType.QUOTA_EXCEEDED, reason)
                self._kept.popitem(last=False)
        return place
