"""pocketsphinx with its own English model on the same audio, in a process of its own; what it said is kept by audio.

``python -m benchmarks.recogniser.peer --speech DIR --kept DIR SET ...`` hears what was not heard before; it may be
stopped at any time, and what it heard by then is a fair sample. Its settings are its makers': default language model
and dictionary, whole utterances (so that its mean normalisation sees all of each).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recogniser.recordings import NORMALISER, SETS, Recording, read_set

NAME = "pocketsphinx"


@dataclass(frozen=True, slots=True)
class PeerHeard:
    """What the peer said, and the CPU time it took."""

    text: str
    seconds: float

    @property
    def said(self) -> tuple[str, ...]:
        """Its words, normalised as ours are."""
        return NORMALISER.split(self.text)


def version() -> str:
    """The installed version."""
    return metadata.version(NAME)


def kept_file(folder: Path) -> Path:
    """Where a version's hypotheses are kept."""
    return folder / f"{NAME}-{version()}.jsonl"


def known(folder: Path) -> dict[str, PeerHeard]:
    """Everything that the peer has said so far, by the key of its audio."""
    path = kept_file(folder)
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}"))
    return {line["key"]: PeerHeard(line["text"], line["seconds"]) for line in lines}


def scattered(recordings: Sequence[Recording]) -> list[Recording]:
    """In an order whose every beginning is a fair sample: by fractional parts of multiples of the golden ratio."""
    places = sorted(range(len(recordings)), key=lambda place: (place + 1) * 0.6180339887498949 % 1)
    return [recordings[place] for place in places]


def _hear(decoder: Any, recording: Recording) -> PeerHeard:
    pcm = np.clip(np.rint(recording.samples() * 32_768), -32_768, 32_767).astype(np.int16)
    begin = time.process_time()
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    best = decoder.hyp()
    return PeerHeard("" if best is None else best.hypstr, time.process_time() - begin)


def main() -> None:
    """Hear sets, or what is left of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", choices=[name for name in SETS if name != "longform"])
    parser.add_argument("--speech", type=Path, required=True, help="the speech data pack")
    parser.add_argument("--kept", type=Path, required=True, help="folder of what the peer said")
    parser.add_argument("--every", type=int, default=1, help="every n-th recording only")
    asked = parser.parse_args()

    from pocketsphinx import Decoder  # type: ignore[import-untyped]

    asked.kept.mkdir(parents=True, exist_ok=True)
    decoder = Decoder(loglevel="ERROR")
    done = known(asked.kept)
    for name in asked.sets:
        recordings = scattered(read_set(name, asked.speech, asked.every))
        for place, recording in enumerate(recordings):
            if recording.key in done:
                continue
            found = done[recording.key] = _hear(decoder, recording)
            line = {"key": recording.key, "id": recording.id, "text": found.text, "seconds": round(found.seconds, 3)}
            with kept_file(asked.kept).open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            print(f"\r{name}: {place + 1} of {len(recordings)}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
