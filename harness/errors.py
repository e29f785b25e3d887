"""The errors of this package: each says what is wrong, where, and what to do next."""

from __future__ import annotations


class PolicyError(ValueError):
    """A gate policy does not say what it must."""

    def __init__(self, where: str, key: str, what: str) -> None:
        self.where, self.key, self.what = where, key, what
        super().__init__(f"{where}: {key}: {what}")


class EvidenceError(ValueError):
    """What is to be judged is missing, damaged, of an unknown version, or does not match."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


class RegistryError(RuntimeError):
    """A model cannot be registered, promoted or rolled back as asked."""

    def __init__(self, message: str, outcome: str | None = None) -> None:
        self.outcome = outcome  # FAIL or HOLD where a verdict stands in the way
        super().__init__(message)
