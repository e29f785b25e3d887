"""How the service runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """Everything an operator may choose."""

    host: str = "127.0.0.1"
    port: int = 9000  # 0 lets the system choose
    max_sessions: int = 20
    max_batch: int = 16  # streams stepped together
    queue_bytes: int = 1 << 18  # audio queued for one session before its client must wait
    max_frame_bytes: int = 4 << 20  # of one WebSocket message
    start_timeout: float = 60.0  # seconds from connecting to StartRecognition
    drain_timeout: float = 30.0  # seconds that running sessions get after a stop was asked for
