"""How words are spelt in phones when nothing may be guessed."""

from __future__ import annotations

from collections.abc import Iterable

from engine.phones import Lexicon


def spell(words: Iterable[str], lexicon: Lexicon) -> tuple[int, ...] | None:
    """Spell words by the first pronunciation of each; None if the lexicon lacks one of them."""
    spelt: list[int] = []
    for word in words:
        variants = lexicon.get(word) or lexicon.get(word.strip("'"))
        if not variants:
            return None
        spelt.extend(variants[0])
    return tuple(spelt)
