"""What a recording costs as a job: ``python -m benchmarks.recordings [--minutes 10] [--model M] [--enhanced E]``.

Embedded rehearsal recordings, half a second apart, in one FLAC file, heard by each operating point on one thread as
``understudy jobs`` hears it. Processor time is told beside wall time, since other programs may run; memory is what the
process grew by after the first block of ten seconds, for half as many minutes and for all of them.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import soundfile

from benchmarks.engine.__main__ import speech
from engine.audio.intake import ENGINE_RATE
from engine.jobs.audio import Samples, blocks
from engine.jobs.offline import OfflineRecogniser
from engine.jobs.recognition import recognise
from engine.protocol import AudioFormat, AudioType
from engine.recogniser import Recogniser
from engine.session_config import SessionConfig
from understudy.models import resolve_model

CONFIG = SessionConfig(AudioFormat(AudioType.FILE, None), {})


@dataclass(frozen=True, slots=True)
class Cost:
    """One recording heard by one operating point."""

    operating_point: str
    minutes: float
    words: int
    cpu_for_an_hour: float  # seconds of processor time for an hour of audio
    wall_for_an_hour: float
    times_real_time: float  # audio by processor time
    grown_mib: float  # of resident memory from the first block to the last


def hear(point: str, recogniser: OfflineRecogniser, path: Path) -> Cost:
    """Hear a file as a job does."""
    resident: list[int] = []

    def watched() -> Iterator[Samples]:
        for block in blocks(path):
            yield block
            resident.append(_resident_kib())

    cpu, wall = time.process_time(), time.monotonic()
    heard = recognise(watched(), lambda: recogniser.begin(CONFIG), 1 << 40, lambda: True)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    hours = heard.samples / ENGINE_RATE / 3_600
    return Cost(
        point, round(hours * 60, 2), sum(len(channel.words) for channel in heard.channels), round(cpu / hours, 1),
        round(wall / hours, 1), round(hours * 3_600 / cpu, 1), round((max(resident) - resident[0]) / 1_024, 1),
    )  # fmt: skip


def _resident_kib() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def main() -> None:
    """Measure and print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--model", default="reference/latest")
    parser.add_argument("--enhanced", default="enhanced/latest")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{part}.flac" for part in ("half", "whole")]
        for path, minutes in zip(paths, (given.minutes / 2, given.minutes), strict=True):
            soundfile.write(path, speech(60 * minutes, seed=1), ENGINE_RATE)
        for point, model in (("standard", given.model), ("enhanced", given.enhanced)):
            recogniser = OfflineRecogniser(Recogniser.load(resolve_model(model)))
            for path in paths:
                print(json.dumps(asdict(hear(point, recogniser, path))), flush=True)


if __name__ == "__main__":
    main()
