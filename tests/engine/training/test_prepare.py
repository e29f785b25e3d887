"""A work folder is filled from a recipe, once; what is wrong with the data is said before anything is packed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TrainingError
from engine.training.preparation import read_pack
from engine.training.prepare import plan, prepare, version_of
from engine.training.settings import RECIPE, Corpus, Settings, read_settings


def write(folder: Path, count: int = 3) -> None:
    rng = np.random.default_rng(1)
    for number in range(count):
        soundfile.write(folder / f"{number}.wav", rng.normal(0, 0.1, 8000), 16000)
    entries = [{"id": str(n), "audio": f"{n}.wav", "text": "a cat" if n else "a dog"} for n in range(count)]
    (folder / "m.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    (folder / "small.dict").write_text("a AH0\ncat K AE1 T\n")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write(tmp_path)
    text = RECIPE.read_text()
    head = text[: text.index("[[corpora]]")].replace("lexicon/cmudict.dict.xz", "small.dict")
    corpus = 'manifest = "$speech/m.jsonl"\nstem = "$work/m"\nversions = ["s10", "d1"]\n'
    dev = corpus.replace("$work/m", "$work/dev")
    (tmp_path / "own.toml").write_text(f"{head}[[corpora]]\n{corpus}\n[[dev]]\n{dev}")
    return replace(read_settings(tmp_path / "own.toml", tmp_path, tmp_path / "work"), spell_unknown=False)


def test_every_pack_of_the_recipe_is_made_once(settings: Settings, tmp_path: Path) -> None:
    told: list[str] = []
    prepare(settings, tmp_path / "work", only=["noise-s10", "m-s10"], say=told.append)
    assert any(line.startswith("m-s10: 2 recordings") for line in told)
    assert "1 left out: a word is not in the lexicon (0)" in told
    assert read_pack(tmp_path / "work" / "m-s10").names == ("1", "2")
    assert len(read_pack(tmp_path / "work" / "noise-s10")) == 24, "noises are made where none are given"
    assert [job.stem.name for job in plan(settings)] == ["m-d1", "dev-s10", "dev-d1"]
    before = (tmp_path / "work" / "m-s10.f16").stat().st_mtime_ns
    prepare(settings, tmp_path / "work", only=["m-s10"])
    assert (tmp_path / "work" / "m-s10.f16").stat().st_mtime_ns == before


def test_missing_audio_is_said_before_packing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "2.wav").unlink()
    with pytest.raises(TrainingError, match=r"m\.jsonl: the audio of 1 utterances is missing \(2\)"):
        prepare(settings, tmp_path / "work", only=["m-s10"])
    assert not (tmp_path / "work" / "m-s10.json").exists()


def test_a_manifest_without_anything_to_pack_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text(json.dumps({"id": "0", "audio": "0.wav", "text": "dog"}) + "\n")
    with pytest.raises(TrainingError, match="nothing to pack; 1 left out: a word is not in the lexicon"):
        prepare(settings, tmp_path / "work", only=["m-s10"])


def test_letter_to_sound_says_what_the_lexicon_lacks(settings: Settings, tmp_path: Path) -> None:
    told: list[str] = []
    prepare(replace(settings, spell_unknown=True), tmp_path / "work", only=["m-s10"], say=told.append)
    assert read_pack(tmp_path / "work" / "m-s10").names == ("0", "1", "2")
    assert "1 words are not in the lexicon (dog 1)" in told


def test_versions_have_names() -> None:
    assert (version_of("s09").speed, version_of("d2").seed, version_of("c3").coded) == (0.9, 2, True)
    assert version_of("d3") != version_of("c3")
    for name in ("s12", "x1", "d", "c-1", ""):
        with pytest.raises(TrainingError, match="no version"):
            version_of(name)


def test_a_corpus_names_its_packs(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path / "m.jsonl", tmp_path / "a.b", ("s10", "d1"))
    assert [stem.name for stem in corpus.packs()] == ["a.b-s10", "a.b-d1"]
    assert corpus.odds() == (1.0, 1.0)
