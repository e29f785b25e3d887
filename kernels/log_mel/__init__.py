"""Log-mel energies of any frames of any streams, straight from rings of samples.

Contract (S slots of R samples, F frames of any streams in any order, 16 kHz, 80 bins):

    pcm     (S, R) int16, or float32 in [-1, 1], which is the same divided by 32768
            sample t of the stream of a slot lies at t mod R; R is at least 400
    slot    (F,) int32   the slot of each frame's stream
    number  (F,) int32   which frame of that stream: its samples are 160 number to 160 number + 399, all in the ring
    floor   natural log; energies below it are raised to it
    out     (F, 80) float32 out: natural log of the energy in each mel bin

A frame is what Kaldi makes of it with its usual options (25 ms every 10 ms, no dither, mean taken off, pre-emphasis of
0.97, Povey's window, 512 points, 80 triangles from 20 to 8000 Hz), and ``engine`` reads through kaldi-native-fbank.

A frame's bits depend on its samples alone: however a stream is cut, whatever streams share a call, streaming and
offline give the same. Samples go where they are needed once, as they came, and are never moved: ``store`` in ``stream``
writes them to their ring, and a frame is made as soon as its last sample is there.

``reference`` is the truth, ``cpu`` is compiled by numba and takes 32 frames at a time, one to a lane; ``gpu`` is one
launch of Triton that makes the transform of matrix products.

Source: Kaldi's feature-window.cc and mel-computations.cc; Van Loan, "Computational Frameworks for the Fast Fourier
Transform" (SIAM 1992), for Stockham's transform (``cpu``) and the one in four steps (``gpu``).

Notes
-----
Floor: every sample read once as int16 and every energy written once: ``moved_bytes``. Time is not why this exists:
launches are (seven or more of plain tensor operations become one), and that bits do not depend on the cut.
"""

from __future__ import annotations

import math

SAMPLE_RATE = 16_000
LENGTH, SHIFT, POINTS, BINS = 400, 160, 512, 80
LOWEST_FLOOR = math.log(1e-6)  # energies of any such floor are normal float32

Size = tuple[int, ...]


def ready(samples: int) -> int:
    """How many frames of a stream are complete after so many samples."""
    return 0 if samples < LENGTH else 1 + (samples - LENGTH) // SHIFT


def check(pcm: Size, slot: Size, number: Size, out: Size, floor: float) -> None:
    """Hold the shapes of all arrays to the contract.

    Raises:
        ValueError: one does not fit, or the floor is no number or too low.
    """
    if len(pcm) != 2 or pcm[1] < LENGTH:
        raise ValueError(f"log-mel: pcm has shape {pcm}; give (slots, R) with R of at least {LENGTH}")
    if len(slot) != 1:
        raise ValueError(f"log-mel: slot has shape {slot}; give one number a frame")
    if number != slot:
        raise ValueError(f"log-mel: number has shape {number}; give {slot}")
    if out != (*slot, BINS):
        raise ValueError(f"log-mel: out has shape {out}; give {(*slot, BINS)}")
    if not LOWEST_FLOOR <= floor < math.inf:
        raise ValueError(f"log-mel: the floor is {floor:g}; give a natural log of at least {LOWEST_FLOOR:.1f}")


def moved_bytes(frames: int) -> int:
    """Bytes that any implementation moves at least: the floor of its time, over the bandwidth of the memory."""
    return frames * (2 * SHIFT + 4 * BINS)
