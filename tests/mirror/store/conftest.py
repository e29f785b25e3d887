"""Captures made without a network: what a recorder would have written of a small session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.frames import Frame, Opcode

from mirror.store.format import Fact, Label, Note, Piece, Side
from mirror.store.writer import SessionWriter
from testsets.encoding import encode

SECOND = 1_000_000_000
BEGAN = 1_800_000_000 * SECOND
REQUEST = b"GET /v2/en HTTP/1.1\r\nHost: asr\r\nUpgrade: websocket\r\nAuthorization: REDACTED\r\n\r\n"
RESPONSE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
RATE = 16_000


def message(content: dict[str, Any] | bytes, mask: bool) -> bytes:
    """One WebSocket message."""
    if isinstance(content, bytes):
        return Frame(Opcode.BINARY, content).serialize(mask=mask)
    return Frame(Opcode.TEXT, json.dumps(content).encode()).serialize(mask=mask)


def started(encoding: str, language: str) -> dict[str, Any]:
    audio = {"type": "raw", "encoding": encoding, "sample_rate": RATE}
    return {"message": "StartRecognition", "audio_format": audio, "transcription_config": {"language": language}}


def final(number: int, speaker: str) -> dict[str, Any]:
    """The answer to one packet of 100 ms: one word."""
    start, end = number / 10, (number + 1) / 10
    best = {"content": f"word{number}", "confidence": 0.5, "language": "en", "speaker": speaker}
    result = {"type": "word", "start_time": start, "end_time": end, "alternatives": [best]}
    meta = {"start_time": start, "end_time": end, "transcript": f"word{number} "}
    return {"message": "AddTranscript", "format": "2.9", "metadata": meta, "results": [result]}


@pytest.fixture
def make_capture(tmp_path: Path) -> Callable[..., Path]:
    """Writes one session file and gives its path."""

    def make(
        name: str = "20270115T080000.000000000Z-0001",
        packets: int = 3,
        encoding: Any = "pcm_s16le",
        language: str = "en",
        began_utc_ns: int = BEGAN,
        tags: dict[str, str] | None = None,
        key: Any = None,
        store: Path | None = None,
        finish: bool = True,
        audio: bytes | None = None,
    ) -> Path:
        folder = store or tmp_path / "store"
        folder.mkdir(exist_ok=True)
        values = np.random.default_rng(5).integers(-20_000, 20_000, packets * 1_600) / np.float32(32_768)
        sent = encode(values.astype(np.float32), encoding) if audio is None else audio
        size = max(1, len(sent) // max(1, packets))
        writer = SessionWriter(folder, Label(name, began_utc_ns, "asr:9000", tags or {}), key)
        rows: list[tuple[Side, bytes]] = [
            (Side.CLIENT, REQUEST),
            (Side.SERVER, RESPONSE),
            (Side.CLIENT, message(started(encoding, language), True)),
            (Side.SERVER, message({"message": "RecognitionStarted", "id": "x"}, False)),
        ]
        for number in range(packets):
            rows.append((Side.CLIENT, message(sent[number * size : (number + 1) * size], True)))
            rows.append((Side.SERVER, message({"message": "AudioAdded", "seq_no": number + 1}, False)))
            rows.append((Side.SERVER, message(final(number, f"S{number % 2 + 1}"), False)))
        rows.append((Side.CLIENT, message({"message": "EndOfStream", "last_seq_no": 0}, True)))
        rows.append((Side.SERVER, message({"message": "EndOfTranscript"}, False)))
        for number, (side, data) in enumerate(rows):
            writer.piece(Piece(side, number * SECOND // 100, data))
        if finish:
            writer.note(Note(Fact.END, len(rows) * SECOND // 100))
            writer.finish()
        else:
            writer.abandon()
        return writer.path

    return make
