"""Keywords, spans, unknown words and biasing lists, by aligned occurrence."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.measures.counts import Share, WordErrors
from harness.measures.words.alignment import word_errors
from harness.measures.words.chosen import Keywords, keyword_errors, span_errors, split_errors, unknown_word_errors
from harness.measures.words.lattice import align_lattices
from harness.measures.words.values import Detections, SpanErrors

ARCHIVE = "librispeech_asr_outputs/librispeech_asr_outputs.tar.xz"
SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")) / ARCHIVE
words = st.lists(st.sampled_from("abcd"), max_size=10)


def counted(said: str, heard: str, *phrases: str) -> dict[str, Detections]:
    keywords = Keywords.of(phrase.split() for phrase in phrases)
    found = keyword_errors(said.split(), heard.split(), keywords)
    return {" ".join(phrase): value for phrase, value in found.items()}


def test_a_phrase_is_found_only_whole_and_in_its_place() -> None:
    assert counted("we fly to new york", "we fly to new york", "new york") == {"new york": Detections(hits=1)}
    assert counted("we fly to new york", "we fly to new uh york", "new york") == {"new york": Detections(missed=1)}
    assert counted("we fly to newark", "we fly to new york", "new york") == {"new york": Detections(spurious=1)}
    assert counted("york is not new", "new york is old", "new york", "rome") == {"new york": Detections(spurious=1)}


def test_a_word_in_the_wrong_place_is_missed_and_made_up() -> None:
    assert counted("not now today", "now today not", "not") == {"not": Detections(missed=1, spurious=1)}


def test_phrases_may_overlap_and_repeat() -> None:
    found = counted("no no no", "no no", "no", "no no", "no")
    assert found == {"no": Detections(hits=2, missed=1), "no no": Detections(hits=1, missed=1)}
    assert sum(found.values(), Detections()).recall == pytest.approx(3 / 5)


@given(words, words)
def test_all_words_as_keywords_count_every_word(said: list[str], heard: list[str]) -> None:
    found = sum(keyword_errors(said, heard, Keywords.of("abcd")).values(), Detections())
    errors = word_errors(said, heard)
    assert found.missed == errors.substitutions + errors.deletions
    assert found.spurious == errors.substitutions + errors.insertions
    assert found.hits + found.missed == len(said)


def test_spans_are_wrong_with_anything_wrong_in_them() -> None:
    said, heard = (
        ["call", "john", "a", "smith", "at", "nine", "thirty"],
        ["call", "john", "smith", "at", "uh", "nine", "uh", "thirty"],
    )
    assert span_errors(said, heard, [("name", 1, 4), ("time", 5, 7), ("verb", 0, 1)]) == {
        "name": SpanErrors(1, 1, WordErrors(deletions=1, reference=3)),
        "time": SpanErrors(1, 1, WordErrors(insertions=1, reference=2)),
        "verb": SpanErrors(0, 1, WordErrors(reference=1)),
    }
    with pytest.raises(ValueError, match="not within the 7 words"):
        span_errors(said, heard, [("name", 6, 8)])


def test_unknown_words() -> None:
    said, heard = ["the", "zyx", "met", "the", "qrs"], ["the", "six", "met", "the", "qrs"]
    assert unknown_word_errors(said, heard, {"the", "met", "six"}) == Share(1, 2)
    assert unknown_word_errors(said, heard, set(said)) == Share()


@given(words, words)
def test_split_errors_share_out_all_errors(said: list[str], heard: list[str]) -> None:
    inside, outside = split_errors(said, heard, {"a", "b"})
    assert inside + outside == word_errors(said, heard)


@pytest.mark.skipif(not SPEECH.is_file(), reason="no recorded speech here: set UNDERSTUDY_SPEECH")
@pytest.mark.parametrize("system", ["wfst_bias100"])
def test_biased_word_errors_are_as_published(system: str) -> None:
    tables: dict[str, list[list[str]]] = {}
    with tarfile.open(SPEECH) as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and name in ("results.tsv", "test-clean.ref.tsv", f"test-clean.{system}.hyp.tsv"):
                lines = csv.reader(io.TextIOWrapper(file, "utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
                tables[name] = list(lines)
    heard = {row[0]: (row[1] if len(row) > 1 else "").split() for row in tables[f"test-clean.{system}.hyp.tsv"]}
    said = [(row[1].split(), heard[row[0]], set(json.loads(row[2]))) for row in tables["test-clean.ref.tsv"]]
    scripts = align_lattices([r for r, _, _ in said], [h for _, h, _ in said])
    split = [split_errors(r, h, rare, a.steps) for (r, h, rare), a in zip(said, scripts, strict=True)]
    ours = {
        "B-WER": sum((inside for inside, _ in split), WordErrors()),
        "U-WER": sum((outside for _, outside in split), WordErrors()),
    }
    header, *results = tables["results.tsv"]
    rows = [dict(zip(header, line, strict=False)) for line in results]
    published = {
        row["metric"]: tuple(int(row[key]) for key in ("subs", "dels", "ins", "ref_words"))
        for row in rows
        if (row["set"], row["system"]) == ("test-clean", system) and row["metric"] in ours
    }
    assert {name: astuple(counts) for name, counts in ours.items()} == published
