"""The error of this package: what is wrong with what an operator gave, and what to do next."""


class OperationsError(ValueError):
    """A key file, a certificate or a cost table cannot be used."""

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        super().__init__(f"{where}: {what}")
