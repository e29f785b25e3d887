"""What goes wrong with jobs: refused by the service, not audio, or a store that cannot be used."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is answered with an error of the API."""

    def __init__(self, code: int, error: str, detail: str = "") -> None:
        self.code, self.error, self.detail = code, error, detail
        super().__init__(f"{code} {error}: {detail}" if detail else f"{code} {error}")

    @property
    def body(self) -> dict[str, object]:
        """The JSON object of the answer."""
        told: dict[str, object] = {"code": self.code, "error": self.error}
        return {**told, "detail": self.detail} if self.detail else told


class AudioError(ValueError):
    """A file cannot be read as audio; the message says why and what to send."""


class StoreError(ValueError):
    """A data folder is in use, or was written by a version that this one cannot read."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")
