"""Real outputs of real systems score as their makers published them."""

from __future__ import annotations

import csv
import io
import os
import tarfile
from pathlib import Path

import pytest

from harness.measures.counts import WordErrors
from harness.measures.words.alignment import word_errors

ARCHIVE = "librispeech_asr_outputs/librispeech_asr_outputs.tar.xz"
SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech")) / ARCHIVE
SYSTEMS = ("rnnt_baseline", "rnnt_nnlm", "wfst_bias100", "db_nnlm_bias100")

pytestmark = pytest.mark.skipif(not SPEECH.is_file(), reason="no recorded speech here: set UNDERSTUDY_SPEECH")


@pytest.fixture(scope="module")
def tables() -> dict[str, list[list[str]]]:
    """Every table of the archive by file name."""
    found = {}
    with tarfile.open(SPEECH) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and member.name.endswith(".tsv"):
                rows = csv.reader(io.TextIOWrapper(file, "utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
                found[Path(member.name).name] = list(rows)
    return found


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("name", ["test-clean", "test-other"])
def test_wer_is_as_published(tables: dict[str, list[list[str]]], name: str, system: str) -> None:
    header, *results = tables["results.tsv"]
    known = [dict(zip(header, row, strict=False)) for row in results]
    (published, *_) = [
        row
        for row in known
        if (row["set"], row["system"], row["metric"]) == (name, system, "WER")
        and (name == "test-clean" or "lines given here" in row["note"])
    ]
    references = {row[0]: row[1].split() for row in tables[f"{name}.ref.tsv"]}
    hypotheses = {row[0]: (row[1] if len(row) > 1 else "").split() for row in tables[f"{name}.{system}.hyp.tsv"]}
    assert references.keys() == hypotheses.keys()
    ours = sum((word_errors(references[key], hypotheses[key]) for key in references), WordErrors())
    assert ours.reference == int(published["ref_words"])
    assert ours.rate is not None
    assert 100 * ours.rate == pytest.approx(float(published["error_rate"]), abs=0.005)
