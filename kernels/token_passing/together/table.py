"""The hash table in which a lane gathers candidates by position: claimed place by place, emptied where it was used."""

from __future__ import annotations

from kernels.compiled import inlined, uncounted_inner
from kernels.token_passing.alone import barrier, fetch_add, swap, thread, threads
from kernels.token_passing.batch import BEST, CLAIMED, FULL, HIGHEST, I32, I64, KEPT, LEADER, NOTHING, WAITING, Lanes

_SPREAD = 0x9E3779B1  # multiplicative hash by Knuth


@uncounted_inner
def reset(control: I64) -> None:
    """Begin a frame of a lane: nothing claimed, waiting or kept."""
    barrier()
    if thread() == 0:
        control[CLAIMED] = control[WAITING] = control[KEPT] = control[HIGHEST] = control[FULL] = 0
        control[BEST] = control[LEADER] = NOTHING
    barrier()


@uncounted_inner
def empty(lanes: Lanes, lane: int) -> None:
    """Empty the hash table: where it was used, or all of it if that is not known."""
    control, keys, best, queued = lanes.control[lane], lanes.keys[lane], lanes.best[lane], lanes.queued[lane]
    whole = control[FULL] != 0
    count = len(keys) if whole else control[CLAIMED]
    for place in range(thread(), count, threads()):
        slot = place if whole else lanes.claimed[lane, place]
        keys[slot], best[slot], queued[slot] = -1, NOTHING, 0


@inlined
def claim(control: I64, keys: I32, claimed: I32, position: int, limit: int) -> int:
    """The place of a position in the table; -1 when ``limit`` places are in use."""
    mask = len(keys) - 1
    slot = ((position * _SPREAD) >> 7) & mask
    for _ in range(len(keys)):
        held = keys[slot]
        if held == -1:
            held = swap(keys, slot, -1, position)
            if held == -1:
                place = fetch_add(control, CLAIMED, 1)
                if place < limit:
                    claimed[place] = slot
                    return slot
                break
        if held == position:
            return slot
        slot = (slot + 1) & mask
    control[FULL] = 1
    return -1
