"""The errors of this package: each says what is wrong, where, and what to do next."""


class FormatError(ValueError):
    """A file does not follow its format. The message is ``path:line: what; what to do``."""

    def __init__(self, where: str, what: str, line: int | None = None) -> None:
        self.where, self.line, self.what = where, line, what
        super().__init__(f"{where}:{line}: {what}" if line is not None else f"{where}: {what}")


class AudioError(ValueError):
    """Audio is missing, unreadable or not what the manifest says it is."""

    def __init__(self, path: str, what: str) -> None:
        self.path, self.what = path, what
        super().__init__(f"{path}: {what}")
