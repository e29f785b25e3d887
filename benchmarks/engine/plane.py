"""Words, delay and cost of the operating points: ``python -m benchmarks.engine.plane [--every N] [--out FOLDER]``.

Every recording is streamed in packets of 100 ms through a channel of the service, at each operating point and
max_delay. The clock is the audio itself, as it is for the channel: when a word is final tells how much audio had come,
so words and delays are exact and repeatable on any machine; only the processor time is the machine's.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recogniser.drawing import plane_plot
from benchmarks.recogniser.findings import Findings
from benchmarks.recogniser.rates import Interval, rate
from benchmarks.recogniser.recordings import NORMALISER, RATE, Recording, read_set
from engine.batched import BatchedHearing, BatchedRecogniser
from engine.channel import Channel
from engine.protocol import AudioFormat, AudioType
from engine.recogniser import RecognisedWord, Recogniser
from engine.report import Report
from engine.session_config import ENHANCED, STANDARD, SessionConfig
from engine.writing.style import Style
from harness.measures.counts import WordErrors
from harness.measures.words.alignment import word_errors
from understudy.models import resolve_model

PACKET = RATE // 10
SHIFT = 0.1  # seconds
NOTE = (
    "{} recordings, one stream at a time on one core. Finals: audio heard after a word's end when it was final. "
    "Late: more than a packet (100 ms) beyond max_delay. Moved: the search found the word too late, so that the end "
    "which is told lies more than 0.1 s after the end that it found. In brackets 95 % intervals by speaker."
)
SOUND = AudioFormat(AudioType.PCM_F32LE, RATE)


@dataclass
class Place:
    """What one operating point does at one max_delay.

    Attributes:
        delays: seconds of audio between the end of every word that came due in its recording and its final.
        late: of them, those later than max_delay and a packet.
        moved: seconds by which every word's end was told later than the search found it, so as to be in time.
    """

    point: str
    max_delay: float
    partials: bool
    counts: dict[str, WordErrors] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    late: int = 0
    moved: list[float] = field(default_factory=list)
    cpu: float = 0.0
    audio: float = 0.0

    def config(self) -> SessionConfig:
        """As a client would ask for it."""
        return SessionConfig(
            SOUND, {}, round(self.max_delay * RATE), enable_partials=self.partials, model=self.point,
            style=Style(spoken=True),
        )  # fmt: skip

    def hear(self, service: BatchedRecogniser, recording: Recording, samples: np.ndarray) -> None:
        """Add one recording."""
        begun = time.process_time()
        told, found = finals(service, self.config(), samples)
        self.cpu += time.process_time() - begun
        self.audio += len(samples) / RATE
        due = [heard - word.end for word, heard in told if word.end + self.max_delay * RATE < len(samples)]
        self.delays += [one / RATE for one in due]
        self.late += sum(one > self.max_delay * RATE + PACKET for one in due)
        self.moved += [(word.end - end) / RATE for (word, _), end in zip(told, found, strict=True)]
        said = NORMALISER.split(" ".join(word.text for word, _ in told))
        known = self.counts.get(recording.cluster, WordErrors())
        self.counts[recording.cluster] = known + word_errors(recording.words, said)

    def row(self) -> tuple[str, ...]:
        """Of the table."""
        p50, p95 = np.percentile(self.delays, [50, 95]) if self.delays else (np.nan, np.nan)
        return (
            self.point + (", partials" if self.partials else ""), f"{self.max_delay:g}", self.interval().percent(),
            f"{p50:.2f}", f"{p95:.2f}", f"{self.late} of {len(self.delays)}",
            f"{100 * np.mean(np.array(self.moved) > SHIFT):.1f} %", f"{self.cpu / self.audio:.4f}",
        )  # fmt: skip

    def data(self) -> dict[str, object]:
        """For the plot."""
        figures = {"max_delay": self.max_delay, "partials": self.partials, "cpu": self.cpu / self.audio}
        return {"name": self.point, "delay": float(np.median(self.delays)), **figures, **asdict(self.interval())}

    def interval(self) -> Interval:
        """Word error rate."""
        return rate(self.counts)


class Overheard:
    """A hearing, and where its final words ended before the channel placed them."""

    def __init__(self, hearing: BatchedHearing) -> None:
        self.hearing = hearing
        self.ends: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hearing, name)

    def finals(self, until_sample: int) -> tuple[RecognisedWord, ...]:
        """As the hearing's."""
        words = self.hearing.finals(until_sample)
        self.ends += [word.end for word in words]
        return words


def finals(
    service: BatchedRecogniser, config: SessionConfig, samples: np.ndarray
) -> tuple[list[tuple[RecognisedWord, int]], list[int]]:
    """Every final word with how many samples had come when it was told; and where the search says that it ended."""
    overheard = Overheard(service.begin(config))
    channel = Channel(overheard, config)
    told: list[tuple[RecognisedWord, int]] = []
    for at in range(0, len(samples), PACKET):
        packet = samples[at : at + PACKET]
        channel.take(packet.tobytes())
        for report in _told(service, channel, overheard.hearing):
            told += [(word, at + len(packet)) for word in report.finals]
    channel.finish()
    for report in _told(service, channel, overheard.hearing):
        told += [(word, len(samples)) for word in report.finals]
    last = service.end(overheard.hearing, channel.rest())
    told += [(word, len(samples)) for word in channel.after_end(last).finals]
    return told, [*overheard.ends, *(word.end for word in last)]


def _told(service: BatchedRecogniser, channel: Channel, hearing: BatchedHearing) -> Iterator[Report]:
    yield from channel.due()
    while channel.ready:
        service.step([hearing], [channel.next_step()])
        yield channel.news()
        yield from channel.due()


def measure(service: BatchedRecogniser, recordings: Sequence[Recording], delays: Sequence[float]) -> list[Place]:
    """Stream every recording at every place, one after another, so that the machine's moods meet all places alike."""
    places = [Place(point, delay, False) for point in service.models for delay in delays]
    places += [Place(point, delays[0], True) for point in service.models]
    for recording in recordings:
        samples = recording.samples()
        for place in places:
            place.hear(service, recording, samples)
    return places


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--standard", default="reference/3", help="serves the standard operating point")
    parser.add_argument("--enhanced", default="enhanced/1", help="serves the enhanced one, with the same body")
    parser.add_argument("--set", default="test", help="of recordings")
    parser.add_argument("--every", type=int, default=1, help="every n-th recording only")
    parser.add_argument("--delays", default="0.7,1,1.8,2,4", help="max_delay, seconds")
    parser.add_argument("--speech", type=Path, default=os.environ.get("UNDERSTUDY_SPEECH", "../shared/speech"))
    parser.add_argument("--out", type=Path, default=Path("runs/plane"))
    given = parser.parse_args(arguments)
    standard = Recogniser.load(resolve_model(given.standard))
    enhanced = Recogniser.load(resolve_model(given.enhanced), beside=standard)
    service = BatchedRecogniser(standard, enhanced)
    assert list(service.models) == [STANDARD, ENHANCED]
    recordings = read_set(given.set, Path(given.speech), given.every)
    places = measure(service, recordings, [float(text) for text in given.delays.split(",")])
    found = Findings(
        "plane", f"Words, delay and cost on {given.set}",
        ("operating point", "max_delay, s", "WER %", "final p50, s", "p95, s", "late", "moved", "CPU s per s"),
        tuple(place.row() for place in places),
        (NOTE.format(len(recordings)),),
        command=f"python -m benchmarks.engine.plane --set {given.set} --every {given.every} --delays {given.delays}",
        data={"places": [place.data() for place in places]},
    )  # fmt: skip
    found.save(given.out)
    (given.out / "plane.svg").write_text(plane_plot(found), encoding="utf-8")
    print(found.markdown())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
