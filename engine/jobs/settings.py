"""How the service of jobs runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.audio.intake import ENGINE_RATE


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Everything an operator may choose."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 9001  # 0 lets the system choose
    workers: int = 1  # recordings recognised at a time
    max_queued: int = 1_000  # jobs that wait; the next one is refused
    max_bytes: int = 1 << 30  # of one recording
    max_hours: float = 24.0  # of one recording
    retention_hours: float = 7 * 24.0  # after which a finished job is deleted
    spare_bytes: int = 64 << 20  # of the disk that uploads leave free
    max_wait: float = 60.0  # seconds that an answer is held back at most, where a client asks for it
    stall_timeout: float = 60.0  # seconds without a byte of an upload
    linger: float = 10.0  # seconds that a refused upload is still read, so that its client hears why

    @property
    def most_samples(self) -> int:
        """Of one recording, at 16 kHz."""
        return round(self.max_hours * 3_600 * ENGINE_RATE)
