"""Written words count as the spoken ones: a gate that asks for written transcripts gives the same scores."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.writing.writer import text_of, write_all
from harness.measures.normalisation.packs import normaliser
from testsets.embedded import open_embedded

SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", Path(__file__).parents[4] / "shared" / "speech"))
LAST_OH = re.compile(r"\boh$")  # english-1 reads "oh" as zero between digits only


@dataclass(frozen=True)
class Word:
    text: str
    start: int
    end: int
    confidence: float = 0.5


def spoken(text: str) -> list[str]:
    """The words of a transcript as the recogniser gives them."""
    return [word for word in re.sub("[^a-z' ]", " ", text.lower()).split() if word.strip("'")]


def written(words: list[str]) -> str:
    return text_of(write_all([Word(word, 5_000 * at, 5_000 * at + 4_800) for at, word in enumerate(words)]))


def assert_same_words(texts: list[str]) -> int:
    """How many texts have digits once written."""
    pack = normaliser("english-1")
    digits = 0
    for words in map(spoken, texts):
        text = written(words)
        digits += any(char.isdigit() for char in text)
        if not LAST_OH.search(" ".join(words)):
            assert pack.split(text) == pack.split(" ".join(words))
    return digits


def test_the_references_of_the_rehearsal() -> None:
    texts = [case.reference.text for case in open_embedded("rehearsal").cases if case.reference is not None]
    assert assert_same_words(texts) > 5


def test_the_transcripts_of_the_speech_data() -> None:
    if not SPEECH.is_dir():
        pytest.skip("the speech data is not there: set UNDERSTUDY_SPEECH")
    lines = [line for name in ("dev", "test") for line in (SPEECH / f"{name}.jsonl").read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    assert assert_same_words([row["text"] for row in rows if row["text"]]) > 5
