"""The whole way with a real body: recordings without transcripts in, a manifest with book labels out."""

import json
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from engine.errors import TrainingError
from engine.training.pseudo.__main__ import main
from engine.training.pseudo.labelling import Yield

ROOT = Path(__file__).parents[4]
REHEARSAL = ROOT / "testsets" / "data" / "rehearsal" / "manifest.jsonl"
MODEL = max((ROOT / "engine" / "models").glob("reference-*"))
SPELT = {
    "the": "DH AH0", "kettle": "K EH1 T AH0 L", "is": "IH1 Z", "still": "S T IH1 L", "warm": "W AO1 R M",
    "if": "IH1 F", "you": "Y UW1", "want": "W AA1 N T", "tea": "T IY1", "she": "SH IY1", "keeps": "K IY1 P S",
    "a": "AH0", "spare": "S P EH1 R", "key": "K IY1", "under": "AH1 N D ER0", "flower": "F L AW1 ER0",
    "pot": "P AA1 T", "boat": "B OW1 T", "mountain": "M AW1 N T AH0 N", "yellow": "Y EH1 L OW0", "sang": "S AE1 NG",
}  # fmt: skip


@pytest.fixture
def clips(tmp_path: Path) -> list[dict[str, object]]:
    entries = [json.loads(line) for line in REHEARSAL.read_text().splitlines()[1:3]]
    return [{**entry, "audio": str(REHEARSAL.parent / entry["audio"])} for entry in entries]


def test_what_was_read_from_a_book_is_labelled(
    tmp_path: Path, clips: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lexicon.dict").write_text("".join(f"{word} {phones}\n" for word, phones in SPELT.items()))
    filler = "the yellow boat sang under a mountain\n" * 300
    (tmp_path / "book.txt").write_text(f"{filler}{clips[1]['text']}\n{filler}{clips[0]['text']}\n{filler}")
    told = [{**clips[0]}, {**clips[1], "text": None}]
    (tmp_path / "new.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in told))
    main(
        [
            *(str(tmp_path / "new.jsonl"), "--out", str(tmp_path / "out.jsonl"), "--model", str(MODEL)),
            *("--lexicon", str(tmp_path / "lexicon.dict"), "--books", str(tmp_path / "book.txt")),
        ]
    )
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    for entry, clip in zip(written, clips, strict=True):
        assert entry["pseudo"]["method"] == "book"
        wrong = Levenshtein.distance(entry["text"].split(), str(clip["text"]).split())
        assert wrong <= 1  # a word at an edge may be lost
    words = len(str(clips[0]["text"]).split())
    assert f" of {words} |" in capsys.readouterr().out


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    (tmp_path / "lexicon.dict").write_text("a AH0\n")
    given = [str(tmp_path / "gone.jsonl"), "--out", "x", "--model", str(MODEL), "--lexicon"]
    with pytest.raises(TrainingError, match=r"gone\.jsonl"):
        main([*given, str(tmp_path / "lexicon.dict")])


def test_an_empty_yield_has_no_rate() -> None:
    assert Yield().error_rate is None
