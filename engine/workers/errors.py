"""The error of this package."""


class WorkerError(RuntimeError):
    """The workers cannot serve."""
