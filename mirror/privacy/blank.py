"""Credentials in what is said inside a session: blanked where they stand, so that not one byte moves.

Only values of names that sound secret go, and tokens of a known shape; speech, words and numbers stay. The text need
not be whole: a match depends on what stands beside it and on nothing before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from mirror.privacy.redact import NO_NAMES, SECRET_NAME, Names

# One of these is in every text that has anything to blank; looking for them costs next to nothing.
_HINTS = (b"auth", b"token", b"jwt", b"secret", b"passw", b"credential", b"signature", b"api", b"cookie", b"session",
          b"eyj", b"sk-", b"ek_", b"rk_")  # fmt: skip
_SHAPES = re.compile(rb'"(eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|[ser]k[-_][\w-]{16,})"')
_QUERY = re.compile(rb"[?&][\w.-]{0,40}(?:" + SECRET_NAME.encode() + rb")[\w.-]{0,40}=([^&\"\s\\]+)", re.I)
_STRING = rb'"((?:[^"\\]|\\.)*)"'
_TOKEN = re.compile(_STRING + rb"|[\[\]{}]", re.S)
_BLANK = b"*"


class Blanker:
    """Blanks the credentials in JSON text, whatever is around it.

    Args:
        names: fields that are private beside those that sound so.
    """

    def __init__(self, names: Names = NO_NAMES) -> None:
        own = sorted(name.lower().encode() for name in names.fields)
        self._hints = (*_HINTS, *own)
        sounding = rb"[^\"\\]{0,64}?(?:" + SECRET_NAME.encode() + rb")[^\"\\]{0,64}"
        exact = [re.escape(name) for name in own]
        self._field = re.compile(rb'"(?:' + b"|".join([sounding, *exact]) + rb')"\s*:\s*(?=["\[{])', re.I)

    def blanked(self, text: bytes) -> bytes:
        """The text, of the same length, with every credential in it overwritten by asterisks."""
        lower = text.lower()
        if not any(hint in lower for hint in self._hints):
            return text
        found = bytearray(text)
        _overwrite(found, (match.span(1) for match in _SHAPES.finditer(text)))
        _overwrite(found, (match.span(1) for match in _QUERY.finditer(text)))
        for field in self._field.finditer(text):
            _overwrite(found, _values(text, field.end()))
        return bytes(found)


def _values(text: bytes, begin: int) -> Iterable[tuple[int, int]]:
    """Where the strings of the value at ``begin`` stand; names of fields inside it stay."""
    depth = 0
    for token in _TOKEN.finditer(text, begin):
        if token.group(1) is not None:
            if not text[token.end() : token.end() + 8].lstrip().startswith(b":"):
                yield token.span(1)
        else:
            depth += 1 if token.group() in b"[{" else -1
        if depth <= 0:
            return


def _overwrite(text: bytearray, spans: Iterable[tuple[int, int]]) -> None:
    for start, end in spans:
        text[start:end] = _BLANK * (end - start)


Blank = Callable[[bytes], bytes]  # of the same length
