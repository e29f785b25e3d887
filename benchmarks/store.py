"""A day of audio in one store: time and memory of sealing, listing (without and with the index) and verifying.

``python -m benchmarks.store --hours 24 --minutes 1`` writes a store of one-minute captures and runs each command in a
process of its own, whose peak memory the kernel tells. A second, small store gives what memory does not depend on.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from websockets.frames import Frame, Opcode

from mirror.store.format import Fact, Label, Note, Piece, Side
from mirror.store.writer import SessionWriter

RATE = 16_000
PACKET_MS = 100
REQUEST = b"GET /v2/en HTTP/1.1\r\nHost: asr\r\nUpgrade: websocket\r\n\r\n"
RESPONSE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
AUDIO = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}


def write_store(folder: Path, hours: float, minutes: float) -> int:
    """Captures of noise with a word a second; gives their number."""
    folder.mkdir()
    count = round(hours * 60 / minutes)
    packets = round(minutes * 60_000 / PACKET_MS)
    rng = np.random.default_rng(3)
    noise = (rng.standard_normal(RATE * 60) * 3_000).astype("<i2").tobytes()
    for number in range(count):
        began = 1_800_000_000 * 10**9 + number * 60 * 10**9
        _write(folder, f"{began}-{number:04d}", began, packets, noise)
    return count


def _write(folder: Path, name: str, began: int, packets: int, noise: bytes) -> None:
    writer = SessionWriter(folder, Label(name, began, "asr:9000", {"tenant": "acme"}))
    size, at = RATE * PACKET_MS // 1_000 * 2, 0

    def say(side: Side, data: bytes) -> None:
        writer.piece(Piece(side, at, data))

    say(Side.CLIENT, REQUEST)
    say(Side.SERVER, RESPONSE)
    start = {"message": "StartRecognition", "audio_format": AUDIO, "transcription_config": {"language": "en"}}
    say(Side.CLIENT, _text(start, mask=True))
    say(Side.SERVER, _text({"message": "RecognitionStarted", "id": name}))
    for number in range(packets):
        at = number * PACKET_MS * 1_000_000
        place = number * size % (len(noise) - size)
        say(Side.CLIENT, Frame(Opcode.BINARY, noise[place : place + size]).serialize(mask=True))
        say(Side.SERVER, _text({"message": "AudioAdded", "seq_no": number + 1}))
        if number % 10 == 9:
            say(Side.SERVER, _text(_word(number * PACKET_MS / 1_000)))
    say(Side.CLIENT, _text({"message": "EndOfStream", "last_seq_no": packets}, mask=True))
    say(Side.SERVER, _text({"message": "EndOfTranscript"}))
    writer.note(Note(Fact.END, at))
    writer.finish()


def _text(content: dict[str, Any], mask: bool = False) -> bytes:
    return Frame(Opcode.TEXT, json.dumps(content).encode()).serialize(mask=mask)


def _word(end: float) -> dict[str, Any]:
    best = {"content": "word", "confidence": 0.9, "language": "en"}
    result = {"type": "word", "start_time": end - 0.5, "end_time": end, "alternatives": [best]}
    meta = {"start_time": end - 0.5, "end_time": end, "transcript": "word "}
    return {"message": "AddTranscript", "metadata": meta, "results": [result]}


def measure(*arguments: str) -> dict[str, float]:
    """Wall seconds, processor seconds and peak megabytes of one command in a process of its own."""
    begin = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "understudy", "store", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"understudy store {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    seconds = used.ru_utime + used.ru_stime
    return {"wall_s": time.monotonic() - begin, "cpu_s": seconds, "peak_mb": used.ru_maxrss / 1_024}


def round_of(root: Path, hours: float, minutes: float) -> dict[str, Any]:
    """All commands over one store."""
    store = root / "store"
    count = write_store(store, hours, minutes)
    size = sum(path.stat().st_size for path in store.glob("*.mcap"))
    found: dict[str, Any] = {"hours": hours, "sessions": count, "captures_mb": size / 1e6}
    found["list"] = measure("list", str(store), "--json")
    found["list, indexed"] = measure("list", str(store), "--json")
    found["seal"] = measure("seal", str(store), "--drop", "--json")
    found["sealed_mb"] = sum(path.stat().st_size for path in store.rglob("*") if path.is_file()) / 1e6
    found["list, sealed, no index"] = measure("list", str(store), "--json", "--rebuild")
    found["verify"] = measure("verify", str(store), "--json")
    shutil.rmtree(store)
    return found


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--minutes", type=float, default=1, help="of one session")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        rounds = [round_of(Path(root), hours, given.minutes) for hours in (given.minutes * 10 / 60, given.hours)]
    print(json.dumps(rounds, indent=1))


if __name__ == "__main__":
    main()
