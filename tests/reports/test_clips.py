import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from reports.clips import LONGEST_S, Clip, Missing, encode, read_clip, within


def seconds(clip: Clip | Missing) -> float:
    assert isinstance(clip, Clip)
    samples, rate = soundfile.read(io.BytesIO(clip.data))
    return len(samples) / rate


def test_a_clip_is_cut_out_of_its_file(make_edge_case, tone: Path) -> None:
    edge = replace(make_edge_case(0, str(tone)), start=16_000, end=32_000)
    assert seconds(read_clip(edge)) == pytest.approx(1.0, abs=0.02)


def test_a_clip_ends_with_its_file(make_edge_case, tone: Path) -> None:
    edge = replace(make_edge_case(0, str(tone)), start=0, end=90_000)
    assert seconds(read_clip(edge)) == pytest.approx(4.0, abs=0.02)


def test_times_at_another_rate_than_the_file(make_edge_case, tone: Path) -> None:
    edge = replace(make_edge_case(0, str(tone)), start=8_000, end=16_000, rate=8_000)
    assert seconds(read_clip(edge)) == pytest.approx(1.0, abs=0.02)


def test_a_very_long_clip_is_cut_short(make_edge_case, tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(8_000 * 40, np.float32), 8_000)
    edge = replace(make_edge_case(0, str(path)), start=0, end=8_000 * 40, rate=8_000)
    assert seconds(read_clip(edge)) == pytest.approx(LONGEST_S, abs=0.02)


def test_missing_audio_says_what_is_missing(make_edge_case, tmp_path: Path, tone: Path) -> None:
    gone = read_clip(make_edge_case(0, str(tmp_path / "gone.flac")))
    assert isinstance(gone, Missing)
    assert "gone.flac" in gone.why
    outside = read_clip(replace(make_edge_case(0, str(tone)), start=900_000, end=910_000))
    assert outside == Missing("the clip lies outside its audio file")


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 96_000])
def test_every_rate_is_encoded(rate: int) -> None:
    clip = encode(np.zeros(rate, np.float32), rate)
    assert seconds(clip) == pytest.approx(1.0, abs=0.02)
    assert clip.uri.startswith(f"data:{clip.mime};base64,")


def test_without_opus_a_clip_is_wav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "available_subtypes", lambda _: {"VORBIS": "Vorbis"})
    clip = encode(np.zeros(1_600, np.float32), 16_000)
    assert clip.mime == "audio/wav"
    assert seconds(clip) == pytest.approx(0.1)


def test_the_budget_goes_to_the_worst_and_the_rest_says_why(make_edge_case) -> None:
    edges = [(str(k), make_edge_case(k, "")) for k in range(4)]
    found = within(3_000, edges, lambda _: Clip(bytes(1_000), "audio/ogg"))
    assert [type(found[key]) for key, _ in edges] == [Clip, Clip, Missing, Missing]
    assert sum(len(c.uri) for c in found.values() if isinstance(c, Clip)) <= 3_000


def test_a_small_clip_may_still_fit_after_a_large_one(make_edge_case) -> None:
    sizes = iter([1_000, 9_000, 1_000])
    found = within(
        3_000, [(str(k), make_edge_case(k, "")) for k in range(3)], lambda _: Clip(bytes(next(sizes)), "a/b")
    )
    assert [isinstance(c, Clip) for c in found.values()] == [True, False, True]
