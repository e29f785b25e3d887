"""The plane of operating points: words as the recogniser alone has them, delays within what was asked."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="the engine extra is not installed")

from benchmarks.engine.plane import Place, main
from benchmarks.recogniser.drawing import plane_plot
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.recordings import RATE, read_set
from engine.batched import BatchedRecogniser
from engine.recogniser import Recogniser
from understudy.models import resolve_model


def test_a_place_counts_words_and_keeps_its_delays() -> None:
    service = BatchedRecogniser(Recogniser.load(resolve_model("reference/3")))
    (recording, *_) = (one for one in read_set("rehearsal", Path()) if len(one.words) > 8)
    samples = np.concatenate([recording.samples(), np.zeros(2 * RATE, np.float32)])
    short, long = Place("standard", 0.7, False), Place("standard", 1.8, False)
    for place in (short, long):
        place.hear(service, recording, samples)
        assert place.late == 0
        assert max(place.delays) <= place.max_delay + 0.1
        assert sum(place.counts.values(), start=type(place.counts[recording.cluster])()).total == len(recording.words)
    assert np.median(short.delays) < np.median(long.delays)
    found = Findings("plane", "Plane", (), (), data={"places": [short.data(), long.data()]})
    assert plane_plot(found).count("<circle") == 2


@pytest.mark.slow
def test_the_table_has_both_operating_points(tmp_path: Path) -> None:
    assert main(["--set", "rehearsal", "--every", "20", "--delays", "1,2", "--out", str(tmp_path)]) == 0
    table = (tmp_path / "plane.md").read_text()
    assert table.count("| standard") == table.count("| enhanced") == 3
    assert (tmp_path / "plane.svg").read_text().startswith("<svg")
