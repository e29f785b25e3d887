"""Log-mel front end: samples in any pieces become 80-dimensional feature frames, 100 a second."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16000
BINS = 80
FRAME_LENGTH = 400
FRAME_SHIFT = 160
FLOOR = 6.0

Samples = npt.NDArray[np.float32]
Features = npt.NDArray[np.float32]


def _options() -> knf.FbankOptions:
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = SAMPLE_RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.snip_edges = True
    options.mel_opts.num_bins = BINS
    return options


class Frontend:
    """The features of one stream: begin by making it, step with samples, end by dropping it.

    Samples in [-1, 1] are scaled to 16-bit integers before the filter bank (the usual Kaldi scale), and energies are
    floored at ``FLOOR`` (natural log), about the level of a quiet room, so that digital silence and a quiet room
    look alike. A frame leaves as soon as its last sample has come, so the pieces do not matter.
    """

    def __init__(self) -> None:
        self._bank = knf.OnlineFbank(_options())
        self._taken = 0

    def step(self, samples: Samples) -> Features:
        """Take more samples and give the frames that they complete.

        Args:
            samples: (n,) float32 in [-1, 1] at 16 kHz, any n.

        Returns:
            (frames, 80) float32 log energies, possibly no frames.
        """
        self._bank.accept_waveform(SAMPLE_RATE, (np.asarray(samples, np.float32) * 32768.0).tolist())
        ready = self._bank.num_frames_ready
        # Copies: a frame is a view of memory that pop() frees.
        frames = [np.array(self._bank.get_frame(index), np.float32) for index in range(self._taken, ready)]
        self._bank.pop(ready - self._taken)
        self._taken = ready
        if not frames:
            return np.zeros((0, BINS), np.float32)
        return np.maximum(np.stack(frames), np.float32(FLOOR))


def features_of(samples: Samples) -> Features:
    """Give all frames of a whole recording: what ``Frontend`` gives piece by piece."""
    return Frontend().step(samples)
