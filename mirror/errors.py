"""The errors of this package: each says what is wrong, where, and what to do next."""


class CaptureError(OSError):
    """The tee cannot start: its address, its upstream's address or its store is unusable."""


class StoreError(ValueError):
    """A stored session, or a whole store, cannot be read. The message is ``path: what; what to do``."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


class ReplayError(ConnectionError):
    """The endpoint does not answer, or does not speak the wire that was asked for."""

    def __init__(self, url: str, what: str) -> None:
        self.url, self.what = url, what
        super().__init__(f"{url}: {what}")
