"""Which words are names, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

NAMES = Path(__file__).parent / "names.txt"


@cache
def _names() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Names as they are written, longest first, by their first word in lower case."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in NAMES.read_text().splitlines():
        if line and not line.startswith("#"):
            found.setdefault(line.split()[0].lower(), []).append(tuple(line.split()))
    return {first: tuple(sorted(names, key=len, reverse=True)) for first, names in found.items()}


def written_names(words: Sequence[str]) -> dict[int, str]:
    """How the words that are names are written, by their place.

    Args:
        words: in lower case.
    """
    found: dict[int, str] = {}
    for place, word in enumerate(words):
        owner = word.removesuffix("'s")
        for name in _names().get(owner if place not in found else "", ()):
            spoken = [part.lower() for part in name]
            heard = [*words[place : place + len(name)]]
            if heard and heard[-1] != spoken[-1]:
                heard[-1] = heard[-1].removesuffix("'s")
            if heard == spoken:
                found |= _as_heard(words, place, name)
                break
    return found


def capital(text: str) -> str:
    """The same with its first letter large."""
    return text[:1].upper() + text[1:]


def _as_heard(words: Sequence[str], place: int, name: tuple[str, ...]) -> dict[int, str]:
    """The words of a name, the last with the "'s" that was heard."""
    end = place + len(name)
    written = {place + number: part for number, part in enumerate(name)}
    if words[end - 1] != name[-1].lower():
        written[end - 1] += "'s"
    return written
