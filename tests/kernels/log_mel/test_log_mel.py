"""Log-mel energies: the reference against Kaldi's, every body against the reference, and bits against other cuts."""

from __future__ import annotations

from typing import Any

import kaldi_native_fbank as knf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.log_mel import BINS, LENGTH, POINTS, SHIFT, cpu, ready, reference
from kernels.log_mel.stream import Stream, store
from kernels.log_mel.tables import PREEMPHASIS, triangles, window

Array = NDArray[Any]
MODULE = "kernels.log_mel.gpu"
FLOOR = 6.0
UNIT = 2.0**-24
KINDS = ["noise", "quiet", "silence", "constant", "tone", "impulse", "square", "mixed"]


def audio(kind: str, count: int, seed: int = 0) -> Array:
    """Samples (n,) int16, of kinds that are hard on sums and transforms."""
    rng, at = np.random.default_rng(seed), np.arange(count)
    made = {
        "noise": lambda: rng.normal(size=count) * 3000,
        "quiet": lambda: rng.normal(size=count) * 2,
        "silence": lambda: np.zeros(count),
        "constant": lambda: np.full(count, 32767.0),
        "tone": lambda: 32000 * np.sin(at * 0.7),
        "impulse": lambda: 32767.0 * (at % 997 == 5),
        "square": lambda: 32767 * np.sign(np.sin(at * 0.01)),
        "mixed": lambda: np.where(at % 1600 < 800, 32767 * np.sin(at * 0.3), rng.normal(size=count)),
    }
    return np.clip(np.rint(made[kind]()), -32768, 32767).astype(np.int16)


def limits(samples: Array) -> tuple[Array, Array]:
    """Between what energies (80,) must lie that float32 makes of the samples (400,) of a frame.

    The mean of n numbers is off by n units of the largest at most; each shaped sample is rounded three times more. A
    transform of N points adds 8 log2(N) units of the length of its input to the length of its output (Van Loan, 1.6),
    so every point is off by no more; squares, weights and sums of up to 32 points add 40 units of the energy.
    """
    top = float(np.abs(samples).max())
    centred = samples - samples.mean()
    before = np.concatenate([centred[:1], centred[:-1]])
    length = float(np.linalg.norm((centred - PREEMPHASIS * before) * window()))
    shaped = np.sqrt(LENGTH) * top * ((1 - PREEMPHASIS) * LENGTH + 2 * 6) * UNIT
    off = np.sqrt(POINTS) * (shaped + 8 * np.log2(POINTS) * UNIT * (length + shaped))
    size = np.sqrt(reference.energies(samples))
    low, high = (np.maximum(size - off, 0.0) ** 2 @ triangles(), (size + off) ** 2 @ triangles())
    return low * (1 - 40 * UNIT), high * (1 + 40 * UNIT)


def check(found: Array, samples: Array) -> None:
    """Hold frames (F, 80) of a recording to their limits, and their logarithms to a few roundings."""
    assert found.shape == (ready(len(samples)), BINS)
    for number, row in enumerate(found):
        low, high = limits(samples[SHIFT * number :][:LENGTH].astype(np.float64))
        logs = [np.log(np.maximum(side, np.exp(FLOOR))) for side in (low, high)]
        assert (row >= logs[0] - 8 * UNIT * np.abs(logs[0])).all()
        assert (row <= logs[1] + 8 * UNIT * np.abs(logs[1])).all()


def run_cpu(samples: Array, number: Array) -> Array:
    out, memory = np.full((len(number), BINS), np.nan, np.float32), cpu.scratch()
    for part in (memory.samples, memory.mean, memory.spectrum, memory.other, memory.energies, memory.exponents):
        part[:] = np.nan
    cpu.log_mel(samples[None], np.zeros_like(number), number, FLOOR, cpu.tables(), memory, out)
    return out


def numbers(samples: Array) -> Array:
    return np.arange(ready(len(samples)), dtype=np.int32)


@pytest.mark.parametrize("kind", KINDS)
def test_reference_and_kaldi_agree(kind: str) -> None:
    samples = audio(kind, 3000)
    options = knf.FbankOptions()
    options.frame_opts.dither, options.mel_opts.num_bins = 0.0, BINS
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(16_000, samples.astype(np.float32).tolist())
    theirs = np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)])
    check(np.maximum(theirs, np.float32(FLOOR)), samples)
    exact = reference.log_mel(samples[None], np.zeros_like(numbers(samples)), numbers(samples), FLOOR)
    check(exact, samples)


@pytest.mark.parametrize("kind", KINDS)
def test_cpu(kind: str) -> None:
    samples = audio(kind, 7000)
    found = run_cpu(samples, numbers(samples))
    check(found, samples)
    np.testing.assert_array_equal(run_cpu((samples / 32768).astype(np.float32), numbers(samples)), found)


def test_the_usual_error_is_a_few_roundings() -> None:
    samples = audio("noise", 16_000)
    exact = reference.log_mel(samples[None], np.zeros_like(numbers(samples)), numbers(samples), FLOOR)
    error = run_cpu(samples, numbers(samples)) - exact
    assert np.sqrt(np.mean(error**2)) <= 4 * UNIT * np.abs(exact).max()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 1500), max_size=12), st.sampled_from([512, 700, 4096]), st.sampled_from(KINDS))
def test_streams_have_the_bits_of_whole_recordings(cuts: list[int], room: int, kind: str) -> None:
    samples = audio(kind, 6000)
    whole = run_cpu(samples, numbers(samples))
    stream = Stream(FLOOR, np.int16, room)
    pieces = np.split(samples, np.minimum(np.cumsum(cuts, dtype=int), len(samples)))
    np.testing.assert_array_equal(np.concatenate([stream.step(piece) for piece in pieces]), whole)


def test_frames_of_many_streams_in_any_order() -> None:
    rng, room = np.random.default_rng(0), 8192
    recordings = [audio(kind, room) for kind in ("noise", "tone", "mixed")]
    number = rng.integers(0, ready(room), 50).astype(np.int32)
    slot = rng.integers(0, 3, 50).astype(np.int32)
    out = np.full((50, BINS), np.nan, np.float32)
    cpu.log_mel(np.stack(recordings), slot, number, FLOOR, cpu.tables(), cpu.scratch(), out)
    whole = [run_cpu(samples, numbers(samples)) for samples in recordings]
    np.testing.assert_array_equal(out, np.stack([whole[s][n] for s, n in zip(slot, number, strict=True)]))


def gpu_frames(call: Any, pcm: Array, number: Array) -> Array:
    out = np.full((len(number), BINS), np.nan, np.float32)
    *_, out = call(MODULE, "log_mel", pcm, np.zeros_like(number), number, FLOOR, out)
    return np.asarray(out)


@pytest.mark.parametrize("kind", ["noise", "constant", "mixed"])
def test_gpu_interpreted(interpreted: Any, kind: str) -> None:
    samples = audio(kind, 1500)
    number, ring = numbers(samples), np.zeros(2048, np.int16)
    whole = gpu_frames(interpreted, samples[None], number)
    check(whole, samples)
    store(ring, 3 * 2048 // 2 * 160, samples)  # the same samples, at the end and the beginning of a ring
    later = number + np.int32(3 * 2048 // 2)
    parts = [gpu_frames(interpreted, ring[None], later[:3]), gpu_frames(interpreted, ring[None], later[3:])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
def test_gpu(on_gpu: Any, kind: str) -> None:
    samples = audio(kind, 48_000)
    number = numbers(samples)
    whole = gpu_frames(on_gpu, samples[None], number)
    check(whole, samples)
    parts = [gpu_frames(on_gpu, samples[None], part) for part in np.split(number, [1, 7, 100])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_gpu_compiles_without_spilling(ahead: Any) -> None:
    from kernels.log_mel import gpu

    floats = dict.fromkeys(("out", "window", "cosines", "sines", "weights"), "*fp32")
    whole = {"slot": "*i32", "number": "*i32", "first": "*i32", "frames": "i32", "room": "i32"}
    types = {**floats, **whole, "pcm": "*i16", "least": "fp32"}
    used = ahead(gpu._log_mel, types, gpu.Sizes(1.0)._asdict(), gpu.WARPS)
    assert used.spilled == 0
    assert used.registers <= 96


def test_bad_input_is_told_before_anything_runs(interpreted: Any) -> None:
    pcm, some = np.zeros((2, 500), np.int16), np.zeros(3, np.int32)
    out = np.full((3, BINS), np.nan, np.float32)
    wrong: list[tuple[str, tuple[Any, ...]]] = [
        ("R of at least 400", (pcm[:, :399], some, some, FLOOR, out)),
        ("number has shape", (pcm, some, some[:2], FLOOR, out)),
        ("out has shape", (pcm, some, some, FLOOR, out[:, :40])),
        ("the floor is nan", (pcm, some, some, float("nan"), out)),
        ("samples of type", (pcm.astype(np.float64), some, some, FLOOR, out)),
    ]
    for message, (*arguments, place) in wrong:
        with pytest.raises(ValueError, match=message):
            cpu.log_mel(*arguments, cpu.tables(), cpu.scratch(), place)
        with pytest.raises(ValueError, match=message):
            interpreted(MODULE, "log_mel", *arguments, place)
    with pytest.raises(ValueError, match="slots that exist"):
        cpu.log_mel(pcm, some + 2, some, FLOOR, cpu.tables(), cpu.scratch(), out)
    with pytest.raises(ValueError, match="numbered from 0"):
        cpu.log_mel(pcm, some, some - 1, FLOOR, cpu.tables(), cpu.scratch(), out)
    with pytest.raises(ValueError, match="store them in pieces"):
        store(pcm[0], 0, np.zeros(501, np.int16))
    assert np.isnan(out).all()
