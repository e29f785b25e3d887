"""Who may come in: an API key or a token in the header, or a token in the address, as browsers must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from engine.operations.keys import KeyRing, looks_like_key
from engine.operations.tokens import TokenRule, algorithm_of
from engine.operations.visitors import ANYONE, Refusal, Visitor

_NEEDED = "give an API key or a token: Authorization: Bearer ..., or ?jwt=TOKEN from a browser"


@dataclass(frozen=True, slots=True)
class Access:
    """What is believed; with neither keys nor rules everybody may come in."""

    keys: KeyRing | None = None
    rules: tuple[TokenRule, ...] = ()

    @property
    def is_open(self) -> bool:
        """Nothing is asked of anybody."""
        return self.keys is None and not self.rules

    def judge(self, authorization: Sequence[str], query: str) -> Visitor | Refusal:
        """Admit or refuse.

        Args:
            authorization: every Authorization header of the request.
            query: of its address, without the question mark.
        """
        if self.is_open:
            return ANYONE
        headers = [value.strip() for value in authorization if value.strip()]
        if len(headers) > 1:
            return Refusal(HTTPStatus.UNAUTHORIZED, "more than one Authorization header")
        if headers:
            scheme, _, presented = headers[0].partition(" ")
            if scheme.lower() != "bearer" or not presented.strip():
                return Refusal(HTTPStatus.UNAUTHORIZED, _NEEDED)
            return self._judge_presented(presented.strip())
        given = parse_qs(query).get("jwt", [])
        if len(given) != 1:
            return Refusal(HTTPStatus.UNAUTHORIZED, _NEEDED)
        if looks_like_key(given[0]):  # addresses end up in logs and histories, where a lasting secret must not be
            reason = "an API key must not be in the address; send it as Authorization: Bearer, or get a token for it"
            return Refusal(HTTPStatus.UNAUTHORIZED, reason)
        return self._judge_token(given[0])

    def _judge_presented(self, presented: str) -> Visitor | Refusal:
        if not looks_like_key(presented):
            return self._judge_token(presented)
        key = self.keys.find(presented) if self.keys is not None else None
        if key is None:
            return Refusal(HTTPStatus.UNAUTHORIZED, "this API key is unknown here")
        if key.revoked is not None:
            return Refusal(HTTPStatus.FORBIDDEN, f"this API key was revoked on {key.revoked}")
        return Visitor(key.id, by_key=True)

    def _judge_token(self, token: str) -> Visitor | Refusal:
        named = algorithm_of(token)
        for rule in self.rules:
            if rule.algorithm == named:
                return rule.verify(token)
        return Refusal(HTTPStatus.UNAUTHORIZED, "neither an API key nor a token that is taken here")
