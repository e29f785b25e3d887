"""The errors of this package: each says what is wrong, where, and what to do next."""

_LONGEST = 400  # characters of a message: a line of 10 MB is not repeated whole
_HEAD, _TAIL = 200, 150  # what is kept of a longer one: what is wrong, and what to do


class FormatError(ValueError):
    """A file does not follow its format. The message is ``path:line: what; what to do``."""

    def __init__(self, where: str, what: str, line: int | None = None) -> None:
        what = _short(what)
        self.where, self.line, self.what = where, line, what
        super().__init__(f"{where}:{line}: {what}" if line is not None else f"{where}: {what}")


class AudioError(ValueError):
    """Audio is missing, unreadable or not what the manifest says it is."""

    def __init__(self, path: str, what: str) -> None:
        path, what = _short(path), _short(what)
        self.path, self.what = path, what
        super().__init__(f"{path}: {what}")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_HEAD]} [...] {text[-_TAIL:]}"
