"""Make real traffic: a client that nobody here wrote speaks to a service through the capture tee.

``python -m understudy.traffic --out STORE`` records the sessions that ship as embedded traffic; ``understudy gate``
records fresh ones the same way. The client is the PyPI package ``speechmatics-rt`` (extra ``[client]``).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mirror.store.session import capture_paths
from mirror.store.sidecar import Sidecar, write_sidecar
from testsets import audio, encoding
from testsets.case import Case
from testsets.embedded import open_embedded
from understudy.services import service


@dataclass(frozen=True, slots=True)
class Client:
    """How one production client speaks."""

    coding: encoding.Encoding
    packet_ms: int


CLIENTS = (Client("pcm_s16le", 100), Client("mulaw", 20), Client("pcm_s16le", 250), Client("pcm_s16le", 40))


def client_installed() -> bool:
    """True when the real client can be imported."""
    return importlib.util.find_spec("speechmatics") is not None


def choose(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """Cases of different speakers, drawn by seed: mostly telephone and clean reading, never a conversation."""
    rng = np.random.default_rng(seed)
    read = [case for case in cases if case.tags.get("style") == "read" and case.tags.get("condition") != "noisy"]
    chosen: dict[str, Case] = {}
    for index in rng.permutation(len(read)):
        chosen.setdefault(read[index].unit, read[index])
    return list(chosen.values())[:count]


def record(
    cases: Sequence[Case], upstream: str, store: Path, logs: Path, told: Callable[[], None] = lambda: None
) -> None:
    """Capture one session of the real client for each case, in front of a running service.

    Args:
        cases: what the client's users say.
        upstream: URL of the service.
        store: folder that takes the captures.
        logs: folder for the tee's own output.
        told: called after each session.

    Raises:
        UsageError: the tee does not start.
    """
    store.mkdir(parents=True, exist_ok=True)
    tee = ["capture", "--listen", "127.0.0.1:0", "--upstream", upstream, "--store", str(store), "--consent-all"]
    with service(tee, logs / "capture.log") as running:
        for index, case in enumerate(cases):
            before = set(capture_paths(store))
            asyncio.run(_speak(case, CLIENTS[index % len(CLIENTS)], running.url))
            for capture in _new(store, before):
                write_sidecar(capture, Sidecar({"source": "traffic", "voice": case.unit}, case.unit))
            told()


def _new(store: Path, before: set[Path], seconds: float = 5.0) -> set[Path]:
    """The captures that came; the tee closes a file a moment after the client has gone."""
    deadline = time.monotonic() + seconds
    while not (fresh := set(capture_paths(store)) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    return fresh


async def _speak(case: Case, client: Client, url: str) -> None:
    """Send one case at the speed of speech and wait for its transcript, as a voice application does."""
    from speechmatics.rt import AsyncClient, AudioEncoding, AudioFormat, TranscriptionConfig

    samples, rate = audio.read(case.audio.path, 8_000 if client.coding == "mulaw" else case.audio.rate)
    packet = rate * client.packet_ms // 1_000
    how = AudioFormat(encoding=AudioEncoding(client.coding), sample_rate=rate, chunk_size=packet)
    config = TranscriptionConfig(language="en", enable_partials=True, max_delay=2.0)
    async with AsyncClient(api_key="rehearsal", url=url) as session:
        await session.start_session(transcription_config=config, audio_format=how)
        begin = time.monotonic()
        for number, start in enumerate(range(0, len(samples), packet), start=1):
            await session.send_audio(encoding.encode(samples[start : start + packet], client.coding))
            await asyncio.sleep(max(0.0, begin + number * packet / rate - time.monotonic()))
        await session.stop_session()


def main() -> None:
    """Record the embedded traffic again."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="reference/1")
    parser.add_argument("--sessions", type=int, default=5)
    parser.add_argument("--seed", type=int, default=2)
    given = parser.parse_args()
    cases = choose(open_embedded("rehearsal").cases, given.sessions, given.seed)
    with tempfile.TemporaryDirectory() as logs:
        arguments = ["serve", "--model", given.model, "--port", "0", "--max-sessions", "20"]
        with service(arguments, Path(logs) / "serve.log") as upstream:
            record(cases, upstream.url, given.out, Path(logs))


if __name__ == "__main__":
    main()
