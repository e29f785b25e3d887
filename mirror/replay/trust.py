"""Whose certificates are believed: the system's authorities, or those that SSL_CERT_FILE and SSL_CERT_DIR name."""

from __future__ import annotations

import os
import ssl
from functools import cache


def authorities() -> ssl.SSLContext:
    """One context for all sessions: reading the authorities takes as long as a packet may be late."""
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _read(file: str | None, folder: str | None) -> ssl.SSLContext:
    return ssl.create_default_context()  # which looks at both variables itself
