"""What may be kept of a connection's opening: everything but credentials.

The stored head differs from the one that was forwarded; the forwarded bytes are never touched.
"""

from __future__ import annotations

import re

from mirror.store.handshake import Head

REDACTED = "REDACTED"

# Names are compared by fragment, so that X-Api-Key, api_key and sm-auth-token need no list of their own.
_SECRET_NAME = re.compile(r"auth|token|jwt|secret|passw|credential|signature|api-?_?key|cookie|session-?_?key", re.I)
_SECRET_PARAMETER = re.compile(rf"(?:{_SECRET_NAME.pattern}|^key$|^sig$|^code$)", re.I)
# Subprotocols are a known side door for browser clients, which cannot set headers; the others name the person behind.
_SECRET_HEADERS = frozenset({"sec-websocket-protocol", "x-forwarded-for", "forwarded", "x-real-ip"})
# A value that looks like a credential is one, whatever its name: a JWT, or a long run of letters and digits.
_SECRET_VALUE = re.compile(r"^(?:eyJ[\w-]+\..*|(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=]{24,})$")
# What the opening handshake itself needs looks random by design.
_HANDSHAKE = frozenset({"sec-websocket-key", "sec-websocket-accept"})
_PARAMETER = re.compile(r"(?P<lead>[?&;])(?P<name>[^=&;\s#]+)=(?P<value>[^&;\s#]*)")


def redact(head: Head) -> Head:
    """The head with every credential replaced by ``REDACTED``, in headers and in the query of any URL."""
    headers = tuple((name, _header(name, value)) for name, value in head.headers)
    return Head(redact_url(head.first_line), headers)


def redact_url(text: str) -> str:
    """Text with the credentials in the query of every URL in it replaced."""
    return _PARAMETER.sub(_parameter, text)


def _header(name: str, value: str) -> str:
    lower = name.lower()
    if lower in _HANDSHAKE:
        return value
    if lower in _SECRET_HEADERS or _SECRET_NAME.search(lower) or _SECRET_VALUE.match(value):
        return REDACTED
    return redact_url(value)


def _parameter(match: re.Match[str]) -> str:
    secret = _SECRET_PARAMETER.search(match["name"]) or _SECRET_VALUE.match(match["value"])
    return f"{match['lead']}{match['name']}={REDACTED if secret else match['value']}"
