"""The search as it runs on a GPU: simulated thread by thread, compiled ahead for an H100, and on a GPU where one is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
COMPILE = """
import sys
import numpy as np
import numba.cuda.dispatcher
from types import SimpleNamespace
from numba import cuda, types, typeof
from kernels.token_passing import Graph, gpu
from kernels.token_passing.batch import new_channels, new_lanes, new_paths

numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))  # there is none here
i32, f32, u8 = np.zeros(1, np.int32), np.zeros(1, np.float32), np.zeros(1, np.uint8)
graph, scores = Graph(i32, i32, u8, i32, f32, f32, u8), np.zeros((1, 1, 4), np.float32)
shared = graph, new_channels(1, 32, 128), new_lanes(1, 64, 32, 128), i32
for kernel, given in ((gpu._advance, (scores, scores, 6.0, 10)), (gpu._best_paths, (False, new_paths(1, 8)))):
    signature = types.void(*(typeof(one) for one in (*shared, *given)))
    print(cuda.compile_ptx(kernel.py_func, signature, cc=(9, 0))[0])
"""


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore", **extra}


@pytest.mark.parametrize("width", [1, 3])
def test_threads_that_share_a_lane_find_what_one_alone_finds(width: int) -> None:
    command = [sys.executable, str(HERE / "simulated.py"), str(width), "2"]
    run = subprocess.run(
        command, capture_output=True, text=True, env=environment(NUMBA_ENABLE_CUDASIM="1"), cwd=HERE.parents[2]
    )
    assert run.stdout.strip().endswith("equal"), run.stderr[-2000:]


def toolkit() -> str:
    """Where numba finds the library that makes PTX."""
    compiler = shutil.which("nvcc")
    found = [os.environ.get("CUDA_HOME"), "/usr/local/cuda", compiler and str(Path(compiler).resolve().parents[1])]
    for folder in found:
        for place in ("nvvm/lib*", "lib*") if folder else ():
            if list(Path(str(folder)).glob(f"{place}/libnvvm.so*")):
                return str(folder)
    pytest.skip("no libnvvm here: compiling for a GPU needs a CUDA toolkit")


@pytest.mark.slow
def test_it_compiles_for_an_h100_without_a_gpu(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", COMPILE], capture_output=True, text=True, env=environment(CUDA_HOME=toolkit()), cwd="/"
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.count(".target sm_90") == 2
    assert ".atom" in run.stdout or "atom.global.max" in run.stdout
    assert "bar.sync" in run.stdout
    assembler = Path(toolkit()) / "bin" / "ptxas"
    if not assembler.exists():
        pytest.skip("no ptxas here to count registers with")
    (tmp_path / "advance.ptx").write_text(run.stdout[: run.stdout.rindex("//\n// Generated")])
    told = subprocess.run(
        [assembler, "-v", "-arch=sm_90", "-maxrregcount=128", "advance.ptx", "-o", "advance.cubin"],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    registers = re.search(r"Used (\d+) registers", told.stderr)
    assert registers is not None
    assert int(registers[1]) <= 128  # two blocks of 256 threads share the 65,536 registers of a multiprocessor


@pytest.mark.gpu
def test_the_device_finds_what_the_cpu_finds(small) -> None:
    from numba import cuda

    if not cuda.is_available():
        pytest.skip("no CUDA device")
    from kernels.token_passing.batch import begin, new_channels, new_lanes
    from kernels.token_passing.gpu import DeviceSearch
    from kernels.token_passing.memory import TOKENS
    from kernels.token_passing.together import advance

    rng = np.random.default_rng(5)
    graph, streams = small.graph(rng, 200), np.arange(64, dtype=np.int32)
    scores = np.stack([small.scores(rng, 40) for _ in streams])
    device = DeviceSearch(graph, 5, 64, 2048, 8192, 4096)
    channels, lanes = new_channels(64, 2048, 8192), new_lanes(1, 4096, 2048, 8192)
    for stream in streams.tolist():
        device.begin(stream)
        begin(channels, stream)
    device.step(streams, scores, scores, 12.0, 700)
    advance(graph, channels, lanes, streams, scores, scores, 12.0, 700)
    there = device.channels()
    for stream in streams:
        count = channels.counters[stream, TOKENS]
        assert there.counters[stream, TOKENS] == count
        order, truth = there.position[stream, :count].argsort(), channels.position[stream, :count].argsort()
        np.testing.assert_array_equal(there.score[stream][order], channels.score[stream][truth])
