"""Every format becomes the same manifest, and what cannot train is refused with its count and first names."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TrainingError
from engine.training.importing import FORMATS, Microphone, import_corpus, segments_of


def say(path: Path, seconds: float = 1.0, rate: int = 16000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(1).normal(0, 0.1, (round(seconds * rate), channels))
    soundfile.write(path, samples, rate)
    return path


def rows(path: Path, *entries: dict[str, object]) -> Path:
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def manifest(folder: Path, kind: str, path: Path, **options: object) -> list[dict[str, object]]:
    out = folder / "out.jsonl"
    import_corpus(segments_of(kind, path, **options), out)  # type: ignore[arg-type]
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_librispeech_with_genders_and_a_missing_file(tmp_path: Path) -> None:
    corpus = tmp_path / "LibriSpeech"
    chapter = corpus / "dev-clean" / "84" / "121123"
    for number in range(2):
        say(chapter / f"84-121123-000{number}.flac", 1.5)
    (chapter / "84-121123.trans.txt").write_text("84-121123-0000 GO DO YOU\n84-121123-0001 BUT\n84-121123-0002 GONE\n")
    (corpus / "SPEAKERS.TXT").write_text("; reader|sex\n84   | F | dev-clean        |  8.02 | A Name\n")
    findings = import_corpus(segments_of("librispeech", corpus / "dev-clean"), tmp_path / "out.jsonl")
    entries = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert entries[0] == {
        "id": "84-121123-0000",
        "audio": "LibriSpeech/dev-clean/84/121123/84-121123-0000.flac",
        "duration": 1.5,
        "text": "GO DO YOU",
        "speaker": "84",
        "dataset": "librispeech",
        "gender": "f",
    }
    assert findings.lines() == ["1 refused: its audio is missing (84-121123-0002)"]


def test_common_voice_takes_quotes_as_they_are(tmp_path: Path) -> None:
    say(tmp_path / "cy" / "clips" / "common_voice_cy_1.mp3", 1.0, 48000)
    say(tmp_path / "cy" / "clips" / "common_voice_cy_2.mp3", 1.0, 48000)
    (tmp_path / "cy" / "train.tsv").write_text(
        "client_id\tpath\tsentence\tup_votes\tgender\n"
        'aa\tcommon_voice_cy_1.mp3\t"Bore da," meddai\t2\tmale_masculine\n'
        "bb\tcommon_voice_cy_2\tNos da\t2\t\n"
        "bb\tcommon_voice_cy_2\t\t2\t\n"
    )
    first, second = manifest(tmp_path, "common-voice", tmp_path / "cy")
    assert (first["text"], first["speaker"], first["gender"]) == ('"Bore da," meddai', "aa", "m")
    assert second["audio"] == "cy/clips/common_voice_cy_2.mp3"
    assert first["duration"] == pytest.approx(1.0, abs=0.1)


AMI_MEETINGS = """<nite:root xmlns:nite="http://nite.sourceforge.net/" nite:id="m">
 <meeting nite:id="x1" observation="ES2002a">
  <speaker nite:id="x2" nxt_agent="A" channel="1" global_name="FEE005"/>
  <speaker nite:id="x3" nxt_agent="B" channel="0" global_name="MEE006"/>
 </meeting>
 <meeting nite:id="x4" observation="ES2002b">
  <speaker nite:id="x5" nxt_agent="A" channel="1" global_name="FEE005"/>
 </meeting>
</nite:root>"""
AMI_WORDS = """<nite:root xmlns:nite="http://nite.sourceforge.net/">
 <w nite:id="ES2002a.{0}.words0" starttime="0.1" endtime="0.4">Okay</w>
 <w nite:id="ES2002a.{0}.words1" starttime="0.4" endtime="0.4" punc="true">,</w>
 <vocalsound nite:id="ES2002a.{0}.words2" type="laugh"/>
 <w nite:id="ES2002a.{0}.words3" starttime="0.5" endtime="0.9">T_V_</w>
 <w nite:id="ES2002a.{0}.words4" starttime="2.5" endtime="2.9">right</w>
</nite:root>"""
AMI_SEGMENTS = """<nite:root xmlns:nite="http://nite.sourceforge.net/">
 <segment nite:id="ES2002a.{0}.sync1" channel="1" transcriber_start="0.0" transcriber_end="1.0">
  <nite:child href="ES2002a.{0}.words.xml#id(ES2002a.{0}.words0)..id(ES2002a.{0}.words3)"/></segment>
 <segment nite:id="ES2002a.{0}.sync2" channel="1" transcriber_start="{1}" transcriber_end="{2}">
  <nite:child href="ES2002a.{0}.words.xml#id(ES2002a.{0}.words4)"/></segment>
</nite:root>"""


def ami(folder: Path) -> Path:
    notes = folder / "annotations"
    for part in ("corpusResources", "words", "segments"):
        (notes / part).mkdir(parents=True)
    (notes / "corpusResources" / "meetings.xml").write_text(AMI_MEETINGS)
    for letter, start, end in (("A", "2.4", "3.0"), ("B", "3.2", "3.9")):
        (notes / "words" / f"ES2002a.{letter}.words.xml").write_text(AMI_WORDS.format(letter))
        (notes / "segments" / f"ES2002a.{letter}.segments.xml").write_text(AMI_SEGMENTS.format(letter, start, end))
    return notes


def test_ami_headsets_hear_every_segment_of_their_wearer(tmp_path: Path) -> None:
    notes, audio = ami(tmp_path), tmp_path / "amicorpus"
    for part in ("Headset-0", "Headset-1"):
        say(audio / "ES2002a" / "audio" / f"ES2002a.{part}.wav", 5.0)
    entries = manifest(tmp_path, "ami", notes, audio=audio)
    assert [(one["id"], one["text"], one["speaker"]) for one in entries] == [
        ("ES2002a.A.sync1", "Okay T V", "FEE005"),
        ("ES2002a.A.sync2", "right", "FEE005"),
        ("ES2002a.B.sync1", "Okay T V", "MEE006"),
        ("ES2002a.B.sync2", "right", "MEE006"),
    ]
    assert str(entries[0]["audio"]).endswith("ES2002a.Headset-1.wav")
    assert (entries[1]["start"], entries[1]["end"], entries[1]["duration"]) == (2.4, 3.0, 0.6)


def test_ami_mix_refuses_what_two_say_at_once(tmp_path: Path) -> None:
    notes = ami(tmp_path)
    say(tmp_path / "ES2002a.Mix-Headset.wav", 5.0)
    entries = manifest(tmp_path, "ami", notes, audio=tmp_path, microphone=Microphone.MIX)
    assert [one["id"] for one in entries] == ["ES2002a.A.sync2", "ES2002a.B.sync2"]


NLP = "token|speaker|ts|endTs|punctuation|case|tags\n"


def test_earnings21_as_published_is_one_piece_a_call(tmp_path: Path) -> None:
    say(tmp_path / "media" / "4320211.wav", 4.0)
    references = tmp_path / "transcripts" / "nlp_references"
    references.mkdir(parents=True)
    (references / "4320211.nlp").write_text(f"{NLP}good|1||||UC|[]\nmorning|1|||,||[]\nall|2|||||[]\n")
    (entry,) = manifest(tmp_path, "earnings21", tmp_path)
    assert (entry["text"], entry["duration"]) == ("Good morning, all", 4.0)
    assert "start" not in entry


def test_earnings21_with_times_is_cut_at_speakers_and_pauses(tmp_path: Path) -> None:
    say(tmp_path / "media" / "4320211.wav", 6.0)
    references = tmp_path / "references"
    references.mkdir(parents=True)
    (references / "4320211.nlp").write_text(
        f"{NLP}good|1|0.5|0.8||UC|[]\nmorning|1|0.8|1.2|,||[]\nall|2|1.3|1.6|||[]\nwell|2|3.0|3.4|||[]\n"
    )
    (tmp_path / "speaker-metadata.csv").write_text("file_id,speaker_id,speaker_name\n4320211,1,Ann Other\n")
    entries = manifest(tmp_path, "earnings21", tmp_path)
    assert [(one["text"], one["speaker"]) for one in entries] == [
        ("Good morning,", "Ann Other"),
        ("all", "4320211-2"),
        ("well", "4320211-2"),
    ]
    assert (entries[0]["start"], entries[0]["end"]) == (0.4, 1.3)


def test_nemo_with_and_without_offsets(tmp_path: Path) -> None:
    say(tmp_path / "audio" / "a.wav", 3.0)
    path = rows(
        tmp_path / "train.json",
        {"audio_filepath": "audio/a.wav", "duration": 3.0, "text": "all of it"},
        {"audio_filepath": "audio/a.wav", "offset": 1.0, "duration": 1.5, "text": "a part", "speaker": "s1"},
        {"audio_filepath": "audio/a.wav", "offset": 2.0, "duration": 9.0, "text": "too long"},
    )
    whole, part = manifest(tmp_path, "nemo", path)
    assert whole["duration"] == 3.0
    assert "start" not in whole
    assert (part["start"], part["end"], part["speaker"]) == (1.0, 2.5, "s1")


RECORDING = {
    "id": "call",
    "sources": [{"type": "file", "channels": [0, 1], "source": "call.wav"}],
    "sampling_rate": 8000,
    "num_samples": 24000,
    "duration": 3.0,
}


def test_lhotse_cuts_join_their_supervisions_in_order(tmp_path: Path) -> None:
    say(tmp_path / "call.wav", 3.0, 8000, channels=2)
    said = [
        {"id": "2", "start": 0.5, "duration": 0.5, "text": "world", "speaker": "p1", "gender": "F"},
        {"id": "1", "start": 0.0, "duration": 0.5, "text": "hello", "speaker": "p1", "gender": "F"},
    ]
    cut = {"id": "c1", "start": 1.0, "duration": 1.0, "channel": 1, "supervisions": said, "recording": RECORDING}
    path = rows(tmp_path / "cuts_train.jsonl.gz", cut | {"type": "MonoCut"})
    (entry,) = manifest(tmp_path, "lhotse", path)
    assert (entry["text"], entry["speaker"], entry["channel"], entry["start"]) == ("hello world", "p1", 1, 1.0)


def test_lhotse_supervisions_with_their_recordings(tmp_path: Path) -> None:
    say(tmp_path / "m" / "call.wav", 3.0, 8000, channels=2)
    rows(tmp_path / "m" / "x_recordings_dev.jsonl.gz", RECORDING)
    supervision = {"id": "s1", "recording_id": "call", "start": 0.0, "duration": 3.0, "channel": [0], "text": "hi"}
    rows(tmp_path / "m" / "x_supervisions_dev.jsonl.gz", supervision, supervision | {"id": "s2", "text": ""})
    (entry,) = manifest(tmp_path, "lhotse", tmp_path / "m")
    assert (entry["id"], entry["text"], entry["channel"]) == ("s1", "hi", 0)


def test_what_cannot_train_is_refused_by_reason(tmp_path: Path) -> None:
    say(tmp_path / "a.wav", 1.0)
    (tmp_path / "b.wav").write_bytes(b"this is no audio")
    say(tmp_path / "short.wav", 1 / 16000)
    entries = [
        {"id": "ok", "audio_filepath": "a.wav", "text": "a"},
        {"id": "ok", "audio_filepath": "a.wav", "text": "again"},
        {"id": "mute", "audio_filepath": "a.wav", "text": "  "},
        {"id": "bad", "audio_filepath": "b.wav", "text": "b"},
        {"id": "one", "audio_filepath": "short.wav", "text": "c"},
        *({"id": f"gone{n}", "audio_filepath": f"{n}.wav", "text": "d"} for n in range(7)),
    ]
    findings = import_corpus(segments_of("nemo", rows(tmp_path / "m.json", *entries)), tmp_path / "out.jsonl")
    assert [kept.segment.name for kept in findings.kept] == ["ok"]
    assert sorted(findings.lines()) == [
        "1 refused: a second one of this id (ok)",
        "1 refused: its audio cannot be read (bad)",
        "1 refused: shorter than 0.1 s (one)",
        "1 refused: the transcript is empty (mute)",
        "7 refused: its audio is missing (gone0, gone1, gone2, gone3, gone4, ...)",
    ]


def test_without_text_keeps_what_nobody_wrote_down(tmp_path: Path) -> None:
    say(tmp_path / "a.wav", 1.0)
    path = rows(tmp_path / "m.json", {"id": "x", "audio_filepath": "a.wav"})
    findings = import_corpus(segments_of("nemo", path), tmp_path / "out.jsonl", without_text=True)
    assert len(findings.kept) == 1
    assert json.loads((tmp_path / "out.jsonl").read_text())["text"] is None


def test_nothing_is_written_when_nothing_can_be_used(tmp_path: Path) -> None:
    path = rows(tmp_path / "m.json", {"id": "x", "audio_filepath": "gone.wav", "text": "a"})
    with pytest.raises(TrainingError, match="1 refused: its audio is missing"):
        import_corpus(segments_of("nemo", path), tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_folder_of_something_else_is_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(TrainingError, match=str(tmp_path)):
        list(segments_of(kind, tmp_path / "other"))


@pytest.mark.parametrize("kind", ["nemo", "lhotse"])
@pytest.mark.parametrize("text", ["no json\n", "[1]\n", "{}\n"])
def test_a_damaged_line_is_named(kind: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "cuts.jsonl").write_text(text)
    with pytest.raises(TrainingError, match=r"cuts\.jsonl:1"):
        list(segments_of(kind, tmp_path / "cuts.jsonl"))


def test_an_unknown_format_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="librispeech"):
        list(segments_of("kaldi", tmp_path))
