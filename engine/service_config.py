"""How the service runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


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
    stall_timeout: float = 30.0  # seconds of one engine step after which the service is no longer live
    retry_after: int = 5  # seconds, told to whoever finds the service full
    token_seconds: int = 300  # that a token handed to a browser is good
    tls_certificate: Path | None = None  # PEM, with its chain
    tls_key: Path | None = None  # PEM
    keys_file: Path | None = None  # API keys
    key_digests: tuple[str, ...] = ()  # SHA-256 in hex of more API keys
    jwt_secret: bytes | None = field(default=None, repr=False)  # of HS256 tokens
    jwt_public_key: Path | None = None  # PEM, of RS256 tokens
    jwt_audience: str | None = None  # that every token must name
