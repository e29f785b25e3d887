"""One live client: audio leaves in packets when it would have been spoken, and every word's arrival is timed.

It asks for the words as spoken: those that are written wait for the end of a number or a date, whoever serves them.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import websockets

RATE = 16_000
PACKET = 1_600  # samples: 100 ms


@dataclass
class Heard:
    """What one session was told, in seconds.

    Attributes:
        finals: for every final word, arrival less (end of the word + max_delay); above 0 is late.
        firsts: for every word, arrival of the partial or final that first had so many words, less the word's end.
        words: final words.
        behind: how late the client itself sent, at worst.
        failed: what went wrong; empty if nothing.
    """

    finals: list[float] = field(default_factory=list)
    firsts: list[float] = field(default_factory=list)
    words: int = 0
    behind: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every session asks for."""

    url: str
    max_delay: float
    model: str
    partials: bool = True
    mode: str = "flexible"

    def start(self) -> str:
        """StartRecognition."""
        config = {"language": "en", "max_delay": self.max_delay, "enable_partials": self.partials, "model": self.model}
        config["max_delay_mode"] = self.mode
        sound = {"type": "raw", "encoding": "pcm_s16le", "sample_rate": RATE}
        return json.dumps({"message": "StartRecognition", "audio_format": sound, "transcription_config": config})


async def listen(wanted: Wanted, pcm: np.ndarray, wait: float) -> Heard:
    """Stream a recording after a wait, and listen until its transcript has ended.

    Args:
        pcm: (n,) int16 at 16 kHz.
        wait: seconds.
    """
    heard = Heard()
    await asyncio.sleep(wait)
    try:
        async with websockets.connect(
            f"{wanted.url}?words=spoken", compression=None, max_size=None, open_timeout=60
        ) as socket:
            await socket.send(wanted.start())
            while json.loads(await socket.recv())["message"] != "RecognitionStarted":
                pass
            begun = time.monotonic()
            sender = asyncio.create_task(_send(socket, pcm, begun, heard))
            await _receive(socket, wanted, len(pcm) / RATE, begun, heard)
            await sender
    except (OSError, websockets.WebSocketException, RuntimeError) as wrong:
        heard.failed = f"{type(wrong).__name__}: {wrong}"
    return heard


async def _send(socket: websockets.ClientConnection, pcm: np.ndarray, begun: float, heard: Heard) -> None:
    for first in range(0, len(pcm), PACKET):
        part = pcm[first : first + PACKET]
        due = begun + (first + len(part)) / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        heard.behind = max(heard.behind, time.monotonic() - due)
        await socket.send(part.tobytes())
    await socket.send(json.dumps({"message": "EndOfStream", "last_seq_no": -(-len(pcm) // PACKET)}))


async def _receive(
    socket: websockets.ClientConnection, wanted: Wanted, seconds: float, begun: float, heard: Heard
) -> None:
    shown = 0
    async for text in socket:
        now = time.monotonic() - begun
        message = json.loads(text)
        kind = message["message"]
        if kind == "Error":
            raise RuntimeError(message["reason"])
        if kind == "EndOfTranscript":
            return
        if kind not in ("AddTranscript", "AddPartialTranscript"):
            continue
        ends = [part["end_time"] for part in _words(message)]
        final = kind == "AddTranscript"
        for place, end in enumerate(ends, heard.words):
            if place >= shown:
                heard.firsts.append(now - end)
            if final and end + wanted.max_delay < seconds:  # words of the last moments are due before that
                heard.finals.append(now - end - wanted.max_delay)
        shown = max(shown, heard.words + len(ends))
        heard.words += len(ends) if final else 0


def _words(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in message["results"] if part["type"] in ("word", "entity")]
