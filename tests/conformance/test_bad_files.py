"""`understudy score` on every kind of bad file: exit code 2 and one line that says where and what, never a number."""

from __future__ import annotations

import gzip
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from understudy.cli import main

NLP = "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\n"
TURN = "SPEAKER rec 1 {} {} <NA> <NA> ann <NA> <NA>"
SET = '{"format": "understudy-testset", "version": 1, "name": "mine"}\n'

# ending of the reference -> a sound hypothesis
SOUND = {
    ".trn": ("hyp.trn", "hi you (rec)"),
    ".stm": ("hyp.trn", "hi you (rec)"),
    ".ctm": ("hyp.trn", "hi you (rec)"),
    ".json": ("hyp.trn", "hi you (rec)"),
    ".jsonl": ("hyp.trn", "hi you (rec)"),
    ".nlp": ("hyp.trn", "hi you (rec)"),
    ".rttm": ("hyp.rttm", TURN.format(0, 1)),
}

BAD: list[tuple[str, str | bytes, str]] = [
    # what is no text
    (".trn", "hi you (rec)".encode("utf-16"), "rec.trn: byte 0 is not UTF-8, it looks like UTF-16"),
    (".stm", "rec 1 ann 0 1 hi".encode("utf-16-le"), "rec.stm:1: a NUL character"),
    (".trn", "naïve (rec)".encode("latin-1"), "rec.trn:1: byte 2 is not UTF-8"),
    (".ctm", gzip.compress(b"rec 1 0 1 hi"), "rec.ctm: is compressed (gzip); unpack it first"),
    (".jsonl", b'{"id": "rec", "text": "hi\0"}', "rec.jsonl:1: a NUL character"),
    (".stm", b"rec 1 ann 0 1 hi\rrec 1 ann 1 2 you\r", "rec.stm:1: a carriage return inside a line"),
    # empty files
    (".trn", "", "ids are unknown to rec.trn"),
    (".stm", "\n\n;; nothing\n", "ids are unknown to rec.stm"),
    (".json", "", "rec.json: is empty; expected JSON"),
    (".json", "[]", "ids are unknown to rec.json"),
    (".rttm", "", "ids are unknown to rec.rttm"),
    # malformed lines
    (".trn", "hi you (rec)\nhi you", "rec.trn:2: no id at the end"),
    (".stm", "rec 1 ann 0", "rec.stm:1: 4 fields; expected"),
    (".ctm", "rec 1 0 1", "rec.ctm:1: 4 fields; expected"),
    (".ctm", "rec 1 0 1 hi 0.5 lex ann more", "rec.ctm:1: more than 8 fields; expected"),
    (".rttm", "SPEAKER rec 1 0 1", "rec.rttm:1: "),
    (".nlp", "hi|1\n", "rec.nlp:1: no column 'token'"),
    (".nlp", NLP + "hi|1\n", "rec.nlp:2: 2 values for 8 columns"),
    (".nlp", NLP + "hi|1||||XX||\n", "rec.nlp:2: case 'XX' is not one of UC"),
    (".json", '[{"session_id": "rec"', "rec.json: not JSON"),
    (".json", '{"session_id": "rec"}', "rec.json: expected a JSON list of segments"),
    (".jsonl", '{"id": "rec", "text": "hi"}\nnope', "rec.jsonl:2: not JSON"),
    (".jsonl", '{"id": "rec", "text": "hi", "id": "b"}', "rec.jsonl:1: not usable JSON: key 'id' is given twice"),
    (".jsonl", "[" * 100_000, "rec.jsonl:1: not usable JSON: nested too deeply"),
    (".json", "[" * 100_000, "rec.json: not usable JSON: nested too deeply"),
    (".jsonl", '{"id": "rec", "txt": "hi"}', "rec.jsonl:1: unknown key 'txt'"),
    (".jsonl", r'{"id": "rec", "text": "\ud83d"}', "rec.jsonl:1: half of a character"),
    (".jsonl", SET + '{"id": "rec"}', "rec.jsonl:2: 'audio' is missing"),
    # times
    (".stm", "rec 1 ann -1 1 hi", "rec.stm:1: start '-1' must lie between 0"),
    (".stm", "rec 1 ann 2 1 hi", "rec.stm:1: the segment ends at 1 s, before it starts at 2 s"),
    (".stm", "rec 1 ann nan 1 hi", "rec.stm:1: start 'nan' must lie between 0"),
    (".ctm", "rec 1 inf 1 hi", "rec.ctm:1: start 'inf' must lie between 0"),
    (".ctm", "rec 1 0 -1 hi", "rec.ctm:1: duration '-1' must lie between 0"),
    (".ctm", "rec 1 0 1e400 hi", "rec.ctm:1: duration '1e400' must lie between 0"),
    (".ctm", "rec 1 1_0 1 hi", "rec.ctm:1: start '1_0' is not a number of seconds"),
    (".ctm", f"rec 1 {'9' * 400} 1 hi", "rec.ctm:1: start '999"),
    (".ctm", "rec 1 0 1 hi nan", "rec.ctm:1: confidence 'nan' must be a number from 0 to 1"),
    (".rttm", TURN.format("nan", 1), "rec.rttm:1: "),
    (".rttm", TURN.format(0, -1), "rec.rttm:1: "),
    (".rttm", TURN.format("1e400", 1), "rec.rttm:1: "),
    (".nlp", NLP + "hi|1|2|1||||\n", "rec.nlp:2: token 'hi' ends before it starts"),
    (".nlp", NLP + "hi|1|1e400|1||||\n", "rec.nlp:2: ts '1e400' must lie between 0"),
    (".json", '[{"session_id": "rec", "start_time": NaN, "end_time": 1}]', "rec.json: not usable JSON: NaN"),
    (".json", '[{"session_id": "rec", "start_time": 2, "end_time": 1}]', "needs 0 <= start <= end"),
    (".json", '[{"session_id": "rec", "start_time": 1e400, "end_time": 1}]', "rec.json, entry 1: 'start_time' is too"),
    (".jsonl", '{"id": "rec", "words": [{"text": "hi", "start": -1, "end": 1}]}', "rec.jsonl:1: 'start' is not a time"),
    # ids
    (".trn", "hi (rec)\nyou (rec)", "rec.trn:2: id 'rec' was already used"),
    (".trn", "hi (rec)\nyou (REC)", "ids 'rec' and 'REC' differ only in case"),
    (".jsonl", '{"id": "rec", "text": "hi"}\n{"id": "rec", "text": "you"}', "rec.jsonl:2: id 'rec' was already used"),
    (".jsonl", '{"id": "", "text": "hi"}', "rec.jsonl:1: 'id' is empty"),
    (".json", '[{"words": "hi"}]', "rec.json, entry 1: 'session_id' is missing"),
    (".trn", "hi (other)", "--allow-partial"),
    # what another score would need
    (".ctm", "rec 1 * * <ALT_BEGIN>", "rec.ctm:1: alternatives (<ALT_BEGIN>) are not supported"),
    (".stm", "rec 1 x 0 1 IGNORE_TIME_SEGMENT_IN_SCORING", "rec.stm:1: IGNORE_TIME_SEGMENT_IN_SCORING"),
]


def understudy(*arguments: object) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["understudy", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
    return int(done.value.code or 0), out.getvalue(), err.getvalue()


def assert_one_line(found: tuple[int, str, str], what: str) -> None:
    code, out, err = found
    assert (code, out) == (2, "")
    assert err.startswith("understudy: ")
    assert err.count("\n") == 1
    assert what in err


@pytest.mark.parametrize(("ending", "content", "what"), BAD, ids=[f"{b[0]} {b[2][:40]}" for b in BAD])
@pytest.mark.parametrize("bad_side", ["reference", "hypothesis"])
def test_a_bad_file_is_one_line_on_either_side(
    tmp_path: Path, ending: str, content: str | bytes, what: str, bad_side: str
) -> None:
    name, sound = SOUND[ending]
    (tmp_path / name).write_text(sound)
    (tmp_path / f"rec{ending}").write_bytes(content if isinstance(content, bytes) else content.encode())
    files = [tmp_path / f"rec{ending}", tmp_path / name]
    if bad_side == "hypothesis":
        files.reverse()
        what = "of 1 ids of" if "unknown to" in what else what
    assert_one_line(understudy("score", *files), what)


@pytest.mark.parametrize("ending", [*SOUND, ".gz", ".txt", ""])
def test_folders_missing_files_and_unknown_endings_are_one_line(tmp_path: Path, ending: str) -> None:
    (tmp_path / "hyp.trn").write_text("hi (rec)")
    (tmp_path / f"folder{ending}").mkdir()
    known = ending in SOUND
    assert_one_line(
        understudy("score", tmp_path / f"folder{ending}", tmp_path / "hyp.trn"),
        "is a folder" if known else "file is not known; use one of",
    )
    assert_one_line(
        understudy("score", tmp_path / f"gone{ending}", tmp_path / "hyp.trn"),
        "no such file" if known else "file is not known; use one of",
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("rec 1 1 1", "is empty"),
        ("rec.1 1 0 1", "1 of 1 recordings have none (the first: rec)"),
        ("rec 1 0", "3 fields"),
        ("rec 1 nan 1", "nan"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_bad_regions_are_one_line(tmp_path: Path, content: str | bytes, what: str) -> None:
    for name in ("ref.rttm", "hyp.rttm"):
        (tmp_path / name).write_text(TURN.format(0, 1))
    (tmp_path / "bad.uem").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert_one_line(
        understudy("score", tmp_path / "ref.rttm", tmp_path / "hyp.rttm", "--uem", tmp_path / "bad.uem"), what
    )


def test_nothing_overlapping_or_odd_but_sound_is_refused(tmp_path: Path) -> None:
    """Overlapping words and turns, turns of no length, CR LF, marks and right-to-left text are sound, and scored."""
    (tmp_path / "ref.stm").write_bytes(
        "\ufeffrec 1 ann 0 2 hi you\r\nrec 1 bob 1 3 שלום\r\nrec 1 ann 2 2 so\r\n".encode()
    )
    (tmp_path / "hyp.ctm").write_text("rec 1 0 1 hi\nrec 1 0.5 1 you\nrec 1 1 0 \u200fשלום\nrec 1 2 9 so\n")
    code, out, err = understudy("score", tmp_path / "ref.stm", tmp_path / "hyp.ctm", "--json")
    assert (code, err) == (0, "")
    (wer,) = [found for found in json.loads(out)["scores"] if found["measure"] == "wer"]
    assert (wer["rate"], wer["scored"]) == (0.0, 1)


def test_nlp_scores_against_ctm(tmp_path: Path) -> None:
    (tmp_path / "call.nlp").write_text(NLP + "Hi|1|||,|UC|[]|[]\nyou|1|||.|LC|[]|[]\n")
    (tmp_path / "hyp.ctm").write_text("call A 0 0.5 hi\ncall A 0.5 0.5 two\n")
    code, out, _ = understudy("score", tmp_path / "call.nlp", tmp_path / "hyp.ctm", "--json")
    assert code == 0
    (wer,) = [found for found in json.loads(out)["scores"] if found["measure"] == "wer"]
    assert wer["rate"] == 0.5


def test_two_nlp_files_are_one_recording_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / "ref.nlp").write_text(NLP + "Hi|1|0|0.5|,|UC|[]|[]\nyou|1|0.5|1|.|LC|[]|[]\n")
    (tmp_path / "hyp.nlp").write_text(NLP + "Hi|a|0|0.5|,||[]|[]\ntwo|b|0.5|1|.||[]|[]\n")
    code, out, err = understudy("score", tmp_path / "ref.nlp", tmp_path / "hyp.nlp", "--json")
    assert (code, err) == (0, "")
    found = {score["measure"]: score["rate"] for score in json.loads(out)["scores"]}
    assert (found["wer"], found["der"]) == (0.5, 0.5)
    assert found["cpwer"] == 1.0
