"""Arrays over plain addresses, in compiled code: nothing is counted, nothing is allocated, nothing is passed along."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from kernels.compiled import inner

F32 = NDArray[np.float32]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]


def _pointer_to(kind: Any) -> Any:
    pointer_type: Any = types.CPointer(kind)  # type: ignore[attr-defined]

    def pointer(context: Any, address: Any) -> Any:
        def emit(target: Any, builder: Any, signature: Any, given: Any) -> Any:
            return builder.inttoptr(given[0], target.get_value_type(signature.return_type))

        return pointer_type(types.int64), emit

    return intrinsic(pointer)


def _apart(typing: Any) -> Any:
    """Keep the function that calls this in one piece: it is compiled once, not again into each of its callers."""

    def emit(target: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.function.attributes.add("noinline")
        return target.get_dummy_value()

    return types.void(), emit


apart = intrinsic(_apart)


_float, _short, _long = _pointer_to(types.float32), _pointer_to(types.int16), _pointer_to(types.int64)


@inner
def floats(address: int, rows: int, columns: int) -> F32:
    """(rows, columns) float32 at an address."""
    made: F32 = carray(_float(address), (rows, columns))
    return made


@inner
def vector(address: int, count: int) -> F32:
    """(count,) float32 at an address."""
    made: F32 = carray(_float(address), (count,))
    return made


@inner
def shorts(address: int, count: int) -> I16:
    """(count,) int16 at an address."""
    made: I16 = carray(_short(address), (count,))
    return made


@inner
def longs(address: int, count: int) -> I64:
    """(count,) int64 at an address."""
    made: I64 = carray(_long(address), (count,))
    return made
