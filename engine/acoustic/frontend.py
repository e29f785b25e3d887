"""Log-mel front end: samples in any pieces become 80-dimensional feature frames, 100 a second."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt

from engine.errors import StreamError

SAMPLE_RATE = 16000
BINS = 80
FRAME_LENGTH = 400
FRAME_SHIFT = 160
FLOOR = 6.0
LOUDEST = 32.0  # 30 dB over full scale: no audio in [-1, 1] gets there, 16-bit integers taken for floats do
_PIECE = 10 * SAMPLE_RATE  # the filter bank takes a list, which is ten times as large as the samples

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
        self._fed = 0
        self._taken = 0

    def step(self, samples: Samples) -> Features:
        """Take more samples and give the frames that they complete.

        Args:
            samples: (n,) float32 in [-1, 1] at 16 kHz, any n.

        Returns:
            (frames, 80) float32 log energies, possibly no frames.

        Raises:
            StreamError: the samples are integers, of several channels, not finite, or far beyond [-1, 1].
        """
        self._check(samples)
        self._fed += len(samples)
        pieces = [self._frames(samples[at : at + _PIECE]) for at in range(0, len(samples), _PIECE)]
        frames = [frame for piece in pieces for frame in piece]
        if not frames:
            return np.zeros((0, BINS), np.float32)
        return np.maximum(np.stack(frames), np.float32(FLOOR))

    def _frames(self, samples: Samples) -> list[npt.NDArray[np.float32]]:
        self._bank.accept_waveform(SAMPLE_RATE, (np.asarray(samples, np.float32) * 32768.0).tolist())
        ready = self._bank.num_frames_ready
        # Copies: a frame is a view of memory that pop() frees.
        frames = [np.array(self._bank.get_frame(index), np.float32) for index in range(self._taken, ready)]
        self._bank.pop(ready - self._taken)
        self._taken = ready
        return frames

    def _check(self, samples: Samples) -> None:
        if samples.ndim != 1 or samples.dtype.kind != "f":
            raise StreamError(
                f"audio of shape {samples.shape} and type {samples.dtype}: give one channel of floats in [-1, 1]; "
                "divide 16-bit integers by 32768"
            )
        peak = np.abs(samples).max(initial=0.0)
        if not peak <= LOUDEST:  # so that what is no number is caught too
            wrong = int(np.flatnonzero(~(np.abs(samples) <= LOUDEST))[0])
            raise StreamError(
                f"sample {self._fed + wrong} of the stream is {samples[wrong]:g}; samples must be numbers in [-1, 1]: "
                "divide 16-bit integers by 32768, and replace what is not a number by 0"
            )


def features_of(samples: Samples) -> Features:
    """Give all frames of a whole recording: what ``Frontend`` gives piece by piece."""
    return Frontend().step(samples)
