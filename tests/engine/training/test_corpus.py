"""Manifests of both kinds become spelt utterances; trimming keeps the speech."""

import json
from pathlib import Path

import numpy as np
import soundfile

from engine.phones import token_ids
from engine.training.corpus import load, read_manifest, read_noises, trim

LEXICON = {"a": (token_ids("AH"),), "cat": (token_ids("K AE T"),)}


def write(path: Path, *entries: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def test_strata_and_words_outside_the_lexicon(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.jsonl",
        {"id": "1", "audio": "1.flac", "text": "A cat.", "dataset": "speechocean762", "age_group": "child"},
        {"id": "2", "audio": "2.flac", "text": "a dog", "dataset": "made"},
        {"id": "3", "audio": "3.flac", "text": None, "dataset": "esc10", "split": "noise_test"},
    )
    first, noise = read_manifest(path, LEXICON)
    assert (first.stratum, first.audio, first.phones) == (
        "speechocean762-child",
        tmp_path / "1.flac",
        token_ids("AH K AE T"),
    )
    assert (noise.stratum, noise.phones, noise.text) == ("noise_test", (), "")


def test_a_test_set_is_read_by_condition(tmp_path: Path) -> None:
    words = [{"text": "a", "speaker": "x"}, {"text": "cat", "speaker": "y"}]
    path = write(
        tmp_path / "m.jsonl",
        {"format": "understudy-testset", "version": 1, "name": "small"},
        {"id": "1", "audio": "1.flac", "text": "cat", "cluster": "x", "tags": {"condition": "noisy", "style": "read"}},
        {"id": "2", "audio": "2.flac", "words": words, "tags": {"condition": "clean", "style": "conversation"}},
    )
    read, talk = read_manifest(path, LEXICON)
    assert (read.stratum, read.speaker) == ("noisy", "x")
    assert (talk.stratum, talk.text) == ("conversation", "a cat")


def test_noises_of_one_split(tmp_path: Path) -> None:
    path = write(tmp_path / "n.jsonl", {"audio": "1", "split": "noise_train"}, {"audio": "2", "split": "noise_test"})
    assert read_noises(path, "noise_test") == [tmp_path / "2"]


def test_audio_of_another_rate_becomes_16_khz(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(800, np.float32), 8000)
    assert load(tmp_path / "a.wav").shape == (1600,)


def test_trimming_leaves_a_quarter_second() -> None:
    speech = np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32)
    quiet = np.zeros(16000, np.float32)
    kept = trim(np.concatenate([quiet, speech, quiet]))
    assert abs(len(kept) - (16000 + 2 * 4000)) <= 320
