"""The errors of this package: each says what is wrong, where, and what to do next."""


class ModelError(ValueError):
    """A model, graph or lexicon file is missing, damaged, or of a version this engine cannot read."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")


class StreamError(RuntimeError):
    """A stream was used out of order, for example stepped after its end."""


class TrainingError(ValueError):
    """A training cannot begin or go on: its settings, data, checkpoint or packages are not what they must be."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")
