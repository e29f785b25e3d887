"""Begin, step, end: log-probs of a stream to words."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.decoder.options import DecodeOptions
from engine.decoder.path import Fitted, PathTail, fit_words, timed
from engine.decoder.weighting import score_shift, search_arrays, search_digest
from engine.decoder.words import DecodedWord
from engine.errors import StreamError
from engine.graph.store import SearchGraph, file_digest, load_graph
from kernels.token_passing.cpu import advance, best_token, start
from kernels.token_passing.memory import FRAMES, Channel, Lane, new_channel, new_lane
from kernels.token_passing.records import keep_descendants, set_root, shared_record, trace

TOKENS_PER_ACTIVE = 3  # room for tokens behind epsilon arcs; a tenth of the active ones is usual
RECORDS_PER_TOKEN = 6
BLOCK = 64  # frames between two looks for what all paths share, so that the pool holds open paths only

Floats = NDArray[np.float32]


class Workspace(NamedTuple):
    """Working memory of one thread."""

    lane: Lane
    trace: NDArray[np.int32]  # room for every record


class Decoder:
    """A search graph and settings, shared by all streams and threads; each stream has a channel of its own."""

    def __init__(
        self,
        graph: SearchGraph,
        options: DecodeOptions | None = None,
        log_prior: Floats | None = None,
        digest: str = "",
    ) -> None:
        """Hold a graph ready.

        Args:
            log_prior: (V,) log prior of every token; None subtracts no prior.
            digest: of the graph's file.
        """
        self.options = options or DecodeOptions()
        self.lexicon = graph.lexicon
        self.arrays = search_arrays(graph, self.options)
        self.shift = score_shift(self.options, log_prior)
        self.digest = search_digest(digest, self.options, self.shift)
        self.tokens = TOKENS_PER_ACTIVE * self.options.max_active  # a stream keeps this many between frames,
        self.records = RECORDS_PER_TOKEN * self.tokens  # and this many records
        self._own = threading.local()

    @classmethod
    def load(cls, folder: Path, options: DecodeOptions | None = None, log_prior: Floats | None = None) -> Decoder:
        """Load ``graph.npz`` of a folder.

        Raises:
            ModelError: it is missing or damaged.
        """
        path = folder / "graph.npz"
        return cls(load_graph(path), options, log_prior, file_digest(path))

    @property
    def workspace(self) -> Workspace:
        """The calling thread's working memory."""
        found: Workspace | None = getattr(self._own, "workspace", None)
        if found is None:
            found = self._own.workspace = Workspace(self._new_lane(), np.zeros(self.records, np.int32))
        return found

    def warm(self) -> None:
        """Compile or load every kernel now, so that no stream waits for it later."""
        stream = DecoderStream(self)
        stream.step(np.full((2, len(self.shift)), -1.0, np.float32))
        stream.stable()
        stream._forget_others(0)

    def _new_lane(self) -> Lane:
        candidates = 1 << (2 * self.tokens - 1).bit_length()
        return new_lane(candidates, self.tokens, self.records)

    def begin(self) -> DecoderStream:
        """Start a stream."""
        return DecoderStream(self)


class DecoderStream:
    """The search of one stream."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._channel: Channel = new_channel(decoder.tokens, decoder.records)
        self._settled = PathTail()  # what all paths share and is not final yet
        self._committed = 0  # frame where the last final word ended
        self._ended = False
        start(decoder.arrays, self._channel, decoder.workspace.lane, decoder.options.beam)

    @property
    def frames(self) -> int:
        """Frames searched."""
        return int(self._channel.counters[FRAMES])

    def step(self, log_probs: Floats) -> None:
        """Search on.

        Args:
            log_probs: (T, V) natural log posteriors.

        Raises:
            StreamError: the stream has ended, or the log-probs are not finite or of another width.
        """
        if self._ended:
            raise StreamError("step after end: begin a new stream")
        width = len(self._decoder.shift)
        if log_probs.ndim != 2 or log_probs.shape[1] != width or not np.isfinite(log_probs).all():
            raise StreamError(f"log-probs after frame {self.frames} must be (T, {width}) and finite; check the body")
        options, lane = self._decoder.options, self._decoder.workspace.lane
        until = 0
        while until < len(log_probs):
            since, until = until, min(len(log_probs), until + BLOCK - self.frames % BLOCK)
            block = np.ascontiguousarray(log_probs[since:until], np.float32)
            scores = block * np.float32(options.acoustic_scale) + self._decoder.shift
            advance(self._decoder.arrays, self._channel, lane, scores, block, options.beam, options.max_active)
            if self.frames % BLOCK == 0:
                self._settle()

    def partial(self) -> tuple[DecodedWord, ...]:
        """Words of the best path that are not final yet, complete ones only."""
        return self._words(self._tail(self._best(ending=False)))

    def stable(self) -> tuple[DecodedWord, ...]:
        """Words not final yet that every surviving path shares, times included."""
        self._settle()
        return self._words(self._settled, spare_last=True)

    def finalise(self, until_frame: int) -> tuple[DecodedWord, ...]:
        """Commit the best path's words that end at or before a frame; paths that disagree are dropped.

        Returns:
            The newly committed words.
        """
        self._settle()
        token = self._best(ending=False)
        tail = self._tail(token)
        fitted = fit_words(tail, self._decoder.lexicon)
        chosen = [word for word in fitted if tail.lasts[word.last - 1] < until_frame]
        if not chosen:
            return ()
        words = self._timed(tail, chosen)
        self._committed = words[-1].end_frame
        if len(chosen) > self._shared_words(chosen):
            self._commit(token, len(chosen), chosen[-1].last)
        self._settled.drop(len(chosen), chosen[-1].last)
        return words

    def end(self) -> tuple[DecodedWord, ...]:
        """Finish and return all words that are not final yet.

        Raises:
            StreamError: the stream has ended before.
        """
        if self._ended:
            raise StreamError("end after end: begin a new stream")
        self._ended = True
        return self._words(self._tail(self._best(ending=True)))

    def _forget_others(self, record: int) -> None:
        """Drop the paths that do not run through a record."""
        keep_descendants(self._channel, self._decoder.workspace.lane, record)

    def _best(self, *, ending: bool) -> int:
        arrays, channel = self._decoder.arrays, self._channel
        token = best_token(arrays, channel, ending)
        return int(token) if token >= 0 else int(best_token(arrays, channel, False))

    def _settle(self) -> None:
        """Move what all paths share out of the channel."""
        shared = shared_record(self._channel, self._decoder.workspace.lane)
        self._append(self._settled, shared)
        set_root(self._channel, shared)

    def _steps(self, record: int) -> list[int]:
        """Records from the root (exclusive) to one, oldest first."""
        out = self._decoder.workspace.trace
        return [int(step) for step in out[: trace(self._channel, record, out)]]

    def _append(self, tail: PathTail, record: int) -> None:
        channel = self._channel
        for step in self._steps(record):
            if channel.phone[step]:
                tail.enter(
                    int(channel.phone[step]), int(channel.frame[step]), int(channel.prev_last[step]),
                    float(channel.prev_peak[step]),
                )  # fmt: skip
            if channel.word[step]:
                tail.say(int(channel.word[step]))

    def _tail(self, token: int) -> PathTail:
        tail = self._settled.copy()
        self._append(tail, int(self._channel.record[token]))
        tail.leave(int(self._channel.last[token]), float(self._channel.peak[token]))
        return tail

    def _words(self, tail: PathTail, *, spare_last: bool = False) -> tuple[DecodedWord, ...]:
        fitted = fit_words(tail, self._decoder.lexicon)
        if spare_last and fitted and fitted[-1].last == len(tail.phones):
            fitted = fitted[:-1]  # its last phone may still go on
        return self._timed(tail, fitted)

    def _timed(self, tail: PathTail, fitted: list[Fitted]) -> tuple[DecodedWord, ...]:
        return tuple(timed(tail, word, self._decoder.lexicon, self._committed) for word in fitted)

    def _shared_words(self, chosen: list[Fitted]) -> int:
        settled = self._settled
        return sum(word.last <= len(settled.phones) for word in chosen[: len(settled.words)])

    def _commit(self, token: int, words: int, phones: int) -> None:
        """Keep only paths through the record where the best path has taken on these words and phones."""
        words, phones = words - len(self._settled.words), phones - len(self._settled.phones)
        channel = self._channel
        for step in self._steps(int(channel.record[token])):
            words -= channel.word[step] != 0
            phones -= channel.phone[step] != 0
            if words <= 0 and phones <= 0:
                self._forget_others(step)
                break
        self._settle()
