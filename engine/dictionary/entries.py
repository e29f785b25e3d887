"""The ``additional_vocab`` of a session, judged: what to listen for, or the protocol's error, and what was left out."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.protocol import ErrorType, MessageError
from engine.spelling.written import readings

MOST_ENTRIES = 1_000
MOST_WORDS = 6  # of one entry
MOST_LETTERS = 100  # of one word
MOST_SOUNDS = 8  # of one entry
_FIELD = "transcription_config.additional_vocab"
_NO_TEXT = {"Cc", "Cs", "Co", "Cn"}  # control signs, halves of signs, and signs that mean nothing
_TOLD = 5  # entries that a warning names; the others it counts


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase as it is to be written, and other ways to say it, in plain spelling."""

    content: str
    sounds_like: tuple[str, ...] = ()


def read_entries(value: object) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Judge the field as it was sent; entries of one content become one, in alphabetical order.

    Returns:
        The entries, and warnings about what was left out of them.

    Raises:
        MessageError: invalid_config; it is no list of strings and objects, too long, or an entry is no text.
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _invalid("", f"is {_shown(value)}; send a list of strings or of objects with content and sounds_like")
    if len(value) > MOST_ENTRIES:
        raise _invalid("", f"has {len(value)} entries; send at most {MOST_ENTRIES}")
    sounds: dict[str, dict[str, None]] = {}
    left_out: list[str] = []
    for place, item in enumerate(value):
        entry = _read(item, f"[{place}]")
        problem, sayable = _judge(entry)
        if problem:
            left_out.append(problem)
        if sayable is not None:
            sounds.setdefault(sayable.content, {}).update(dict.fromkeys(sayable.sounds_like))
    entries = (Entry(content, tuple(sounds[content])[:MOST_SOUNDS]) for content in sorted(sounds))
    return tuple(entries), _warnings(left_out)


def checksum(entries: Sequence[Entry]) -> str:
    """sha256 of entries: equal ones mean the same dictionary."""
    text = json.dumps([[entry.content, entry.sounds_like] for entry in entries], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read(item: object, where: str) -> Entry:
    if isinstance(item, str):
        return Entry(_text(item, where))
    if not isinstance(item, Mapping) or "content" not in item:
        raise _invalid(where, f"is {_shown(item)}; send a string, or an object with content")
    unknown = sorted(str(name) for name in item if name not in ("content", "sounds_like"))
    if unknown:
        raise _invalid(where, f"has the unknown field {_shown(unknown[0])}; send content and sounds_like")
    sounds = item.get("sounds_like")
    if sounds is not None and (not isinstance(sounds, Sequence) or isinstance(sounds, str)):
        raise _invalid(f"{where}.sounds_like", f"is {_shown(sounds)}; send a list of strings")
    spelt = tuple(_text(one, f"{where}.sounds_like[{place}]") for place, one in enumerate(sounds or ()))
    return Entry(_text(item["content"], f"{where}.content"), spelt)


def _text(value: object, where: str) -> str:
    """A text with single blanks between its words."""
    if not isinstance(value, str) or not value.strip():
        raise _invalid(where, f"is {_shown(value)}; send a word or a phrase")
    plain = " ".join(unicodedata.normalize("NFC", value).split())
    wrong = [sign for sign in plain if unicodedata.category(sign) in _NO_TEXT]
    if wrong:
        raise _invalid(where, f"holds the sign U+{ord(wrong[0]):04X}, which is no text; leave it out")
    return plain


def _judge(entry: Entry) -> tuple[str, Entry | None]:
    """What is wrong with an entry, and what of it can be listened for."""
    words = entry.content.split()
    if len(words) > MOST_WORDS:
        return f"{_shown(entry.content)} has more than {MOST_WORDS} words", None
    if max(map(len, words)) > MOST_LETTERS:
        return f"{_shown(entry.content)} has a word of more than {MOST_LETTERS} letters", None
    said = tuple(one for one in entry.sounds_like if _can_be_said(one))[:MOST_SOUNDS]
    unsaid = [one for one in entry.sounds_like if one not in said]
    if not said and not all(_can_be_said(word) for word in words):
        return f"{_shown(entry.content)} cannot be said; give it a sounds_like in Latin letters", None
    problem = f"{_shown(unsaid[0])}, which {_shown(entry.content)} is to sound like, cannot be said" if unsaid else ""
    return problem, Entry(entry.content, said)


def _can_be_said(text: str) -> bool:
    if max(map(len, text.split())) > MOST_LETTERS or len(text.split()) > 2 * MOST_WORDS:
        return False
    try:
        return bool(readings(text))
    except ValueError:
        return False


def _warnings(left_out: Sequence[str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    more = f"; and {len(left_out) - _TOLD} more" if len(left_out) > _TOLD else ""
    return (f"{_FIELD}: left out: {'; '.join(left_out[:_TOLD])}{more}",)


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _invalid(where: str, what: str) -> MessageError:
    return MessageError(ErrorType.INVALID_CONFIG, f"{_FIELD}{where} {what}")
