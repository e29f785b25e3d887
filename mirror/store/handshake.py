"""The HTTP head that opens every connection: taken apart, and what it says about the WebSocket that follows."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the headers of an HTTP request or response, as sent."""

    first_line: str
    headers: tuple[tuple[str, str], ...] = ()  # (name, value) in order

    def get(self, name: str) -> str | None:
        """All values of a header joined by commas, or None; names are compared without case."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def target(self) -> str:
        """The request's path and query, or an empty string."""
        parts = self.first_line.split(" ")
        return parts[1] if len(parts) == 3 and parts[2].startswith("HTTP/") else ""

    @property
    def asks_upgrade(self) -> bool:
        """True for a request that asks to become a WebSocket."""
        return "websocket" in (self.get("upgrade") or "").lower()

    @property
    def status(self) -> int | None:
        """The status code of a response, None for a request."""
        parts = self.first_line.split(" ", 2)
        return int(parts[1]) if len(parts) >= 2 and parts[0].startswith("HTTP/") and parts[1].isdigit() else None

    def encode(self) -> bytes:
        lines = [self.first_line, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1") + HEAD_END


def parse_head(data: bytes) -> Head | None:
    """The head, given everything up to and including its blank line; None when this is no HTTP.

    Source: RFC 9112 section 2; folded lines (obsolete) are refused.
    """
    first, *rest = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    if "HTTP/" not in first:
        return None
    headers = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon or not name or name[0].isspace():
            return None
        headers.append((name, value.strip()))
    return Head(first, tuple(headers))
