"""Begin, step, end: log-probs of a stream to words."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.decoder.channels import search_channels
from engine.decoder.finals import Judged, judge
from engine.decoder.lattice import WordLattice
from engine.decoder.options import DecodeOptions
from engine.decoder.path import Fitted, PathTail, fit_words, timed
from engine.decoder.ranking import best_sentences
from engine.decoder.rescorer import Rescorer
from engine.decoder.risk import best_arcs, likely_places
from engine.decoder.tree import phone_tree
from engine.decoder.undecided import word_lattice
from engine.decoder.vocabulary import SessionWords
from engine.decoder.weighting import score_shift, search_arrays, search_digest
from engine.decoder.words import DecodedWord
from engine.errors import StreamError
from engine.graph.store import SearchGraph, file_digest, load_graph
from kernels.token_passing.cpu import advance, best_token, start
from kernels.token_passing.memory import FRAMES, Lane, new_lane
from kernels.token_passing.records import keep_descendants, set_root, shared_record, trace
from kernels.token_passing.words import Spread, new_spread

TOKENS_PER_ACTIVE = 3  # room for tokens behind epsilon arcs; a tenth of the active ones is usual
RECORDS_PER_TOKEN = 6
SIDES_PER_TOKEN = 6
BLOCK = 64  # frames between two looks for what all paths share, so that the pool holds open paths only
SPREAD_STATES, SPREAD_ARCS = 1 << 16, 1 << 15  # room for the words of one lattice
ROOM = 1 << 20  # arcs and states behind the graph, for dictionaries of sessions; memory only where they are written
LONGEST = 750  # frames after which words of a lattice become final by themselves, up to half as many frames ago

Floats = NDArray[np.float32]


class Workspace(NamedTuple):
    """Working memory of one thread."""

    lane: Lane
    trace: NDArray[np.int32]  # room for every record
    spread: Spread  # room for the words of a lattice


class Decoder:
    """A search graph and settings, shared by all streams and threads; each stream has a channel of its own.

    Attributes:
        channels: of its streams, which give them back when their last holder lets go.
    """

    def __init__(
        self,
        graph: SearchGraph,
        options: DecodeOptions | None = None,
        log_prior: Floats | None = None,
        digest: str = "",
        rescorer: Rescorer | None = None,
    ) -> None:
        """Hold a graph ready.

        Args:
            log_prior: (V,) log prior of every token; None subtracts no prior.
            digest: of the graph's file.
            rescorer: a second pass over lattices before words become final.
        """
        self.options = options or DecodeOptions()
        self.lexicon = graph.lexicon
        self.arrays = search_arrays(graph, self.options, ROOM)
        self.states, self.arcs = graph.states, len(graph.dest)
        self.shift = score_shift(self.options, log_prior)
        self.digest = search_digest(digest, self.options, self.shift, rescorer.digest if rescorer else "")
        self.tokens = TOKENS_PER_ACTIVE * self.options.max_active  # a stream keeps this many between frames,
        self.records = RECORDS_PER_TOKEN * self.tokens  # and this many records
        self.sides = SIDES_PER_TOKEN * self.tokens if self.options.lattice_beam else 0  # and side links
        self.channels = search_channels(self.tokens, self.records, self.sides)
        self.words = SessionWords(graph.lexicon, phone_tree(graph.lexicon), 0, 0)  # of a stream that brings none
        self.rescorer = rescorer
        self._own = threading.local()

    @classmethod
    def load(
        cls,
        folder: Path,
        options: DecodeOptions | None = None,
        log_prior: Floats | None = None,
        rescorer: Rescorer | None = None,
    ) -> Decoder:
        """Load ``graph.npz`` of a folder.

        Raises:
            ModelError: it is missing or damaged.
        """
        path = folder / "graph.npz"
        return cls(load_graph(path), options, log_prior, file_digest(path), rescorer)

    @property
    def workspace(self) -> Workspace:
        """The calling thread's working memory."""
        found: Workspace | None = getattr(self._own, "workspace", None)
        if found is None:
            spread = new_spread(self.records, SPREAD_STATES, SPREAD_ARCS) if self.sides else new_spread(0, 0, 0)
            found = self._own.workspace = Workspace(self._new_lane(), np.zeros(self.records, np.int32), spread)
        return found

    def warm(self) -> None:
        """Compile or load every kernel now, so that no stream waits for it later."""
        stream = DecoderStream(self)
        stream.step(np.full((2, len(self.shift)), -1.0, np.float32))
        stream.stable()
        stream._forget_before(-1)
        lattice = stream.lattice()
        if lattice is not None:
            likely_places(lattice, best_arcs(lattice), 1.0, change=True)
        stream._forget_others(0)

    def _new_lane(self) -> Lane:
        candidates = 1 << (2 * self.tokens - 1).bit_length()
        return new_lane(candidates, self.tokens, self.records)

    def begin(self, words: SessionWords | None = None) -> DecoderStream:
        """Start a stream.

        Args:
            words: what it may say beyond the graph (``engine.dictionary``).
        """
        return DecoderStream(self, words)


class DecoderStream:
    """The search of one stream."""

    def __init__(self, decoder: Decoder, words: SessionWords | None = None) -> None:
        self._decoder = decoder
        self._vocabulary = words or decoder.words
        self._stay = decoder.channels.join()
        self._channel = self._stay.kept
        self._settled = PathTail()  # without a lattice: what all paths share and is not final yet
        self._committed = 0  # frame where the last final word ended, or where everything was made final
        self._done: tuple[DecodedWord, ...] = ()  # words that became final by themselves and are not told yet
        self._history = deque[int](maxlen=decoder.rescorer.context if decoder.rescorer else 0)  # of final words
        self._ended = False
        hub, door = self._vocabulary.hub, self._vocabulary.door
        start(decoder.arrays, self._channel, decoder.workspace.lane, decoder.options.beam, hub, door)

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
            advance(
                self._decoder.arrays, self._channel, lane, scores, block, options.beam, options.max_active,
                options.lattice_beam,
            )  # fmt: skip
            if self.frames % BLOCK == 0:
                self._settle()
                if self._decoder.sides and self.frames - self._committed > LONGEST:
                    self._done += self._make_final(self.frames - LONGEST // 2)

    def partial(self) -> tuple[DecodedWord, ...]:
        """Words of the best path that are not final yet, complete ones only."""
        return self._done + self._words(self._tail(self._best(ending=False)))

    def stable(self) -> tuple[DecodedWord, ...]:
        """Words not final yet that every surviving path shares, times included."""
        self._settle()
        tail = self._settled
        if self._decoder.sides:
            tail = PathTail()
            self._append(tail, int(shared_record(self._channel, self._decoder.workspace.lane)))
        return self._done + self._words(tail, spare_last=True)

    def lattice(self, *, ending: bool = False) -> WordLattice | None:
        """What is not decided of the words not final yet; None without a lattice beam, or when nothing fits.

        Args:
            ending: as if the stream ended here.
        """
        decoder, spread = self._decoder, self._decoder.workspace.spread
        if not decoder.sides:
            return None
        ending = ending and best_token(decoder.arrays, self._channel, True) >= 0
        beam = decoder.options.lattice_beam
        found = word_lattice(decoder.arrays, self._channel, self._vocabulary.tree, spread, beam, ending=ending)
        if found is None or decoder.rescorer is None:
            return found
        return decoder.rescorer.rescore(found, tuple(self._history), ended=ending).ended

    def n_best(self, most: int) -> tuple[tuple[tuple[str, ...], float], ...]:
        """The best different word sequences of what is not final yet, with their log scores, best first."""
        lattice, words = self.lattice(ending=self._ended), self._vocabulary.lexicon.words
        if lattice is None:
            return ()
        return tuple((tuple(words[n] for n in numbers), score) for numbers, score in best_sentences(lattice, most))

    def finalise(self, until_frame: int) -> tuple[DecodedWord, ...]:
        """Commit the words that end at or before a frame; paths that disagree are dropped.

        No word that is told later starts before the last one committed ended, nor before the frame when it is the
        last one searched. One may still end before the frame, where what follows changed the search's mind.

        Returns:
            The newly committed words.
        """
        self._done += self._make_final(until_frame)
        if until_frame >= self.frames:
            self._committed = max(self._committed, self.frames)
        told = sum(word.end_frame <= until_frame for word in self._done)
        words, self._done = self._done[:told], self._done[told:]
        return words

    def end(self) -> tuple[DecodedWord, ...]:
        """Finish and return all words that are not final yet.

        Raises:
            StreamError: the stream has ended before.
        """
        if self._ended:
            raise StreamError("end after end: begin a new stream")
        self._ended = True
        tail = self._tail(self._best(ending=True))
        fitted = fit_words(tail, self._vocabulary.lexicon)
        return self._done + self._judged(tail, fitted, len(fitted) + 1).words

    def _make_final(self, until_frame: int) -> tuple[DecodedWord, ...]:
        self._settle()
        token = self._best(ending=False)
        tail = self._tail(token)
        fitted = fit_words(tail, self._vocabulary.lexicon)
        count = sum(tail.lasts[word.last - 1] < until_frame for word in fitted)
        judged = Judged()
        if count:
            judged = self._judged(tail, fitted, count)
            self._committed = self._timed(tail, fitted[:count])[-1].end_frame
            self._commit(token, fitted[:count])
        self._history += judged.numbers
        return judged.words

    def _judged(self, tail: PathTail, fitted: list[Fitted], most: int) -> Judged:
        """Final words at the places of the first of a path's words, or at all of them and after."""
        words, numbers = self._timed(tail, fitted), tuple(word.number for word in fitted)
        lattice = self.lattice(ending=self._ended) if fitted else None
        if lattice is None:
            return Judged(words[:most], numbers[:most])
        return judge(lattice, numbers, words, most, self._vocabulary.lexicon, self._decoder.options)

    def _forget_before(self, record: int) -> None:
        set_root(self._channel, self._decoder.workspace.lane, record)

    def _forget_others(self, record: int) -> None:
        """Drop the paths that do not run through a record."""
        keep_descendants(self._channel, self._decoder.workspace.lane, record)

    def _best(self, *, ending: bool) -> int:
        arrays, channel = self._decoder.arrays, self._channel
        token = best_token(arrays, channel, ending)
        return int(token) if token >= 0 else int(best_token(arrays, channel, False))

    def _settle(self) -> None:
        """Move what all paths share out of the channel, where no lattice is kept."""
        if self._decoder.sides:
            return
        shared = shared_record(self._channel, self._decoder.workspace.lane)
        self._append(self._settled, shared)
        self._forget_before(shared)

    def _steps(self, record: int) -> list[int]:
        """Records from the root (exclusive) to one, oldest first."""
        out = self._decoder.workspace.trace
        return [int(step) for step in out[: trace(self._channel, record, out)]]

    def _append(self, tail: PathTail, newest: int) -> None:
        for step in self._steps(newest):
            record = self._channel.records[step]
            if record["phone"]:
                tail.enter(int(record["phone"]), int(record["frame"]), int(record["last"]), float(record["peak"]))
            if record["word"]:
                tail.say(int(record["word"]))

    def _tail(self, token: int) -> PathTail:
        tail = self._settled.copy()
        newest = self._channel.tokens[token]
        self._append(tail, int(newest["record"]))
        tail.leave(int(newest["last"]), float(newest["peak"]))
        return tail

    def _words(self, tail: PathTail, *, spare_last: bool = False) -> tuple[DecodedWord, ...]:
        fitted = fit_words(tail, self._vocabulary.lexicon)
        if spare_last and fitted and fitted[-1].last == len(tail.phones):
            fitted = fitted[:-1]  # its last phone may still go on
        return self._timed(tail, fitted)

    def _timed(self, tail: PathTail, fitted: list[Fitted]) -> tuple[DecodedWord, ...]:
        return tuple(timed(tail, word, self._vocabulary.lexicon, self._committed) for word in fitted)

    def _shared_words(self, chosen: list[Fitted]) -> int:
        settled = self._settled
        return sum(word.last <= len(settled.phones) for word in chosen[: len(settled.words)])

    def _commit(self, token: int, chosen: list[Fitted]) -> None:
        """Keep only paths through the record where the best path has taken on the chosen words and their phones."""
        if len(chosen) > self._shared_words(chosen):
            words = len(chosen) - len(self._settled.words)
            phones = chosen[-1].last - len(self._settled.phones)
            records = self._channel.records
            for step in self._steps(int(self._channel.tokens[token]["record"])):
                words -= int(records[step]["word"] != 0)
                phones -= int(records[step]["phone"] != 0)
                if words <= 0 and phones <= 0:
                    self._forget_others(step)
                    if self._decoder.sides:
                        self._forget_before(step)
                    break
            self._settle()
        if not self._decoder.sides:
            self._settled.drop(len(chosen), chosen[-1].last)
