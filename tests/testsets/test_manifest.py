import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testsets import manifest
from testsets.case import AudioRef, Case, Pacing, SentFrame
from testsets.case_json import case_from_json, case_to_json
from testsets.errors import AudioError, FormatError
from testsets.lines import json_row
from testsets.transcript import SpeakerTurn, Transcript, Word

few = settings(max_examples=30)

HEADER = '{"format": "understudy-testset", "version": 1, "name": "mine"}\n'

names = st.text(min_size=1, max_size=8)
times = st.tuples(st.integers(0, 9_999), st.integers(0, 9_999)).map(sorted)
words = st.one_of(
    st.builds(Word, names),
    st.builds(
        lambda text, span, confidence, speaker: Word(text, span[0], span[1], confidence, speaker),
        names,
        times,
        st.none() | st.floats(0, 1),
        st.none() | names,
    ),
)
cases = st.builds(
    Case,
    id=names,
    audio=st.builds(
        AudioRef, st.just("/a/b.wav"), st.integers(1, 48_000), st.integers(1, 10**9), st.sampled_from([None, "f" * 64])
    ),
    reference=st.none() | st.builds(Transcript, st.lists(words, max_size=4).map(tuple), st.integers(1, 48_000)),
    turns=st.lists(st.builds(lambda who, span: SpeakerTurn(who, *span), names, times), max_size=3).map(tuple),
    uem=st.lists(times.filter(lambda span: span[0] < span[1]).map(tuple), max_size=2).map(tuple),
    cluster=st.none() | names,
    tags=st.dictionaries(names, names, max_size=2),
    config=st.dictionaries(names, st.integers() | names | st.booleans(), max_size=2),
    pacing=st.builds(
        Pacing,
        st.integers(1, 10_000),
        st.lists(st.builds(SentFrame, st.integers(0, 10**12), st.integers(0, 9_999)), max_size=3).map(tuple),
    ),
)


@few
@given(cases)
def test_a_case_survives_json(case: Case) -> None:
    line = json.dumps(case_to_json(case, "b.wav"))
    assert case_from_json(json_row(line, "f", 2), lambda name, row: case.audio) == case


@few
@given(cases)
def test_the_digest_ignores_only_where_the_audio_is(case: Case) -> None:
    moved = replace(case, audio=replace(case.audio, path="/elsewhere.wav"))
    assert manifest.case_digest(moved) == manifest.case_digest(case)
    assert manifest.case_digest(replace(case, id=case.id + "x")) != manifest.case_digest(case)
    assert manifest.case_digest(replace(case, cluster=(case.cluster or "") + "x")) != manifest.case_digest(case)


@few
@given(st.text() | st.text().map(lambda text: HEADER + text) | cases.map(lambda c: HEADER + json.dumps(c.id)))
def test_any_text_is_a_list_of_problems_not_a_crash(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.jsonl"
    path.write_bytes(text.encode(errors="surrogatepass"))
    assert manifest.validate(path)


def test_a_saved_set_loads_as_it_was(tmp_path: Path, clip: AudioRef) -> None:
    first = Case("a", clip, Transcript.from_text("hello there", 16_000), cluster="ann", tags={"noise": "none"})
    saved = manifest.save(tmp_path / "set.jsonl", "mine", [first, replace(first, id="b", reference=None)])
    loaded = manifest.load(tmp_path / "set.jsonl")
    assert loaded == saved
    assert '"audio": "clip.flac"' in (tmp_path / "set.jsonl").read_text()
    assert manifest.load(tmp_path / "set.jsonl", check_audio=False) == saved


def test_a_moved_set_keeps_its_digest_and_order_counts(tmp_path: Path, clip: AudioRef) -> None:
    one, two = Case("a", clip), Case("b", clip)
    saved = manifest.save(tmp_path / "set.jsonl", "mine", [one, two])
    shutil.copytree(tmp_path, tmp_path / "copy")
    assert manifest.load(tmp_path / "copy" / "set.jsonl").digest == saved.digest
    assert manifest.digest([two, one]) != saved.digest


def test_id_audio_and_text_are_enough(tmp_path: Path, clip: AudioRef) -> None:
    (tmp_path / "set.jsonl").write_text("\ufeff" + HEADER + '{"id": "a", "audio": "clip.flac", "text": "hi"}\r\n')
    (case,) = manifest.load(tmp_path / "set.jsonl").cases
    assert case.audio == clip
    assert case.reference == Transcript.from_text("hi", 16_000)
    assert case.unit == "a"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "not a test set manifest"),
        ('{"id": "a"}', "first line must be"),
        ('{"format": "understudy-testset", "version": 9, "name": "x"}', "version 9 is not known here"),
        (HEADER, "holds no cases"),
        (HEADER + '{"id": "a", "audio": "gone.wav"}', r":2: gone\.wav: no such audio file"),
        (HEADER + '{"id": "a", "audio": "text.wav"}', r":2: text\.wav: cannot be read as audio"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "samples": 7}', "samples is 8000, the manifest says 7"),
        (HEADER + '{"id": "a", "audio": "clip.flac"}\n' * 2, ":3: id 'a' was already used on line 2"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "txt": "hi"}', "unknown key 'txt'"),
        (HEADER + '{"id": "", "audio": "clip.flac"}', "'id' is empty"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "text": "a", "words": []}', "not both"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "words": [{"text": "a", "start": 3}]}', "both start and end"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "uem": [[5, 5]]}', "needs 0 <= start < end"),
        (HEADER + '{"id": "a", "audio": "clip.flac", "tags": {"age": 5}}', "tag 'age' must be a string"),
    ],
)
def test_each_fault_is_one_line_with_its_place(tmp_path: Path, clip: AudioRef, text: str, what: str) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    path = tmp_path / "set.jsonl"
    path.write_text(text)
    with pytest.raises((FormatError, AudioError), match=what) as raised:
        manifest.load(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_validation_lists_every_problem(tmp_path: Path, clip: AudioRef) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(HEADER + '{"id": "a", "audio": "x.wav"}\n{"id": 5}\n{"id": "b", "audio": "clip.flac"}\nnope\n')
    assert [str(problem).split(": ")[0] for problem in manifest.validate(path)] == [f"{path}:{n}" for n in (2, 3, 5)]
    with pytest.raises(FormatError, match="no such file"):
        manifest.load(tmp_path / "gone.jsonl")


def test_saving_refuses_duplicate_ids_and_bad_places(tmp_path: Path, clip: AudioRef) -> None:
    with pytest.raises(FormatError, match="used by two cases"):
        manifest.save(tmp_path / "set.jsonl", "mine", [Case("a", clip), Case("a", clip)])
    assert not (tmp_path / "set.jsonl").exists()
    with pytest.raises(FormatError, match="cannot be written"):
        manifest.save(tmp_path / "no" / "set.jsonl", "mine", [Case("a", clip)])
