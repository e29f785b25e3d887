"""The word rules of the pack ``english-1``: each maps one word to words, and no result is rewritten again.

Only what is unambiguous: 's and 'd are left alone (is or has, had or would), numbers are left as they are written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

SYMBOLS: Mapping[str, str] = MappingProxyType({"%": " percent ", "&": " and ", "@": " at "})

FILLERS = frozenset({"uh", "uhh", "um", "umm", "uhm", "hm", "hmm", "mm", "mmm", "mhm", "erm"})

WHOLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "won't": ("will", "not"),
        "can't": ("can", "not"),
        "cannot": ("can", "not"),
        "shan't": ("shall", "not"),
        "ain't": ("ain't",),
        "let's": ("let", "us"),
        "i'm": ("i", "am"),
        "gonna": ("going", "to"),
        "wanna": ("want", "to"),
        "gotta": ("got", "to"),
        "ok": ("okay",),
        "mr": ("mister",),
        "mrs": ("missus",),
        "dr": ("doctor",),
        "colour": ("color",),
        "colours": ("colors",),
        "favourite": ("favorite",),
        "neighbour": ("neighbor",),
        "neighbours": ("neighbors",),
        "honour": ("honor",),
        "labour": ("labor",),
        "behaviour": ("behavior",),
        "centre": ("center",),
        "theatre": ("theater",),
        "metre": ("meter",),
        "metres": ("meters",),
        "grey": ("gray",),
        "travelling": ("traveling",),
        "travelled": ("traveled",),
        "cancelled": ("canceled",),
        "programme": ("program",),
        "organise": ("organize",),
        "organised": ("organized",),
        "realise": ("realize",),
        "realised": ("realized",),
        "recognise": ("recognize",),
        "recognised": ("recognized",),
        "apologise": ("apologize",),
    }
)

SUFFIXES: Mapping[str, str] = MappingProxyType({"n't": "not", "'re": "are", "'ve": "have", "'ll": "will"})


def expand(word: str) -> tuple[str, ...]:
    """One folded word as the words it stands for; none for a filler."""
    if word in FILLERS:
        return ()
    if word in WHOLE:
        return WHOLE[word]
    if "'" not in word:
        return (word,)
    for suffix, spoken in SUFFIXES.items():
        stem = word.removesuffix(suffix)
        if stem != word and stem:
            return (*expand(stem.rstrip("'")), spoken)
    return (word,)


def rules_as_text() -> str:
    """All rules, for the hash."""
    rules = {"symbols": dict(SYMBOLS), "fillers": sorted(FILLERS), "whole": dict(WHOLE), "suffixes": dict(SUFFIXES)}
    return json.dumps(rules, sort_keys=True)
