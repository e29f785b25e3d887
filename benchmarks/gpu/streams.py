"""Streams that one GPU serves at real time: body, beam and language model, a step of 320 ms for all of them at a time.

``python -m benchmarks.gpu.streams [--minutes 7] [--most 8192]``

    words         the rehearsal set by this path and by the CPU's: word errors, and recordings of equal words
    streams       the largest number whose step ends in 90 % of a chunk's time in 99 of 100 steps, under churn
    p50, p99      of a step at half that number, a hundredth of the streams leaving and joining before every step
    allocations   of torch's allocator and of the driver over 10,000 steps of the body under churn
    beam          what search and language model add to the body's time, percent
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import engine
from benchmarks.gpu import rehearsal
from benchmarks.gpu.rehearsal import F32, Spoken
from engine.acoustic.frontend import features_of
from engine.gpu.choice import choose
from engine.gpu.device import DeviceError, check, look
from engine.gpu.executor import Executor
from engine.gpu.weights import read_body
from engine.recogniser import Recogniser, StreamOptions
from harness.measures.counts import WordErrors
from harness.measures.normalisation.packs import PACKS
from harness.measures.words.alignment import word_errors
from kernels.memory import Slot
from kernels.token_passing.host import HostSearch
from understudy.errors import UsageError

HERE = Path(__file__).parent
FOLDER = Path(engine.__file__).parent / "models" / "reference-3"
FRAMES = rehearsal.CHUNK_MS // 10
TOKENS = FRAMES // 4
BUDGET = 0.9 * rehearsal.CHUNK_MS / 1e3  # seconds of a step
CHURN = 0.01
STEPS = 10_000


class Taken(NamedTuple):
    """Seconds of one step of all streams."""

    body: float
    search: float

    @property
    def whole(self) -> float:
        """Both, one after the other."""
        return self.body + self.search


class Rig:
    """Streams of recorded speech on a device, each somewhere in a recording.

    Args:
        heard: the shipped recogniser, for its graph.
        speech: (R, T, bins) features, T a multiple of a chunk.
        device: as torch calls it.
        most: streams.
        batch: most streams in a step of the body.
    """

    def __init__(self, heard: Recogniser, speech: F32, device: str, most: int, batch: int) -> None:
        self.decoder, self._speech, self._batch = heard.decoder, speech, batch
        shape, weights = read_body(FOLDER / heard.body.card.body, heard.body.card)
        self.executor = Executor(shape, weights, device, choose(device), [FRAMES], most, batch)
        sizes = rehearsal.search_sizes(heard.decoder)
        self.search: Any = _search(device)(heard.decoder.arrays, len(heard.decoder.shift), most + 1, *sizes)
        self.slots: list[Slot] = []
        self.heard: list[int] = []
        self.at: list[tuple[int, int]] = []  # recording, frame

    def join(self, rng: np.random.Generator) -> None:
        """One stream more, somewhere in some recording."""
        slot = self.executor.acquire()
        self.search.begin(int(slot))
        recording, chunk = int(rng.integers(len(self._speech))), int(rng.integers(self._speech.shape[1] // FRAMES))
        self.slots.append(slot), self.heard.append(0), self.at.append((recording, chunk * FRAMES))

    def leave(self, place: int) -> None:
        """One stream less."""
        self.executor.release(self.slots.pop(place))
        self.heard.pop(place), self.at.pop(place)

    def churn(self, rng: np.random.Generator) -> None:
        """A hundredth of the streams leave, one at least, and as many join."""
        for _ in range(max(1, round(CHURN * len(self.slots)))):
            self.leave(int(rng.integers(len(self.slots))))
            self.join(rng)

    def resize(self, streams: int, rng: np.random.Generator) -> None:
        """Make them so many."""
        while len(self.slots) > streams:
            self.leave(len(self.slots) - 1)
        while len(self.slots) < streams:
            self.join(rng)

    def step(self) -> Taken:
        """A chunk of every stream through body and search, the best paths back on this side."""
        features = np.stack([self._speech[one, at : at + FRAMES] for one, at in self.at])
        before = perf_counter()
        parts = [slice(at, at + self._batch) for at in range(0, len(self.slots), self._batch)]
        log_probs = np.concatenate([self.executor.step(self.slots[p], self.heard[p], features[p]) for p in parts])
        between = perf_counter()
        self._find(np.asarray(self.slots, np.int32), log_probs, ending=False)
        after = perf_counter()
        self.heard = [count + TOKENS for count in self.heard]
        self.at = [(one, (at + FRAMES) % self._speech.shape[1]) for one, at in self.at]
        return Taken(between - before, after - between)

    def words(self, features: F32) -> tuple[str, ...]:
        """What one whole recording says, (T, bins)."""
        slot, heard = self.executor.acquire(), 0
        self.search.begin(int(slot))
        stream = np.asarray([slot], np.int32)
        padded = np.concatenate([features, np.repeat(features[-1:], -len(features) % 8, axis=0)])
        for at in range(0, len(padded), FRAMES):
            log_probs = self.executor.step([slot], [heard], padded[None, at : at + FRAMES])
            heard += log_probs.shape[1]
            known = min(TOKENS, -(-(len(features) - at) // 4))  # not of the frames that only repeat the last one
            paths = self._find(stream, log_probs[:, :known], ending=at + FRAMES >= len(padded))
        self.executor.release(slot)
        said = paths.word[0, : paths.length[0]]
        return tuple(self.decoder.lexicon.words[word] for word in said if word)

    def _find(self, streams: NDArray[np.int32], log_probs: F32, *, ending: bool) -> Any:
        options, weights = self.decoder.options, rehearsal.scores(self.decoder, log_probs)
        self.search.step(streams, weights, log_probs, options.beam, options.max_active)
        return self.search.paths(streams, ending)


def _search(device: str) -> Any:
    if not device.startswith("cuda"):
        return HostSearch
    from kernels.token_passing.gpu import DeviceSearch

    return DeviceSearch


def features_for(spoken: Sequence[Spoken]) -> F32:
    """Features (R, T, bins) of recordings cut to the shortest, in whole chunks."""
    rows = [features_of(one.pcm) for one in spoken]
    frames = min(len(row) for row in rows) // FRAMES * FRAMES
    return np.stack([row[:frames] for row in rows])


def compare_words(rig: Rig, heard: Recogniser, spoken: Sequence[Spoken]) -> dict[str, float]:
    """Word errors of both paths, and how many recordings have equal words."""
    split, options = PACKS["basic"].split, StreamOptions(chunk_ms=rehearsal.CHUNK_MS)
    here, there, equal = WordErrors(), WordErrors(), 0
    for one in spoken:
        truth = tuple(word.text for word in heard.recognise(one.pcm, options))
        found = rig.words(features_of(one.pcm))
        equal += found == truth
        here += word_errors(split(one.said), split(" ".join(truth)))
        there += word_errors(split(one.said), split(" ".join(found)))
    words = here.reference
    return {"recordings": len(spoken), "equal": equal, "words": words, "cpu": here.errors, "device": there.errors}


def measure(rig: Rig, streams: int, steps: int, rng: np.random.Generator, limit: float = np.inf) -> list[Taken]:
    """Steps of so many streams under churn, the first three not counted; fewer when the time is up."""
    rig.resize(streams, rng)
    taken: list[Taken] = []
    begun = perf_counter()
    for number in range(steps + 3):
        rig.churn(rng)
        now = rig.step()
        if number >= 3:
            taken.append(now)
        if taken and perf_counter() - begun > limit:
            break
    return taken


def percentile(taken: Sequence[Taken], share: float) -> float:
    """Of the seconds of a step."""
    return float(np.percentile([one.whole for one in taken], 100 * share))


def streams_at_real_time(rig: Rig, most: int, seconds: float, rng: np.random.Generator) -> tuple[int, list[Any]]:
    """Double the streams until a step takes too long; the last number that did not, and all that was seen."""
    seen, fits, streams = [], 0, 64
    while streams <= most:
        taken = measure(rig, streams, 100, rng, seconds / 8)
        p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
        seen.append({"streams": streams, "steps": len(taken), "p50_ms": 1e3 * p50, "p99_ms": 1e3 * p99})
        if p99 > BUDGET:
            break
        fits, streams = streams, 2 * streams
    return fits, seen


def allocations(rig: Rig, steps: int, seconds: float, rng: np.random.Generator) -> dict[str, int]:
    """What torch and the driver were asked for during steps of the body, 64 streams under churn."""
    import torch

    rig.resize(64, rng)
    rig.step()
    features = np.zeros((64, FRAMES, rig.executor.shape.bins), np.float32)
    before, begun, done = torch.cuda.memory_stats(), perf_counter(), 0
    while done < steps and perf_counter() - begun < seconds:
        rig.churn(rng)
        rig.executor.step(rig.slots, rig.heard, features)
        done += 1
    after = torch.cuda.memory_stats()
    names = {"torch": "allocation.all.allocated", "driver": "num_device_alloc"}
    return {"steps": done} | {name: after[key] - before[key] for name, key in names.items()}


def figures(rig: Rig, heard: Recogniser, spoken: Sequence[Spoken], most: int, seconds: float) -> dict[str, Any]:
    """All that the chore says."""
    rng = np.random.default_rng(1)
    words = compare_words(rig, heard, spoken)
    fits, seen = streams_at_real_time(rig, most, 0.4 * seconds, rng)
    half = max(1, fits // 2)
    taken = measure(rig, half, 1_000, rng, 0.2 * seconds)
    body, search = (float(np.median([one[part] for one in taken])) for part in (0, 1))
    return {
        "words": words,
        "streams": fits,
        "steps": seen,
        "at": half,
        "p50_ms": 1e3 * percentile(taken, 0.5),
        "p99_ms": 1e3 * percentile(taken, 0.99),
        "beam_percent": 100 * search / body,
        "allocations": allocations(rig, STEPS, 0.2 * seconds, rng),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=7.0)
    parser.add_argument("--most", type=int, default=8192, help="streams to try")
    given = parser.parse_args(arguments)
    try:
        check(look())
    except DeviceError as missing:
        raise UsageError(f"this chore waits for a GPU: {missing}") from None
    import torch

    name = str(torch.cuda.get_device_name())
    heard, spoken, begun = rehearsal.recogniser(), rehearsal.recordings(40), perf_counter()
    rig = Rig(heard, features_for(spoken), "cuda", given.most, 1024)
    left = 60 * given.minutes - (perf_counter() - begun)
    found = {"device": name, "parameters": heard.body.card.parameters, "chunk_ms": rehearsal.CHUNK_MS}
    found |= {"operations": {key: one.by for key, one in choose("cuda").items()}}
    found |= figures(rig, heard, spoken, given.most, left)
    file = HERE / f"streams-{re.sub('[^a-z0-9]+', '-', name.lower())}.json"
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for row in found["steps"]:
        print("  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    for key in ("device", "words", "streams", "at", "p50_ms", "p99_ms", "beam_percent", "allocations"):
        print(key, found[key])


if __name__ == "__main__":
    try:
        main()
    except UsageError as wrong:
        raise SystemExit(str(wrong)) from None
