"""Packs hold what was rendered, and a disturbed version is the same when made again."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.acoustic.frontend import features_of
from engine.errors import TrainingError
from engine.training.corpus import Utterance
from engine.training.degradation import Surroundings
from engine.training.preparation import Version, left_out_of, normalisation, read_pack, render, write_pack
from engine.training.reading import blocks_of

AROUND = Surroundings(
    noises=[np.random.default_rng(1).normal(0, 0.1, 8000).astype(np.float32)],
    rooms=[np.array([1, 0.4], np.float32)],
    talkers=[np.random.default_rng(2).normal(0, 0.1, 8000).astype(np.float32)],
)


def corpus(folder: Path) -> list[Utterance]:
    made = []
    for number, length in enumerate((4000, 9000)):
        samples = np.random.default_rng(number).normal(0, 0.1, length).astype(np.float32)
        path = folder / f"{number}.wav"
        soundfile.write(path, samples, 16000, subtype="FLOAT")
        made.append(Utterance(str(number), path, "a", (1,), "x", "made"))
    return made


def test_a_clean_pack_holds_the_features(tmp_path: Path) -> None:
    utterances = corpus(tmp_path)
    frames = list(write_pack(utterances, Version("s10", 1.0, 0), AROUND, tmp_path / "p-s10"))
    pack = read_pack(tmp_path / "p-s10")
    assert [len(pack[index]) for index in range(len(pack))] == frames
    expected = features_of(soundfile.read(utterances[1].audio, dtype="float32")[0])
    np.testing.assert_allclose(pack[1], expected, atol=0.01)
    mean, deviation = normalisation([pack])
    both = np.concatenate([pack[0], pack[1]])
    np.testing.assert_allclose(mean, both.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(deviation, both.std(axis=0), atol=1e-3)


def test_a_disturbed_pack_is_made_again_equally(tmp_path: Path) -> None:
    utterances = corpus(tmp_path)
    for name in ("a-d1", "b-d1"):
        list(write_pack(utterances, Version("d1", None, 1), AROUND, tmp_path / name))
    first, second = read_pack(tmp_path / "a-d1"), read_pack(tmp_path / "b-d1")
    np.testing.assert_array_equal(first.features, second.features)


def wave(path: Path, samples: np.ndarray) -> Utterance:
    soundfile.write(path, samples.astype(np.float32), 16000, subtype="FLOAT")
    return Utterance(path.stem, path, "a", (1,), "x", "made")


@pytest.mark.parametrize("version", [Version("s10", 1.0, 0), Version("d1", None, 1)])
def test_unfit_audio_is_left_out_with_its_reason(version: Version, tmp_path: Path) -> None:
    good = np.random.default_rng(1).normal(0, 0.1, 8000)
    bad = good.copy()
    bad[5000] = np.nan
    utterances = [
        wave(tmp_path / "nan.wav", bad),
        wave(tmp_path / "good.wav", good),
        wave(tmp_path / "constant.wav", np.full(8000, 0.25)),
        wave(tmp_path / "one.wav", good[:1]),
    ]
    frames = list(write_pack(utterances, version, AROUND, tmp_path / "p"))
    assert [count > 0 for count in frames] == [False, True, False, False]
    assert left_out_of(tmp_path / "p") == {
        "samples that are no numbers": ["nan"],
        "the same sample all the time": ["constant"],
        "shorter than a frame of 25 ms": ["one"],
    }
    pack = read_pack(tmp_path / "p")
    assert pack.names == ("nan", "good", "constant", "one")
    assert np.isfinite(pack[1]).all()
    assert [len(pack[index]) for index in range(4)] == frames


def test_a_long_recording_is_packed_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.default_rng(1).normal(0, 0.1, 20000).astype(np.float32)
    utterance = wave(tmp_path / "long.wav", samples)
    whole = features_of(samples)

    def in_blocks(one: Utterance) -> Iterator[np.ndarray]:
        return blocks_of(one, 0.2)

    monkeypatch.setattr("engine.training.preparation.blocks_of", in_blocks)
    monkeypatch.setattr("engine.training.preparation.BLOCK_S", 0.2)
    parts = list(render(utterance, Version("s10", 1.0, 0), 0, AROUND, trimmed=True))
    assert len(parts) == 7
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_coded_version_is_made_again_equally(tmp_path: Path) -> None:
    utterances = corpus(tmp_path)
    for name in ("a-c1", "b-c1"):
        list(write_pack(utterances, Version("c1", None, 1, coded=True), AROUND, tmp_path / name))
    first, second = read_pack(tmp_path / "a-c1"), read_pack(tmp_path / "b-c1")
    np.testing.assert_array_equal(first.features, second.features)


def test_a_pack_that_is_not_there_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="train prepare"):
        read_pack(tmp_path / "gone")
    list(write_pack(corpus(tmp_path), Version("s10", 1.0, 0), AROUND, tmp_path / "p"))
    index = json.loads((tmp_path / "p.json").read_text())
    for change, why in (({"format": 7}, "format 7"), ({"starts": [0, 5]}, "5 frames")):
        (tmp_path / "p.json").write_text(json.dumps(index | change))
        with pytest.raises(TrainingError, match=why):
            read_pack(tmp_path / "p")
    (tmp_path / "p.json").write_text("{")
    with pytest.raises(TrainingError, match="damaged"):
        read_pack(tmp_path / "p")
