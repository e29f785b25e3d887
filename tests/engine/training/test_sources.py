"""Transcripts find their packed features by name, and packs of other data are refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.alphabet import ENGLISH, read_lexicon
from engine.errors import TrainingError
from engine.training.settings import Corpus
from engine.training.sources import available, load_source, refresh


def pack(stem: Path, names: list[str]) -> None:
    np.zeros((10 * len(names), 80), np.float16).tofile(stem.with_name(f"{stem.name}.f16"))
    index = {"starts": list(range(0, 10 * len(names) + 1, 10)), "names": names}
    stem.with_name(f"{stem.name}.json").write_text(json.dumps(index))


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    entries = [
        {"id": name, "audio": f"{name}.wav", "text": text} for name, text in (("1", "a"), ("2", "dog"), ("3", "cat"))
    ]
    (tmp_path / "m.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (tmp_path / "small.dict").write_text("a AH0\ncat K AE1 T\n")
    return Corpus(tmp_path / "m.jsonl", tmp_path / "m", ("s10", "d1"))


def test_targets_follow_the_names_of_the_pack(corpus: Corpus, tmp_path: Path) -> None:
    pack(tmp_path / "m-s10", ["3", "1"])
    lexicon = read_lexicon(tmp_path / "small.dict", ENGLISH)
    source = load_source(corpus, lexicon)
    assert source.targets == [ENGLISH.ids("K AE T"), ENGLISH.ids("AH")]
    assert available(corpus) == [0]
    pack(tmp_path / "m-d1", ["3", "1"])
    assert refresh(corpus, source, available(corpus)).disturbed == [False, True]
    assert list(refresh(corpus, source, [1]).weights) == [1.0]


def test_letter_to_sound_brings_packed_utterances_back(corpus: Corpus, tmp_path: Path) -> None:
    pack(tmp_path / "m-s10", ["1", "2", "3"])
    lexicon = read_lexicon(tmp_path / "small.dict", ENGLISH)
    with pytest.raises(TrainingError, match=r"m\.jsonl: utterance '2' is packed but"):
        load_source(corpus, lexicon)
    assert load_source(corpus, lexicon, {"dog": ENGLISH.ids("D AO G")}.get).targets[1] == ENGLISH.ids("D AO G")


def test_packs_of_other_data_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    lexicon = read_lexicon(tmp_path / "small.dict", ENGLISH)
    with pytest.raises(TrainingError, match="not packed yet"):
        load_source(corpus, lexicon)
    pack(tmp_path / "m-s10", ["1", "3"])
    pack(tmp_path / "m-d1", ["3", "1"])
    with pytest.raises(TrainingError, match="prepare again"):
        load_source(corpus, lexicon)
