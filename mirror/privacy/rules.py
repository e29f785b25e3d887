"""``capture.toml``: whose traffic may be kept, how much of it, and for whom it is sealed.

Nothing is captured by default: a session is kept only when its tenant consented and the lot fell on it.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from annotated_types import Ge, Gt, Le

from mirror.errors import CaptureError
from mirror.privacy.redact import Names, is_secret_parameter
from mirror.store.handshake import Head

if TYPE_CHECKING:
    from pydantic import ConfigDict, ValidationError

_STRICT: Any = {"extra": "forbid", "strict": False}

Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, slots=True)
class Tenant:
    """Somebody who consented."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    token_sha256: tuple[str, ...] = ()  # lower-case hex digests of the tokens with which the tenant's clients come
    share: Share | None = None  # of its sessions; None means the share of everybody


@dataclass(frozen=True, slots=True)
class ConsentHeader:
    """A header by which a client, or the gateway before us, says that this session may be kept."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    value: str
    tenant: str | None = None  # header that names the tenant


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one session is kept; what comes after is forwarded only."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    seconds: Annotated[float, Gt(0)] = 4 * 3_600.0
    megabytes: Annotated[float, Gt(0)] = 1_000.0


@dataclass(frozen=True, slots=True)
class Private:
    """Names that are private here, beside those that sound so everywhere."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    headers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """A session may be kept."""

    tenant: str | None  # None when consent names nobody

    @property
    def tags(self) -> Mapping[str, str]:
        return {} if self.tenant is None else {"tenant": self.tenant}


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be kept; the fields are the tables of ``capture.toml``."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    consent: ConsentHeader | None = None
    share: Share = 1.0  # of the sessions that consented
    limits: Limits = Limits()
    private: Private = Private()
    recipients: tuple[str, ...] = ()  # age public keys; empty stores in the clear
    consent_of_all: bool = False  # never from a file: for one's own traffic only

    @property
    def keeps_nothing(self) -> bool:
        """True when nobody has consented."""
        return not (self.consent_of_all or self.consent or any(t.token_sha256 for t in self.tenants.values()))

    @property
    def names(self) -> Names:
        own = (self.private.headers, self.private.parameters, self.private.fields)
        return Names(*(frozenset(name.lower() for name in some) for some in own))

    def admit(self, head: Head, session: str) -> Admission | None:
        """Whether a session may be kept, by its opening request; None when it may not.

        Args:
            head: the client's first head, as it was sent.
            session: the session's name, which draws its lot: the same name is always decided alike.
        """
        found = self._consented(head)
        if found is None:
            return None
        tenant = self.tenants.get(found.tenant) if found.tenant is not None else None
        share = self.share if tenant is None or tenant.share is None else tenant.share
        return found if lot(session) < share else None

    def _consented(self, head: Head) -> Admission | None:
        digests = {digest: name for name, tenant in self.tenants.items() for digest in tenant.token_sha256}
        if digests:
            for token in tokens(head):
                name = digests.get(hashlib.sha256(token.encode()).hexdigest())
                if name is not None:
                    return Admission(name)
        asked = self.consent
        if asked is not None and (head.get(asked.name) or "").strip().lower() == asked.value.lower():
            return Admission(head.get(asked.tenant) if asked.tenant else None)
        return Admission(None) if self.consent_of_all else None


NOTHING = Rules()


EVERYTHING = Rules(consent_of_all=True)


def lot(session: str) -> float:
    """The session's lot in [0, 1), the same wherever and whenever it is drawn."""
    return int.from_bytes(hashlib.sha256(session.encode()).digest()[:7], "big") / 2**56


def tokens(head: Head) -> Iterator[str]:
    """Everything in a request that may be its credential, in any place that a known client puts it."""
    for name, value in head.headers:
        lower = name.lower()
        if lower in ("authorization", "x-api-key", "xi-api-key", "api-key"):
            yield value.rpartition(" ")[2]
        elif lower == "sec-websocket-protocol":
            for item in value.split(","):
                yield item.strip().removeprefix("openai-insecure-api-key.")
    for name, value in parse_qsl(urlsplit(head.target).query):
        if is_secret_parameter(name):
            yield value


def read_rules(path: Path) -> Rules:
    """The rules in a file.

    Raises:
        CaptureError: it cannot be read or is no ``capture.toml``; file and key are named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureError(f"{path}: cannot be read ({error}); give the path of a capture.toml") from None
    return parse_rules(text, str(path))


def parse_rules(text: str, where: str) -> Rules:
    """Rules from the text of their file.

    Raises:
        CaptureError: not TOML, an unknown key, or a value of the wrong type or range; file and key are named.
    """
    from pydantic import TypeAdapter, ValidationError

    from mirror.privacy.keys import parse_recipients

    try:
        plain = tomllib.loads(text)
        if "consent_of_all" in plain:
            raise CaptureError(f"{where}: consent_of_all: cannot be said in a file; name who consented")
        rules = TypeAdapter(Rules).validate_python(plain)
    except tomllib.TOMLDecodeError as error:
        raise CaptureError(f"{where}: not TOML: {error}") from None
    except ValidationError as error:
        raise CaptureError(f"{where}: {_spoken(error)}") from None
    for name, tenant in rules.tenants.items():
        for digest in tenant.token_sha256:
            if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
                what = f"tenants.{name}.token_sha256: {digest[:8]!r}... is no SHA-256 in lower-case hex"
                raise CaptureError(f"{where}: {what}; give `printf %s TOKEN | sha256sum`, never the token itself")
    if rules.recipients:
        parse_recipients(rules.recipients)
    return rules


def _spoken(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        close = difflib.get_close_matches(str(first["loc"][-1]), _KEYS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "docs/capture.md lists them all"
        return f"{key}: unknown key; {hint}"
    if first["type"].startswith("missing"):
        return f"{key}: is missing; docs/capture.md shows every key"
    return f"{key}: {first['msg'][:1].lower()}{first['msg'][1:]}, got {repr(first.get('input'))[:60]}"


_KEYS = [f.name for cls in (Rules, Tenant, ConsentHeader, Limits, Private) for f in fields(cls)]
