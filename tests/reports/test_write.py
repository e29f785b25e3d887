import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.results import EdgeCase, Outcome, Run
from reports.clips import Clip
from reports.write import LARGEST, write_reports


def test_the_three_files_stand_in_the_folder(make_run: Callable[..., Run], tone: Path, tmp_path: Path) -> None:
    written = write_reports(make_run(Outcome.FAIL, str(tone)), tmp_path / "new" / "run")
    assert written.html.read_text(encoding="utf-8").count("<audio") == 7
    assert written.summary.read_text(encoding="utf-8").startswith("# ❌ FAIL")
    assert ET.parse(written.junit).getroot().tag == "testsuites"


def test_written_again_it_is_the_same(make_run: Callable[..., Run], tone: Path, tmp_path: Path) -> None:
    run = make_run(Outcome.HOLD, str(tone))
    one, two = write_reports(run, tmp_path / "a"), write_reports(run, tmp_path / "b")
    for name in ("summary", "junit"):
        assert getattr(one, name).read_bytes() == getattr(two, name).read_bytes()


def test_the_page_stays_small_whatever_the_audio(make_run: Callable[..., Run], tmp_path: Path) -> None:
    def large(edge: EdgeCase) -> Clip:
        return Clip(bytes(300_000), "audio/ogg")

    html = write_reports(make_run(Outcome.PASS, edges=60), tmp_path, large).html
    assert LARGEST * 0.8 < html.stat().st_size <= LARGEST
    assert "left out to keep the page small" in html.read_text(encoding="utf-8")


def test_missing_audio_does_not_stop_the_report(make_run: Callable[..., Run], tmp_path: Path) -> None:
    html = write_reports(make_run(Outcome.PASS, str(tmp_path / "gone.flac")), tmp_path).html
    assert "no such audio file" in html.read_text(encoding="utf-8")


def test_text_that_no_encoding_holds_is_replaced(make_run: Callable[..., Run], tmp_path: Path) -> None:
    run = make_run(Outcome.PASS)
    broken = replace(run, verdict=replace(run.verdict, reasons=("half a \ud83d face",)))
    assert "half a ? face" in write_reports(broken, tmp_path).html.read_text(encoding="utf-8")


def test_a_run_of_nothing_is_drawn(nothing: Run, tmp_path: Path) -> None:
    assert "Nothing was compared" in write_reports(nothing, tmp_path).html.read_text(encoding="utf-8")
