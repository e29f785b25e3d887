"""Corpora as training takes them: the transcripts of a manifest beside the packs that were made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from engine.alphabet import ENGLISH, Alphabet, alphabet_of, read_lexicon
from engine.errors import TrainingError
from engine.phones import Lexicon
from engine.spelling.graphemes import letters_of
from engine.spelling.speller import Speller
from engine.training.batches import Source
from engine.training.corpus import Spell, Utterance, survey
from engine.training.preparation import Pack, read_pack
from engine.training.settings import Corpus, Settings


def sized(settings: Settings) -> tuple[Settings, Alphabet]:
    """Read the alphabet of a recipe's lexicon, and give the phone head its size."""
    alphabet = alphabet_of(settings.lexicon)
    return replace(settings, shape=replace(settings.shape, tokens=len(alphabet.tokens))), alphabet


def lexicon_of(settings: Settings, alphabet: Alphabet) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Read the lexicon of a recipe."""
    return read_lexicon(settings.lexicon, alphabet)


def speller_of(settings: Settings, alphabet: Alphabet, lexicon: Lexicon) -> Spell | None:
    """Give what says words that the lexicon lacks: letter-to-sound for English where the recipe wants it, else None."""
    if alphabet != ENGLISH or not settings.spell_unknown:
        return None
    speller = cache(lambda: Speller.load(known=lexicon))  # loaded for the first word that needs it

    def spell(word: str) -> tuple[int, ...] | None:
        try:
            return speller().spell(word)[0].phones
        except ValueError:
            return None

    return spell


def load_source(corpus: Corpus, lexicon: Lexicon, spell: Spell | None = None) -> Source:
    """Spell the transcripts of a corpus and map its packs.

    Raises:
        TrainingError: there is no pack, packs differ, or they were made of another manifest.
    """
    said = {utterance.name: utterance for utterance in survey(corpus.manifest, lexicon, spell).utterances}
    found = available(corpus)
    if not found:
        raise TrainingError(str(corpus.packs()[0]), "not packed yet; run `understudy train prepare`")
    packs = [read_pack(corpus.packs()[index]) for index in found]
    utterances = [_matching(corpus, name, said) for name in packs[0].names or said]
    for index, pack in zip(found, packs, strict=True):
        if len(pack) != len(utterances) or pack.names != packs[0].names:
            raise TrainingError(
                str(corpus.packs()[index]),
                f"{len(pack)} recordings; the manifest or another version has {len(utterances)}, or others; "
                "delete the packs of this corpus and prepare again",
            )
    phones, letters = [one.phones for one in utterances], [letters_of(one.text) for one in utterances]
    return _source(corpus, found, packs, phones, letters)


def available(corpus: Corpus) -> list[int]:
    """List the versions of a corpus that are packed by now: one may still be in the making."""
    return [index for index, stem in enumerate(corpus.packs()) if stem.with_name(f"{stem.name}.json").exists()]


def refresh(corpus: Corpus, source: Source, drawn: Sequence[int]) -> Source:
    """Draw a corpus from these of its versions."""
    packs = [read_pack(corpus.packs()[index]) for index in drawn]
    return _source(corpus, drawn, packs, source.targets, source.letters)


def _source(
    corpus: Corpus,
    drawn: Sequence[int],
    packs: Sequence[Pack],
    phones: Sequence[tuple[int, ...]],
    letters: Sequence[tuple[int, ...]],
) -> Source:
    return Source(
        packs=packs,
        weights=[corpus.odds()[index] for index in drawn],
        disturbed=[corpus.versions[index][:1] in {"d", "c"} for index in drawn],
        targets=phones,
        letters=letters,
        share=corpus.share,
    )


def _matching(corpus: Corpus, name: str, said: Mapping[str, Utterance]) -> Utterance:
    if name not in said:
        raise TrainingError(
            str(corpus.manifest),
            f"utterance {name!r} is packed but no longer here, or its words are unknown; prepare again",
        )
    return said[name]
