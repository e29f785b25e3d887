"""The web page and its parts, read once from the package, with the headers that keep a browser to them."""

from __future__ import annotations

from functools import cache
from importlib import resources

PAGE = "/"
TYPES = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "sources.js": "text/javascript; charset=utf-8",
    "microphone.js": "text/javascript; charset=utf-8",
}
HEADERS = {
    # 'self' covers the WebSocket of the same host and port (CSP level 3).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self)",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def asset_named(path: str) -> tuple[bytes, str] | None:
    """The content and type of a part of the page, by its address; None when it is none."""
    name = "index.html" if path == PAGE else path.removeprefix("/")
    return (_read(name), TYPES[name]) if name in TYPES and path != "/index.html" else None


@cache
def _read(name: str) -> bytes:
    return (resources.files("engine.operations") / "page" / name).read_bytes()
