"""Floats as the integers that their bits are, and back, in compiled code."""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import intrinsic


def _cast(made: Any, given: Any) -> Any:
    def cast(typing: Any, value: Any) -> Any:
        def emit(target: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.bitcast(values[0], target.get_value_type(made))

        return made(given), emit

    return intrinsic(cast)


bits_of = _cast(types.int32, types.float32)
float_of = _cast(types.float32, types.int32)
