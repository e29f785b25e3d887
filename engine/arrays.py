"""Arrays in a file: a zip of them (npz) with a format number; and planes of bytes, which such a file packs better."""

from __future__ import annotations

from lzma import LZMAError
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError

Arrays = dict[str, NDArray[np.generic]]


def read_arrays(path: Path, kind: str, version: int, maker: str) -> Arrays:
    """Read all arrays of a file whose ``format`` begins with its version.

    Args:
        kind: what the file holds, for the errors.
        version: the one that is read.
        maker: the command that makes such a file.

    Raises:
        ModelError: the file is missing, damaged, or of another version.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise ModelError(str(path), f"no {kind} here; make one with {maker}") from None
    except (BadZipFile, LZMAError, ValueError, OSError, EOFError) as broken:
        raise ModelError(
            str(path), f"the {kind} is damaged ({broken}); restore it, or make it with {maker}"
        ) from broken
    found = int(arrays["format"][0]) if "format" in arrays else None
    if found != version:
        raise ModelError(str(path), f"{kind} of format {found}, this engine reads {version}; make it with {maker}")
    return arrays


def planes(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Lay all first bytes of values (n,) before all second ones: (bytes of a value, n)."""
    return np.ascontiguousarray(values.view(np.uint8).reshape(len(values), values.itemsize).T)


def joined(laid: NDArray[np.generic], kind: type[np.generic]) -> NDArray[np.generic]:
    """Undo ``planes``: values (n,) of a kind."""
    return np.ascontiguousarray(laid.T).view(kind).reshape(-1)
