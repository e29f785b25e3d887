"""Where the recogniser listens, and how the tee speaks TLS on either side."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mirror.errors import CaptureError

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where the recogniser listens; its path is only told to clients, because bytes are never rewritten."""

    scheme: str  # as given: ws, wss, http, https
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """True when it is spoken to by TLS."""
        return self.scheme in ("wss", "https")

    def url_at(self, host: str, port: int, secure: bool) -> str:
        """What a client connects to instead, where the tee listens at host and port."""
        scheme = self.scheme[: 2 if self.scheme.startswith("ws") else 4] + ("s" if secure else "")
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{self.path}"


def parse_upstream(url: str) -> Upstream:
    """Take a ``ws://host:port/path`` (or wss, http, https) apart.

    Raises:
        CaptureError: another scheme, or no host.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        what = "no address of a recogniser; give ws://HOST:PORT/PATH (or wss://, http://, https://)"
        raise CaptureError(f"upstream {url!r}: {what}")
    try:
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    except ValueError:
        host, port = None, 0
    if not host:
        raise CaptureError(f"upstream {url!r}: no host or a bad port; give {parts.scheme}://HOST:PORT/PATH")
    return Upstream(parts.scheme, host, port, parts.path)


def client_tls(authority: Path | None = None) -> ssl.SSLContext:
    """How to speak to an upstream by TLS: its certificate is always verified.

    Args:
        authority: certificates to trust instead of the system's.

    Raises:
        CaptureError: the file holds no certificates.
    """
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise CaptureError(f"{authority}: no certificates in PEM form ({error}); correct --upstream-ca") from None


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """How clients speak to the tee by TLS.

    Raises:
        CaptureError: the files are no certificate chain and its key.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise CaptureError(f"{certificate}, {key}: no certificate and key in PEM form ({error})") from None
    # WebSockets need HTTP/1.1, and bytes are never translated.
    context.set_alpn_protocols(["http/1.1"])
    return context
