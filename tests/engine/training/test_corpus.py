"""Manifests of both kinds become spelt utterances; trimming keeps the speech."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TrainingError
from engine.phones import token_ids
from engine.training.corpus import load, read_manifest, read_noises, require_audio, survey, trim

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


def test_a_survey_tells_what_is_left_out_and_which_words_are_unknown(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.jsonl",
        {"id": "1", "audio": "1.flac", "text": "a cat"},
        {"id": "2", "audio": "2.flac", "text": "a dog, dog"},
        {"id": "3", "audio": "3.flac", "text": "cat", "duration": 3 * 3600},
    )
    found = survey(path, LEXICON)
    assert [one.name for one in found.utterances] == ["1"]
    assert found.lines() == [
        "1 left out: a word is not in the lexicon (2)",
        "1 left out: longer than 40 s (3)",
        "1 words are not in the lexicon (dog 2)",
    ]


def test_letter_to_sound_spells_what_the_lexicon_lacks(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", {"id": "2", "audio": "2.flac", "text": "a dog qqq"}, {"id": "3", "audio": "3"})
    known = {"dog": token_ids("D AO G")}
    found = survey(path, LEXICON, known.get)
    assert [one.name for one in found.utterances] == ["3"], "qqq cannot be spelt, so its utterance is left out"
    write(path, {"id": "2", "audio": "2.flac", "text": "a dog"})
    assert survey(path, LEXICON, known.get).utterances[0].phones == token_ids("AH D AO G")


def test_a_long_recording_without_words_comes_in_pieces(tmp_path: Path) -> None:
    path = write(tmp_path / "m.jsonl", {"id": "x", "audio": "x.flac", "text": None, "duration": 50.0})
    pieces = survey(path, LEXICON).utterances
    assert [(one.name, one.start, one.end) for one in pieces] == [
        ("x#0", 0, 320000),
        ("x#1", 320000, 640000),
        ("x#2", 640000, 800000),
    ]


def test_spans_and_channels_are_read(tmp_path: Path) -> None:
    entry = {"id": "1", "audio": "1.flac", "text": "cat", "start": 1.5, "end": 2.25, "channel": 1}
    (one,) = read_manifest(write(tmp_path / "m.jsonl", entry), LEXICON)
    assert (one.start, one.end, one.channel) == (24000, 36000, 1)


@pytest.mark.parametrize("line", ["no json", "17", '{"audio": "a.flac"}'])
def test_a_damaged_manifest_is_named_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text('{"id": "1", "audio": "1.flac", "text": "a"}\n' + line + "\n")
    with pytest.raises(TrainingError, match=r"m\.jsonl:2"):
        survey(path, LEXICON)


def test_missing_audio_is_counted(tmp_path: Path) -> None:
    entries = [{"id": str(n), "audio": f"{n}.flac", "text": "a"} for n in range(8)]
    path = write(tmp_path / "m.jsonl", *entries)
    soundfile.write(tmp_path / "3.flac", np.zeros(160), 16000)
    with pytest.raises(TrainingError, match=r"audio of 7 utterances is missing \(0, 1, 2, 4, 5, \.\.\.\)"):
        require_audio(read_manifest(path, LEXICON), path)
    with pytest.raises(TrainingError, match="cannot be read"):
        survey(tmp_path / "gone.jsonl", LEXICON)
