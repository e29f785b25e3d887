"""Spoken words in, written text out: begin, step, end over the final words of one stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.writing.capitals import capital, written_names
from engine.writing.entities import context, open_from, segmented_entities
from engine.writing.entity import Entity
from engine.writing.marks import MarkModel, mark_model
from engine.writing.sentences import Mark, Sentence, closing_mark, mark_after
from engine.writing.style import Style
from engine.writing.tags import DISFLUENCIES, tags_of


class SpokenWord(Protocol):
    """A recognised word, as far as writing looks at it."""

    @property
    def text(self) -> str:
        """The bare word, in lower case."""

    @property
    def start(self) -> int:
        """Its first sample at 16 kHz."""

    @property
    def end(self) -> int:
        """One past its last sample."""

    @property
    def confidence(self) -> float:
        """0..1."""


@dataclass(frozen=True, slots=True)
class Item:
    """A word, a mark or an entity as it is written."""

    kind: str  # the protocol's type: word, punctuation, entity
    text: str
    start: int  # samples at 16 kHz
    end: int
    confidence: float
    tags: tuple[str, ...] = ()
    entity_class: str | None = None
    spoken: tuple[Item, ...] = ()  # of an entity
    written: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    """What the words written so far mean for the next one."""

    sentence: Sentence = field(default_factory=Sentence)
    tail: tuple[SpokenWord, ...] = ()  # the last final words, for what they mean to an entity that follows
    at: int = 0  # samples: the end of the last word


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is to be written, and what is known beyond it."""

    words: tuple[SpokenWord, ...]
    upcoming: tuple[SpokenWord, ...]
    now: int  # samples heard so far
    closing: bool  # the speaker, or the stream, came to an end after the words


class Writer:
    """Writes one stream; words that are final are written once and for ever."""

    def __init__(self, style: Style, model: MarkModel | None = None) -> None:
        self._style = style
        self._model = model or (_NO_MODEL if style.spoken else mark_model())
        self._state = _State()

    def step(self, words: Sequence[SpokenWord], upcoming: Sequence[SpokenWord], now: int) -> tuple[Item, ...]:
        """Write final words.

        Args:
            words: that became final.
            upcoming: the best guess of the words after them.
            now: samples heard so far.
        """
        return self._written(words, upcoming, now, closing=False)

    def end(self, words: Sequence[SpokenWord], now: int) -> tuple[Item, ...]:
        """Write final words after which the speaker, or the stream, came to an end; the next step begins a sentence."""
        return self._written(words, (), now, closing=True)

    def preview(self, words: Sequence[SpokenWord], now: int) -> tuple[Item, ...]:
        """How words that are not final yet would be written now; no mark follows the last one."""
        if self._style.spoken:
            return tuple(_plain(word) for word in words)
        return self._run(_Heard(self._kept(words), (), now, closing=False), last_mark=False)[0]

    def _written(
        self, words: Sequence[SpokenWord], upcoming: Sequence[SpokenWord], now: int, closing: bool
    ) -> tuple[Item, ...]:
        if self._style.spoken:
            return tuple(_plain(word) for word in words)
        items, self._state = self._run(_Heard(self._kept(words), self._kept(upcoming), now, closing))
        return items

    def _kept(self, words: Sequence[SpokenWord]) -> tuple[SpokenWord, ...]:
        if not self._style.remove_disfluencies:
            return tuple(words)
        return tuple(word for word in words if word.text not in DISFLUENCIES)

    def _run(self, heard: _Heard, last_mark: bool = True) -> tuple[tuple[Item, ...], _State]:
        """The items of words, and what they mean for the next ones."""
        words, state = heard.words, self._state
        names = written_names([word.text for word in (*words, *heard.upcoming)])
        items: list[Item] = []
        sentence = state.sentence
        whole, inside = _found_entities(state.tail, heard)
        for at, end, entity in _pieces(words, whole):
            opens = sentence.length == 0 and "." in self._style.marks
            if entity is None:
                items.append(self._word(words[at], names.get(at), opens))
            else:
                items += self._entity(words[at:end], entity, opens)
            for word in words[at:end]:
                sentence = sentence.with_word(word.text)
            if end - 1 not in inside and (end < len(words) or (last_mark and not heard.closing)):
                after = (*words[end : end + 2], *heard.upcoming[:2])
                mark = mark_after(sentence, words[end - 1], after, heard.now, self._model, self._style)
                items += _mark_items(mark, words[end - 1].end)
                sentence = sentence.with_mark(mark)
        done = words[-1].end if words else state.at
        if heard.closing:
            mark = closing_mark(sentence, self._model, self._style)
            items += _mark_items(mark, done)
            sentence = sentence.with_mark(mark)
        return tuple(items), _State(sentence, context((*state.tail, *words)), done)

    def _word(self, word: SpokenWord, name: str | None, opens: bool) -> Item:
        form = name or word.text
        text = self._style.replacements.applied(capital(form) if opens else form)
        return Item("word", text, word.start, word.end, word.confidence, tags_of(word.text))

    def _entity(self, words: Sequence[SpokenWord], entity: Entity, opens: bool) -> Iterator[Item]:
        """An entity as one item, or its written words; the first of a sentence gets its capital."""
        written = tuple(self._shares(words, entity, opens))
        if not self._style.entities:
            yield from (replace(item, text=self._style.replacements.applied(item.text)) for item in written)
            return
        content = self._style.replacements.applied(" ".join(item.text for item in written))
        sure = min(word.confidence for word in words)
        spoken = tuple(_plain(word) for word in words)
        yield Item(
            "entity", content, words[0].start, words[-1].end, sure, (), entity.kind, spoken=spoken, written=written
        )

    def _shares(self, words: Sequence[SpokenWord], entity: Entity, opens: bool) -> Iterator[Item]:
        """The written words of an entity with the times of the spoken words that each stands for."""
        at = 0
        for place, written in enumerate(entity.written):
            share = words[at : at + written.spoken] or words[-1:]
            text = capital(written.text) if opens and place == 0 and entity.kind != "electronic" else written.text
            yield Item("word", text, share[0].start, share[-1].end, min(word.confidence for word in share))
            at += written.spoken


def text_of(items: Sequence[Item]) -> str:
    """Items as text: marks stand at the word before, and a space ends it, so that texts may be joined as they come."""
    text = ""
    for item in items:
        text = f"{text[:-1] if item.kind == 'punctuation' else text}{item.text} "
    return text


def write_all(words: Sequence[SpokenWord], style: Style | None = None) -> tuple[Item, ...]:
    """Write a whole recording at once.

    Args:
        words: in order, in samples at 16 kHz.
        style: how; by default as a session that asks for nothing.
    """
    return Writer(style or Style()).end(words, words[-1].end if words else 0)


def _found_entities(tail: tuple[SpokenWord, ...], heard: _Heard) -> tuple[dict[int, Entity], set[int]]:
    """The entities that can be written, by their first word, and the words after which some entity goes on.

    Those can be written that lie wholly in the words and cannot go on after them.
    """
    known = (*tail, *heard.words, *heard.upcoming)
    first, beyond = len(tail), len(heard.words)
    closed = len(known) if heard.closing else open_from(known, heard.now)
    found = [
        Entity(entity.kind, entity.first - first, entity.end - first, entity.written)
        for entity in segmented_entities(known)
    ]
    whole = {e.first: e for e in found if e.first >= 0 and e.end <= min(beyond, closed - first)}
    inside = {place for entity in found for place in range(entity.first, entity.end - 1)}
    return whole, inside | ({beyond - 1} if closed < len(known) == first + beyond else set())


def _pieces(words: Sequence[SpokenWord], entities: Mapping[int, Entity]) -> Iterator[tuple[int, int, Entity | None]]:
    """Words and entities in order, each with its first word and one past its last."""
    at = 0
    while at < len(words):
        entity = entities.get(at)
        end = at + 1 if entity is None else entity.end
        yield at, end, entity
        at = end


def _plain(word: SpokenWord) -> Item:
    return Item("word", word.text, word.start, word.end, word.confidence)


def _mark_items(mark: Mark | None, at: int) -> tuple[Item, ...]:
    return () if mark is None else (Item("punctuation", mark.text, at, at, mark.confidence),)


_NO_MODEL = MarkModel({})
