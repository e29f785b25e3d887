"""Fillers, contractions and abbreviations: a word as the words that it stands for, alone or before a certain verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.measures.normalisation.english.token import Token

FILLERS = frozenset({"uh", "uhh", "uhm", "um", "umm", "hm", "hmm", "hmmm", "mmm", "mhm", "erm"})


def _listed(text: str) -> dict[str, tuple[str, ...]]:
    pairs = (line.split(maxsplit=1) for line in text.strip().splitlines())
    return {short: tuple(full.split()) for short, full in pairs}


CONTRACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    _listed(
        """
        won't will not
        can't can not
        cannot can not
        shan't shall not
        let's let us
        i'm i am
        y'all you all
        ma'am madam
        gonna going to
        wanna want to
        gotta got to
        kinda kind of
        sorta sort of
        outta out of
        shoulda should have
        coulda could have
        woulda would have
        lemme let me
        gimme give me
        dunno do not know
        cuz because
        how'd how did
        what'd what did
        where'd where did
        why'd why did
        """
    )
)
SUFFIXES: Mapping[str, str] = MappingProxyType({"n't": "not", "'re": "are", "'ve": "have", "'ll": "will"})
_WHOLE = frozenset({"ain't"})

# Saint and street are both "st": which of the two "st" is, is not to be told ("first st", "st john").
ABBREVIATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    _listed(
        """
        ok okay
        mr mister
        mrs missus
        dr doctor
        prof professor
        jr junior
        sr senior
        saint st
        street st
        mt mount
        ave avenue
        blvd boulevard
        rd road
        vs versus
        etc et cetera
        dept department
        govt government
        approx approximately
        bn billion
        nought zero
        naught zero
        twenties twenty s
        thirties thirty s
        forties forty s
        fifties fifty s
        sixties sixty s
        seventies seventy s
        eighties eighty s
        nineties ninety s
        fourths quarters
        alright all right
        alot a lot
        """
    )
)

_BEFORE_S = "it he she that what who where there here how when why this"
_BEFORE_D = "i you he she it we they who that there"
_ADVERBS = "never always already also just not only ever really now long since all"
_SKIPPED = frozenset(_ADVERBS.split())
_HAS = frozenset(["been", "got", "had", "become", "gotten"])
_HAD = frozenset({"better", "been", *_HAS})
APOSTROPHE_S = frozenset(f"{word}'s" for word in _BEFORE_S.split())
APOSTROPHE_D = frozenset(f"{word}'d" for word in _BEFORE_D.split())


WORDS = frozenset({*FILLERS, *CONTRACTIONS, *ABBREVIATIONS})  # all that are listed


def expand(word: str) -> tuple[str, ...]:
    """One folded word as the words it stands for whatever stands beside it; none for a filler."""
    if word in FILLERS:
        return ()
    found = CONTRACTIONS.get(word) or ABBREVIATIONS.get(word)
    if found is not None:
        return found
    if "'" not in word or word in _WHOLE:
        return (word,)
    for suffix, spoken in SUFFIXES.items():
        stem = word.removesuffix(suffix)
        if stem != word and stem:
            return (*expand(stem.rstrip("'")), spoken)
    return (word,)


def without_fillers(word: str) -> tuple[str, ...]:
    """The word, unless it is a filler."""
    return () if word in FILLERS else (word,)


def uncontracted(word: str) -> tuple[str, ...]:
    """What a contraction stands for; any other word as it is."""
    return (word,) if word in ABBREVIATIONS else expand(word)


def resolve(tokens: Sequence[Token]) -> list[Token]:
    """'s as is or has, 'd as would or had behind the words where they are no possessive, by the verb that follows."""
    out: list[Token] = []
    for at, token in enumerate(tokens):
        if token.word in APOSTROPHE_S:
            spoken = "has" if _verb(tokens, at + 1) in _HAS else "is"
        elif token.word in APOSTROPHE_D:
            spoken = "had" if _verb(tokens, at + 1) in _HAD else "would"
        else:
            out.append(token)
            continue
        out += [Token(token.word[:-2], token.place), Token(spoken, token.place)]
    return out


def _verb(tokens: Sequence[Token], at: int) -> str:
    """The first word that is no adverb."""
    while at < len(tokens) and tokens[at].word in _SKIPPED:
        at += 1
    return tokens[at].word if at < len(tokens) else ""
