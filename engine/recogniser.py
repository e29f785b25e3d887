"""The recogniser: 16 kHz PCM in, words with times out, begin / step / end.

Two halves meet at log-probs, so that a scheduler may batch the first over many streams:
``engine.acoustic.body`` makes log-probs of PCM; ``WordStream`` makes words of log-probs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.acoustic.body import Body, Listener, read_card
from engine.acoustic.executor_choice import Choice
from engine.decoder.lattice import WordLattice
from engine.decoder.options import read_decode_options
from engine.decoder.rescorer import Rescorer
from engine.decoder.search import Decoder, DecoderStream
from engine.decoder.vocabulary import SessionWords
from engine.decoder.words import DecodedWord
from engine.dictionary.dictionaries import Dictionaries
from engine.dictionary.entries import Entry
from engine.errors import ModelError
from engine.identity import recogniser_digest
from engine.nonspeech import NonspeechOptions, SpeechGate
from engine.phones import TOKENS
from engine.recognised import RecognisedWord as RecognisedWord
from engine.rescoring.options import read_rescoring
from engine.word_times import END_LATE, FRAME_SAMPLES, spoken_times

SAMPLE_RATE = 16_000
GRAPH_FOLDER = Path(__file__).parent / "models" / "english"
LETTERS = "letters.npz.xz"  # the letter-to-sound model of a graph's folder


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What one stream may choose."""

    chunk_ms: int = 640  # look-ahead of the body, one of ``recogniser.body.card.chunk_ms``


class WordStream:
    """Log-probs of one stream to words; all times are samples of that stream."""

    def __init__(self, search: DecoderStream, evidence: float = 0.0, since: int = 0) -> None:
        """Begin.

        Args:
            since: samples of the stream before the first log-probs, whole frames; words and limits count them.
        """
        self._search, self._since = search, since
        self._gate = SpeechGate(NonspeechOptions(evidence))
        self._limit: int | None = None  # samples of audio there were, known at the end
        self._told = since  # where the last final word ended

    @property
    def decoded_samples(self) -> int:
        """Samples whose log-probs have been searched."""
        return self._since + self._search.frames * FRAME_SAMPLES

    def step(self, log_probs: NDArray[np.float32]) -> None:
        """Search on.

        Args:
            log_probs: (T, 40) natural log posteriors, one row per 40 ms.
        """
        self._search.step(log_probs)
        self._gate.hear(log_probs)

    def partials(self) -> tuple[RecognisedWord, ...]:
        """The best path's words that are not final yet; any of them may still change."""
        return self._timed(self._search.partial())

    def stable(self) -> tuple[RecognisedWord, ...]:
        """Words not final yet that every surviving hypothesis shares: they will not change."""
        return self._timed(self._search.stable())

    def lattice(self) -> WordLattice | None:
        """What is not decided of the words not final yet, in frames of 40 ms from the first log-probs on.

        None if the model keeps no lattice.
        """
        return self._search.lattice()

    def n_best(self, most: int) -> tuple[tuple[tuple[str, ...], float], ...]:
        """The best different readings of what is not final yet and their log scores, best first.

        Args:
            most: how many at most; there are none if the model keeps no lattice.
        """
        return self._search.n_best(most)

    def finals(self, until_sample: int) -> tuple[RecognisedWord, ...]:
        """Commit and return the words that end at or before a sample; they never change afterwards."""
        until_frame = min((until_sample - self._since + END_LATE) // FRAME_SAMPLES, self._search.frames)
        words = self._final(self._search.finalise(until_frame))
        self._gate.forget(until_frame)
        return words

    def end(self, total_samples: int | None = None) -> tuple[RecognisedWord, ...]:
        """Finish and return every word that is not final yet.

        Args:
            total_samples: length of the audio; no word ends after it.
        """
        self._limit = total_samples
        return self._final(self._search.end())

    def _final(self, words: tuple[DecodedWord, ...]) -> tuple[RecognisedWord, ...]:
        timed = self._timed(words)
        self._told = timed[-1].end if timed else self._told
        return timed

    def _timed(self, words: tuple[DecodedWord, ...]) -> tuple[RecognisedWord, ...]:
        kept = self._gate.keep(words)
        times = spoken_times(kept, self._since, self._told, self._limit)
        return tuple(
            RecognisedWord(word.text, start, end, word.confidence)
            for word, (start, end) in zip(kept, times, strict=True)
        )


class Stream:
    """One stream from PCM to words."""

    def __init__(self, body: Listener, words: WordStream) -> None:
        self._body, self.words = body, words
        self._samples = 0

    @property
    def decoded_samples(self) -> int:
        """Samples that have been searched; look-ahead keeps it behind what was given."""
        return min(self.words.decoded_samples, self._samples)

    def step(self, pcm: NDArray[np.float32]) -> None:
        """Recognise on.

        Args:
            pcm: (n,) samples at 16 kHz in [-1, 1], any n.
        """
        self._samples += len(pcm)
        self.words.step(self._body.step(pcm))

    def partials(self) -> tuple[RecognisedWord, ...]:
        """The best path's words that are not final yet; any of them may still change."""
        return self.words.partials()

    def stable(self) -> tuple[RecognisedWord, ...]:
        """Words not final yet that every surviving hypothesis shares."""
        return self.words.stable()

    def finals(self, until_sample: int) -> tuple[RecognisedWord, ...]:
        """Commit and return the words that end at or before a sample; they never change afterwards."""
        return self.words.finals(until_sample)

    def end(self) -> tuple[RecognisedWord, ...]:
        """Flush the body and return every word that is not final yet."""
        self.words.step(self._body.end())
        return self.words.end(self._samples)


class Recogniser:
    """A body and a search graph, loaded once and shared by all streams."""

    def __init__(self, body: Body, decoder: Decoder, speller: Path | None = None) -> None:
        """Hold both.

        Args:
            speller: folder of the letter-to-sound model that dictionaries need for words which the graph has not.
        """
        self.body, self.decoder = body, decoder
        self._dictionaries = Dictionaries(decoder, speller)

    @classmethod
    def load(
        cls,
        folder: str | Path,
        graph: str | Path = GRAPH_FOLDER,
        rescorer: Rescorer | None = None,
        beside: Recogniser | None = None,
        executor: Choice = Choice.AUTO,
    ) -> Recogniser:
        """Load a model folder and the graph it is searched with, and the second pass if model.toml asks for one.

        Args:
            graph: folder of the search graph and of the second pass's language models.
            rescorer: a second pass over lattices before words become final, instead of that of model.toml.
            beside: a recogniser whose body this one shares: two operating points need one network.
            executor: what computes the steps of a body of its own.

        Raises:
            ModelError: a file is missing, damaged, or of an unknown version; or the body speaks another language, or
                is not that of the recogniser beside.
        """
        body = Body.load(Path(folder), executor) if beside is None else beside.body.under(read_card(Path(folder)))
        if body.card.tokens != TOKENS and Path(graph) == Path(GRAPH_FOLDER):
            raise ModelError(str(folder), "a body of other phones than English; give the graph of its language")
        options = read_decode_options(Path(folder))
        rescoring = read_rescoring(Path(folder))
        if rescorer is None and rescoring is not None:
            from engine.rescoring.second_pass import SecondPass  # few models have one

            rescorer = SecondPass.load(Path(graph), rescoring)
        decoder = Decoder.load(Path(graph), options, body.card.log_prior, rescorer)
        decoder.warm()
        return cls(body, decoder, Path(graph) if (Path(graph) / LETTERS).exists() else None)

    @property
    def digest(self) -> str:
        """sha256 over body, graph and decode options: equal digests recognise equally."""
        return recogniser_digest(self.body.digest, self.decoder.digest)

    def dictionary(self, entries: Sequence[Entry]) -> SessionWords | None:
        """What streams are to listen for beyond the graph, built at the first call for equal entries; any thread.

        Args:
            entries: from ``engine.dictionary.entries.read_entries``; there is no dictionary for none.

        Raises:
            MessageError: quota_exceeded, when the dictionaries in use leave no room for this one.
        """
        return self._dictionaries.find(entries)

    def begin(self, options: StreamOptions | None = None, dictionary: SessionWords | None = None) -> Stream:
        """Start a stream.

        Args:
            dictionary: from ``dictionary``.
        """
        chosen = options or StreamOptions()
        return Stream(Listener(self.body, chosen.chunk_ms), self.begin_words(dictionary=dictionary))

    def begin_words(self, since: int = 0, dictionary: SessionWords | None = None) -> WordStream:
        """Start only the log-probs-to-words half, for a scheduler that batches the body itself.

        Args:
            since: samples of the stream before its first log-probs, whole frames.
            dictionary: from ``dictionary``.
        """
        return WordStream(self.decoder.begin(dictionary), self.decoder.options.evidence, since)

    def recognise(
        self,
        pcm: NDArray[np.float32],
        options: StreamOptions | None = None,
        dictionary: SessionWords | None = None,
    ) -> tuple[RecognisedWord, ...]:
        """Recognise a whole recording: the same steps in one long call.

        Args:
            pcm: (n,) samples at 16 kHz in [-1, 1].
            dictionary: from ``dictionary``.
        """
        stream = self.begin(options, dictionary)
        stream.step(pcm)
        return stream.end()
