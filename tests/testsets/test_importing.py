import os
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from testsets import audio
from testsets.errors import AudioError, FormatError
from testsets.importing import import_cases
from testsets.transcript import SpeakerTurn, Word

SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    noise = np.random.default_rng(7).standard_normal(8_000) / 100
    for name, rate in {"one": 16_000, "two": 8_000, "three": 16_000}.items():
        audio.write(tmp_path / f"{name}.wav", noise, rate)
    return tmp_path


def test_rows_keep_words_speaker_and_known_tags(folder: Path) -> None:
    text = unicodedata.normalize("NFD", "Un café,  SVP!")
    (folder / "set.jsonl").write_text(
        f'{{"id": "a", "audio": "one.wav", "text": "{text}", "speaker": "ann", "gender": "f", "age": 5}}\n'
        '{"audio": "two.wav", "text": null}\n'
    )
    first, second = import_cases(folder / "set.jsonl").cases
    assert (first.id, first.cluster, dict(first.tags)) == ("a", "ann", {"gender": "f"})
    assert first.reference is not None
    assert first.reference.text == "Un café, SVP!"
    assert (second.id, second.reference, second.audio.rate) == ("two", None, 8_000)


def test_parts_of_one_recording_become_one_case_with_turns(folder: Path) -> None:
    (folder / "set.jsonl").write_text(
        '{"id": "a", "audio": "one.wav", "text": "hello", "speaker": "ann", "start": 0, "end": 0.25}\n'
        '{"id": "b", "audio": "one.wav", "text": "hi", "speaker": "bob", "start": 0.125, "end": 0.5}\n'
    )
    (case,) = import_cases(folder / "set.jsonl").cases
    assert case.id == "one"
    assert case.turns == (SpeakerTurn("ann", 0, 4_000), SpeakerTurn("bob", 2_000, 8_000))
    assert case.reference is not None
    assert case.reference.text == "hello hi"


def test_stm_gives_words_turns_and_times_at_each_rate(folder: Path) -> None:
    (folder / "ref.stm").write_text("two 1 bob 0.5 1 yes\ntwo 1 ann 0.25 0.75 oh my\none 1 ann 0 0.5 well\n")
    imported = import_cases(folder / "ref.stm")
    two, one = imported.cases
    assert two.turns == (SpeakerTurn("ann", 2_000, 6_000), SpeakerTurn("bob", 4_000, 8_000))
    assert two.reference is not None
    assert two.reference.words == (
        Word("oh", speaker="ann"),
        Word("my", speaker="ann"),
        Word("yes", 4_000, 8_000, None, "bob"),
    )
    assert (one.cluster, two.cluster) == ("ann", None)
    assert imported.left_out == (f"{folder / 'three.wav'}: no reference",)


def test_trn_rttm_and_uem_go_together(folder: Path) -> None:
    (folder / "ref.trn").write_text("well (one)\nyes (two)\n")
    (folder / "who.rttm").write_text("SPEAKER two 1 0.5 0.25 <NA> <NA> ann <NA> <NA>\n")
    (folder / "scored.uem").write_text("one 1 0.25 0.5\n")
    one, two = import_cases(folder / "ref.trn", speakers=folder / "who.rttm", scored=folder / "scored.uem").cases
    assert (one.turns, one.uem) == ((), ((4_000, 8_000),))
    assert (two.turns, two.uem) == ((SpeakerTurn("ann", 4_000, 6_000),), ())


def test_a_folder_of_audio_is_a_set_without_references(folder: Path) -> None:
    assert [(case.id, case.reference) for case in import_cases(folder).cases] == [
        ("one", None),
        ("three", None),
        ("two", None),
    ]


def test_watching_sees_every_case(folder: Path) -> None:
    seen: list[str] = []
    import_cases(folder, watch=lambda names: (seen.append(name) or name for name in names))  # type: ignore[func-returns-value]
    assert seen == ["one", "three", "two"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.jsonl", '{"id": "a", "audio": "gone.wav"}', r"a\.jsonl:1: gone\.wav: no such audio file"),
        ("a.jsonl", '{"id": "a", "audio": "one.wav"}\n{"id": "a", "audio": "two.wav"}', "already used on line 1"),
        ("a.jsonl", '{"id": "a"}', "'audio' is missing"),
        ("a.jsonl", '{"audio": "one.wav", "start": 2, "end": 1}', "need 0 <= start <= end"),
        ("a.jsonl", "", "holds nothing to import"),
        ("a.stm", "four 1 ann 0 1 hi", "1 of 1 recordings have no audio here, first 'four'; give --audio"),
        ("a.stm", "one 1 ann", "3 fields"),
        ("a.doc", "", r"a \.doc file cannot be imported; use one of \.jsonl"),
    ],
)
def test_what_cannot_be_imported_is_one_clear_error(folder: Path, name: str, text: str, what: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises((FormatError, AudioError), match=what):
        import_cases(folder / name)


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    (folder / "one.flac").write_bytes((folder / "one.wav").read_bytes())
    with pytest.raises(AudioError, match="has the same name as"):
        import_cases(folder)
    (folder / "a.stm").write_text("one 1 ann 0 1 hi")
    with pytest.raises(AudioError, match="no such folder of audio"):
        import_cases(folder / "a.stm", folder / "gone")


@pytest.mark.skipif(not SPEECH.is_dir(), reason=f"no speech data at {SPEECH}; set UNDERSTUDY_SPEECH")
def test_the_speech_packs_are_imported(tmp_path: Path) -> None:
    (meeting, *_) = meetings = import_cases(SPEECH / "meetings.jsonl").cases
    assert len(meetings) == 14
    assert len({turn.speaker for turn in meeting.turns}) == 2
    (book,) = import_cases(SPEECH / "longform.jsonl").cases
    assert book.cluster == "LJ"
    assert len(book.turns) > 50
