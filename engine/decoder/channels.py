"""The kept state of all searches of one decoder: channels that streams join, leave and use again."""

from __future__ import annotations

import numpy as np

from engine.slabs import Slabs
from kernels.memory import Slab, Slot
from kernels.token_passing.memory import RECORD, SIDE, TOKEN, Channel

COUNTERS = 8


def search_channels(tokens: int, records: int, sides: int) -> Slabs[Channel]:
    """Channels of the sizes that ``kernels.token_passing.memory.new_channel`` takes, none so far."""
    kept = {
        "counters": (np.dtype(np.int64), COUNTERS),
        "offset": (np.dtype(np.float64), 1),
        "tokens": (TOKEN, tokens),
        "records": (RECORD, records),
        "sides": (SIDE, sides),
    }

    def view(slab: Slab, slot: Slot) -> Channel:
        return Channel(**{name: slab.view(name)[slot].view(kind) for name, (kind, _) in kept.items()})

    # As bytes: zeros of structures are written field by field, which takes forty times as long.
    return Slabs({name: (np.uint8, (kind.itemsize * size,)) for name, (kind, size) in kept.items()}, view)
