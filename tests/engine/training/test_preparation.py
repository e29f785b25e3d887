"""Packs hold what was rendered, and a disturbed version is the same when made again."""

from pathlib import Path

import numpy as np
import soundfile

from engine.frontend import features_of
from engine.training.corpus import Utterance
from engine.training.degradation import Surroundings
from engine.training.preparation import Version, normalisation, read_pack, write_pack

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
