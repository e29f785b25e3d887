"""Every recording of a set is there with its words, and belongs to a stratum and a cluster."""

import os
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.recogniser.peer import scattered
from benchmarks.recogniser.recordings import RATE, Recording, read_set

SPEECH = Path(os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))
needs_speech = pytest.mark.skipif(not SPEECH.exists(), reason=f"no speech data pack at {SPEECH}; set UNDERSTUDY_SPEECH")


@needs_speech
def test_the_public_test_set_is_whole():
    found = read_set("test", SPEECH)
    assert (len(found), sum(len(one.words) for one in found)) == (1006, 7208)
    assert Counter(one.stratum for one in found) == {"adult": 559, "child": 397, "native": 50}
    assert len({one.cluster for one in found}) == 53


@needs_speech
def test_the_long_recording_is_one_and_its_utterances_are_many():
    (whole,), cut = read_set("longform", SPEECH), read_set("longform-cut", SPEECH)
    assert whole.words == tuple(word for one in cut for word in one.words)
    assert whole.parts == tuple(len(one.words) for one in cut)
    assert len(cut[0].samples()) == round(cut[0].span[1] * RATE)


@needs_speech
@pytest.mark.parametrize(
    ("name", "strata"), [("dev", {"adult", "child", "kathleen"}), ("noise", {"noise_train", "noise_test"})]
)
def test_strata_of_the_other_sets(name, strata):
    assert {one.stratum for one in read_set(name, SPEECH)} == strata


def test_the_rehearsal_set_needs_no_data_pack():
    found = read_set("rehearsal", Path("nowhere"))
    assert len(found) == 148
    assert {one.stratum.removeprefix("rehearsal ") for one in found} == {"clean", "noisy", "telephone", "conversation"}
    telephone = next(one for one in found if one.stratum == "rehearsal telephone")
    assert len(telephone.samples()) > RATE
    assert read_set("rehearsal", Path("nowhere"), every=10) == found[::10]


def test_the_peer_hears_a_fair_sample_first():
    recordings = [Recording("made", str(place), Path("x"), None, (), "a", "made") for place in range(1000)]
    order = scattered(recordings)
    assert sorted(int(one.id) for one in order) == list(range(1000))
    tenths = Counter(int(one.id) // 100 for one in order[:100])
    assert set(tenths.values()) <= {9, 10, 11}
