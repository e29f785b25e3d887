"""The acoustic body at run time: feature frames of many streams become phone log-probabilities, without torch."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.acoustic.executor_choice import Choice
from engine.acoustic.executors import Executor, body_digest, load_executor
from engine.acoustic.executors import LogProbs as LogProbs
from engine.acoustic.frontend import Features, Frontend, Samples
from engine.errors import ModelError
from engine.phones import BLANK, TOKENS

FRAMES_PER_TOKEN = 4
GRAIN = 8
_FORMAT = 1
_PIECE = 60 * 16_000  # samples that a listener works off at once


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What ``model.toml`` says.

    Attributes:
        name: of the family, such as ``reference``.
        version: of this training.
        body: its file, relative to the folder; models may share one.
        digest: SHA-256 of that file, in hex.
        chunk_ms: the look-aheads it was trained for.
        log_prior: natural log of the mean posterior of every token.
        state: shape of each state array of one stream.
        tokens: the blank and the phones of its language.
    """

    name: str
    version: str
    body: str
    digest: str
    parameters: int
    chunk_ms: tuple[int, ...]
    log_prior: npt.NDArray[np.float32]
    state: dict[str, tuple[int, ...]]
    tokens: tuple[str, ...] = TOKENS


@dataclass(slots=True)
class BodyState:
    """What one stream remembers between chunks, as its body's executor keeps it."""

    chunk_ms: int
    kept: Any


def read_card(folder: Path) -> ModelCard:
    """Read ``model.toml``.

    Raises:
        ModelError: the folder has no model, or one of another format.
    """
    path = folder / "model.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if table["format"] != _FORMAT:
            raise ModelError(str(path), f"format {table['format']} is unknown; export the model again ({_FORMAT})")
        tokens = tuple(str(token) for token in table["tokens"])
        if tokens[:1] != (BLANK,) or len(tokens) != len(table["log_prior"]):
            raise ModelError(str(path), "damaged (tokens without a blank or a prior); export the model again")
        return ModelCard(
            name=str(table["name"]),
            version=str(table["version"]),
            body=str(table.get("body", "body.onnx")),
            digest=str(table["digest"]),
            parameters=int(table["parameters"]),
            chunk_ms=tuple(table["chunk_ms"]),
            log_prior=np.asarray(table["log_prior"], np.float32),
            state={name: tuple(shape) for name, shape in table["state"].items()},
            tokens=tokens,
        )
    except FileNotFoundError:
        raise ModelError(str(folder), "no model.toml here; name a model folder such as reference-1") from None
    except (KeyError, tomllib.TOMLDecodeError) as wrong:
        raise ModelError(str(path), f"damaged ({wrong}); export the model again") from None


def body_content(folder: Path, card: ModelCard) -> bytes:
    """Read a model's body.

    Raises:
        ModelError: it is missing, or not the file that model.toml describes.
    """
    path = folder / card.body
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != card.digest:
        raise ModelError(str(path), "missing, or not the file that model.toml describes; install the model again")
    return content


class Body:
    """A loaded model; streams are given to it in batches and keep their state outside."""

    def __init__(self, card: ModelCard, executor: Executor) -> None:
        self.card = card
        self._executor = executor

    @classmethod
    def load(cls, folder: Path, executor: Choice = Choice.AUTO) -> Body:
        """Load a model folder on one thread.

        Args:
            executor: what computes its steps.

        Raises:
            ModelError: the folder has no model, a damaged one, one of another format, or none for that executor.
        """
        card = read_card(folder)
        return cls(card, load_executor(card, body_content(folder, card), executor))

    @property
    def executor(self) -> Choice:
        """What computes its steps: our own code, or ONNX Runtime."""
        return self._executor.choice

    @property
    def digest(self) -> str:
        """Of its file and of what computes it: equal digests hear equally."""
        return body_digest(self.card.digest, self.executor)

    def under(self, card: ModelCard) -> Body:
        """The same network, in the same memory, for another model that has it.

        Raises:
            ModelError: the other model has another one.
        """
        if card.digest != self.card.digest:
            raise ModelError(f"{card.name}/{card.version}", f"has another body than {self.card.name}; load it apart")
        return Body(card, self._executor)

    def reserve(self, streams: int) -> int:
        """Take now what so many streams at a time keep, in place where the executor keeps it so; bytes of one.

        Raises:
            MemoryError: the system has not so much.
        """
        return self._executor.reserve(streams)

    def begin(self, chunk_ms: int = 640) -> BodyState:
        """Give the state of a stream that has heard nothing.

        Raises:
            ModelError: the model was not trained for this chunk.
        """
        if chunk_ms not in self.card.chunk_ms:
            raise ModelError(
                self.card.name, f"not trained for chunks of {chunk_ms} ms; choose one of {list(self.card.chunk_ms)}"
            )
        return BodyState(chunk_ms, self._executor.begin())

    def step(self, states: Sequence[BodyState], features: Features) -> LogProbs:
        """Recognise the next chunk of B streams together, and move their states on.

        Args:
            states: of the B streams; changed in place.
            features: (B, 8 n, 80) frames of ``Frontend``; a chunk of ``chunk_ms``, or less at a stream's end.

        Returns:
            (B, 2 n, 40) natural log-probabilities, 40 ms each.

        Raises:
            ValueError: the shape does not fit.
        """
        if features.shape[0] != len(states) or features.shape[1] % GRAIN or not features.size:
            raise ValueError(f"features {features.shape} for {len(states)} streams; give (B, 8 n, 80) with n > 0")
        given = np.ascontiguousarray(features, np.float32)
        return self._executor.step([state.kept for state in states], given)

    def end(self, state: BodyState, features: Features) -> LogProbs:
        """Recognise the last frames of one stream, fewer than a chunk; what is missing repeats the last frame.

        Args:
            state: of the stream, which is over afterwards.
            features: (n, 80), any n.

        Returns:
            (ceil(n / 4), 40) log-probabilities.
        """
        if not len(features):
            return np.zeros((0, len(self.card.tokens)), np.float32)
        whole = np.concatenate([features, np.repeat(features[-1:], -len(features) % GRAIN, axis=0)])
        return self.step([state], whole[None])[0, : -(-len(features) // FRAMES_PER_TOKEN)]


class Listener:
    """One stream from samples to log-probabilities: step with samples in any pieces, then end."""

    def __init__(self, body: Body, chunk_ms: int = 640) -> None:
        self._body = body
        self._state = body.begin(chunk_ms)
        self._frontend = Frontend()
        self._waiting: Features = np.zeros((0, 80), np.float32)
        self._chunk = chunk_ms // 10

    def step(self, samples: Samples) -> LogProbs:
        """Take samples in [-1, 1] at 16 kHz and give the log-probabilities (t, 40) of the chunks they complete.

        Raises:
            StreamError: the samples are not such audio.
        """
        heard = [np.zeros((0, len(self._body.card.tokens)), np.float32)]
        for at in range(0, len(samples), _PIECE):  # features of hours would be larger than the hours
            heard += self._hear(samples[at : at + _PIECE])
        return np.concatenate(heard)

    def _hear(self, samples: Samples) -> list[LogProbs]:
        self._waiting = np.concatenate([self._waiting, self._frontend.step(samples)])
        heard: list[LogProbs] = []
        while len(self._waiting) >= self._chunk:
            chunk, self._waiting = self._waiting[: self._chunk], self._waiting[self._chunk :]
            heard.append(self._body.step([self._state], chunk[None])[0])
        return heard

    def end(self) -> LogProbs:
        """Give the log-probabilities (t, 40) of what is left."""
        rest, self._waiting = self._waiting, self._waiting[:0]
        return self._body.end(self._state, rest)


def hear(body: Body, pieces: Iterable[Samples], chunk_ms: int = 640) -> LogProbs:
    """Give the log-probabilities (t, 40) of one recording as a stream hears it, its samples in any pieces.

    Raises:
        StreamError: the samples are no audio in [-1, 1] at 16 kHz.
    """
    listener = Listener(body, chunk_ms)
    return np.concatenate([*map(listener.step, pieces), listener.end()])
