"""The tape of the shipped body: what planned memory makes of a real step."""

import json
from pathlib import Path

import pytest

from engine.acoustic.body import read_card
from engine.acoustic.body_tape import FILE, read_tape
from engine.errors import ModelError
from kernels.memory import plan, plan_buckets

MODEL = Path(__file__).parents[3] / "engine/models/reference-3"


@pytest.fixture(scope="module")
def tape():
    return read_tape(MODEL)


def test_the_tape_is_that_of_the_model_beside_it(tape):
    assert tape.digest == read_card(MODEL).digest
    assert set(tape.sizes) == set(read_card(MODEL).chunk_ms)


@pytest.mark.parametrize("chunk_ms", [80, 160, 320, 640, 1280])
@pytest.mark.parametrize("streams", [1, 7, 64])
def test_the_peak_is_within_a_twentieth_of_the_bound(tape, chunk_ms, streams):
    planned = plan(tape.specs(chunk_ms, streams))
    assert planned.lower_bound <= planned.peak <= 1.05 * planned.lower_bound


def test_sharing_saves_nineteen_twentieths(tape):
    specs = tape.specs(320, 1)
    assert 20 * plan(specs).peak < sum(spec.room for spec in specs)


def test_all_batch_sizes_share_the_arena_of_the_largest(tape):
    lanes = plan_buckets({batch: tape.specs(320, batch, align=256) for batch in (1, 4, 16)})
    assert lanes.bytes == lanes.plans[16].peak
    assert lanes.bytes <= 1.05 * lanes.plans[16].lower_bound


@pytest.mark.parametrize(("chunk_ms", "streams"), [(100, 1), (320, 0), (320, -1)])
def test_what_no_tape_describes(tape, chunk_ms, streams):
    with pytest.raises(ValueError, match="tapes are for 1 or more, by 80, 160, 320, 640, 1280 ms"):
        tape.specs(chunk_ms, streams)


def test_no_tape(tmp_path):
    with pytest.raises(ModelError, match=r"no tape\.json beside this model"):
        read_tape(tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"format": 2}', "format 2, this version reads 1"),
        (json.dumps({"format": 1, "digest": "x", "ops": [], "buffers": [["a", 0]], "chunks": {}}), "damaged"),
        (
            json.dumps(
                {"format": 1, "digest": "x", "ops": [], "buffers": [], "chunks": {"80": {"fixed": [1], "each": []}}}
            ),
            "damaged",
        ),
    ],
)
def test_a_damaged_tape(tmp_path, content, what):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ModelError, match=what):
        read_tape(tmp_path)
