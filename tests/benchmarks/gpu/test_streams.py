"""The chore for streams on a GPU: what it does, on this machine's CPU; and its one line where there is no GPU."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_without_a_gpu_it_says_so_in_one_line() -> None:
    from engine.gpu.device import DeviceError, check, look

    try:
        check(look())
    except DeviceError:
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.gpu.streams"], capture_output=True, text=True, cwd=ROOT, check=False
        )
        assert run.returncode == 1
        assert run.stderr.startswith("this chore waits for a GPU: ")
        assert run.stderr.count("\n") == 1
    else:
        pytest.skip("there is a GPU here, the chore would run")


@pytest.mark.slow
def test_streams_come_and_go_and_words_are_those_of_the_cpu() -> None:
    from benchmarks.gpu import rehearsal, streams

    heard, spoken = rehearsal.recogniser(), rehearsal.recordings(3)
    spoken = [one._replace(pcm=one.pcm[: 5 * 16_000 + 123]) for one in spoken]
    rig = streams.Rig(heard, streams.features_for(spoken), "cpu", 6, 4)
    words = streams.compare_words(rig, heard, spoken)
    assert words["equal"] == words["recordings"] == 3
    assert words["cpu"] == words["device"]
    taken = streams.measure(rig, 5, 2, np.random.default_rng(0))
    assert len(taken) == 2
    assert all(one.body > 0 and one.search > 0 for one in taken)
    rig.resize(0, np.random.default_rng(0))
    assert rig.executor.slab.free == 6
