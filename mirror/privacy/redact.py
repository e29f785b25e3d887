"""What may be kept of a connection's heads: everything but credentials.

The stored head differs from the one that was forwarded; the forwarded bytes are never touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirror.store.handshake import Head

REDACTED = "REDACTED"

# Names are compared by fragment, so that X-Api-Key, api_key and sm-auth-token need no list of their own.
SECRET_NAME = r"auth|token|jwt|secret|passw|credential|signature|api-?_?key|cookie|session-?_?key"
# Short names that are credentials in a query, and too common elsewhere.
_SECRET_IN_QUERY = r"^key$|^sig$|^code$"
# Subprotocols are a known side door for browser clients, which cannot set headers; the others name the person behind.
_SECRET_HEADERS = frozenset({"sec-websocket-protocol", "x-forwarded-for", "forwarded", "x-real-ip"})
# A value that looks like a credential is one, whatever its name: a JWT, or a long run of letters and digits.
_SECRET_VALUE = re.compile(r"^(?:eyJ[\w-]+\..*|(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=]{24,})$")
# What the opening handshake itself needs looks random by design.
_HANDSHAKE = frozenset({"sec-websocket-key", "sec-websocket-accept"})
_PARAMETER = re.compile(r"(?P<lead>[?&;])(?P<name>[^=&;\s#]+)=(?P<value>[^&;\s#]*)")
_SECRET = re.compile(SECRET_NAME, re.I)
_SECRET_PARAMETER = re.compile(f"{SECRET_NAME}|{_SECRET_IN_QUERY}", re.I)


@dataclass(frozen=True, slots=True)
class Names:
    """What an installation calls private, beside what everybody does; names are compared without case."""

    headers: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()  # of a query
    fields: frozenset[str] = frozenset()  # of JSON


NO_NAMES = Names()


def redact(head: Head, names: Names = NO_NAMES) -> Head:
    """The head with every credential replaced by ``REDACTED``, in headers and in the query of any URL."""
    headers = tuple((name, _header(name, value, names)) for name, value in head.headers)
    return Head(redact_url(head.first_line, names), headers)


def redact_url(text: str, names: Names = NO_NAMES) -> str:
    """Text with the credentials in the query of every URL in it replaced."""

    def parameter(match: re.Match[str]) -> str:
        secret = is_secret_parameter(match["name"], names) or _SECRET_VALUE.match(match["value"])
        return f"{match['lead']}{match['name']}={REDACTED if secret else match['value']}"

    return _PARAMETER.sub(parameter, text)


def is_secret_parameter(name: str, names: Names = NO_NAMES) -> bool:
    """True for a query parameter that holds a credential."""
    return name.lower() in names.parameters or _SECRET_PARAMETER.search(name) is not None


def _header(name: str, value: str, names: Names) -> str:
    lower = name.lower()
    if lower in _HANDSHAKE:
        return value
    known = lower in _SECRET_HEADERS or lower in names.headers
    if known or _SECRET.search(lower) or _SECRET_VALUE.match(value):
        return REDACTED
    return redact_url(value, names)
