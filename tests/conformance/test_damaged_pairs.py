"""`understudy score` on damaged files that may still be read: a score or one line, never a traceback."""

from __future__ import annotations

import io
import json
import math
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.cli import main

SOUND = {
    ".stm": "rec 1 ann 0.5 1.25 <o,f0> hi you\nrec 1 bob 1 2.5 so it is\nrec 1 ann 3 4 well\n",
    ".ctm": "rec 1 0.5 0.75 hi 0.9 lex ann\nrec 1 1.5 0.25 you NA lex bob\n",
    ".rttm": "SPEAKER rec 1 0.5 0.75 <NA> <NA> ann <NA> <NA>\nSPEAKER rec 1 1 2 <NA> <NA> bob <NA> <NA>\n",
    ".json": '[{"session_id": "rec", "speaker": "ann", "start_time": 0.5, "end_time": 1.25, "words": "hi you"}]',
    ".jsonl": '{"id": "rec", "words": [{"text": "hi", "start": 0.5, "end": 1.25, "speaker": "ann"}, {"text": "so"}]}\n',
    ".nlp": "token|speaker|ts|endTs|punctuation|case|tags|wer_tags\nhi|0|0.5|0.75|,|UC|[]|[]\nyou|1|1|2|.|LC|[]|[]\n",
    ".trn": "hi you so it is (rec)\n",
}
pieces = st.sampled_from(
    ["-1", "0", "1e8", "99999999.9", "1e-7", "", " ", "{", "}", "/", "@", "(uh)", "'", "%", "\u200f", "|", "ann"]
)


OPTIONS = st.sampled_from(
    [
        [],
        ["--missing-as-empty"],
        ["--allow-partial"],
        ["--normaliser", "english-1"],
        ["--alternatives"],
        ["--collar-ms", "250", "--skip-overlap", "--dialect", "nist"],
    ]
)


def damaged(text: str) -> st.SearchStrategy[str]:
    """The text with up to three stretches replaced."""
    one = st.tuples(st.integers(0, len(text)), st.integers(0, 6), pieces)

    def replaced(changes: list[tuple[int, int, str]]) -> str:
        found = text
        for place, length, piece in changes:
            found = found[:place] + piece + found[place + length :]
        return found

    return st.lists(one, max_size=3).map(replaced)


def score(*arguments: object) -> tuple[int, str, str]:
    """Run the command line in this process: exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["understudy", "score", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
    return int(done.value.code or 0), out.getvalue(), err.getvalue()


def is_sound(score: dict[str, Any]) -> bool:
    """Rates are numbers of errors over what there is, or undefined."""
    rate = score["rate"]
    return rate is None or (math.isfinite(rate) and rate >= 0)


@pytest.mark.parametrize("ending", SOUND)
def test_damaged_sides_are_a_score_or_one_line(tmp_path: Path, ending: str) -> None:
    reference, hypothesis = tmp_path / f"rec{ending}", tmp_path / "other" / f"rec{ending}"
    hypothesis.parent.mkdir()

    @settings(max_examples=12)
    @given(damaged(SOUND[ending]), damaged(SOUND[ending]), OPTIONS)
    def holds(said: str, heard: str, chosen: list[str]) -> None:
        reference.write_text(said)
        hypothesis.write_text(heard)
        code, out, err = score(reference, hypothesis, "--json", *chosen)
        if code == 0:
            assert all(is_sound(found) for found in json.loads(out)["scores"])
        else:
            assert (code, out) == (2, "")
            assert err.startswith("understudy: ")
            assert err.count("\n") == 1

    holds()
