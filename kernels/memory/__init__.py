"""Planned memory: all that a recogniser will ever need is laid out before the first sample arrives.

Three regions, and nothing is allocated between start-up and shutdown:

    weights    read only, one blob
    lanes      working memory of the step that is running: buffers with short lives, packed into one ``Arena`` by
               ``plan``; every step and every batch size uses the same bytes again
    channels   the kept state of every stream: one slot of a ``Slab`` each, taken when it joins and given back when it
               leaves; and ``Blocks`` of fixed size for what grows with speech, which say "full" instead of growing

Contract:

    Spec(name, bytes, first, last, align)    a buffer alive from op ``first`` of a tape to op ``last``, both included
    plan(specs) -> Plan                      offsets, peak, lower bound; the same for the same specs, in any order
    plan_buckets({batch: specs}) -> Lanes    one arena for all batch sizes
    Arena(bytes).view(offset, shape, dtype)  memory taken from the system in one piece, and arrays in it
    Slab({name: (dtype, shape)}, slots)      ``acquire``, ``release``, ``view(name)`` -> (slots, *shape)
    Blocks(count, bytes)                     ``take`` -> block or None when full, ``give``
    capacity(limit, ...)                     how many streams fit, by arithmetic; exactly as many are admitted

A buffer takes up its bytes rounded up to its alignment. The lower bound is the most that is alive at once, the peak
what the plan needs; no plan can do with less than the bound, and some tapes have no plan that does with so little.

``reference`` is the truth: the least peak of a small tape, by trying every order. Nothing here imports torch until a
``gpu.DeviceArena`` is made.
"""

from kernels.memory.arena import Arena
from kernels.memory.blocks import Blocks
from kernels.memory.capacity import Capacity, capacity
from kernels.memory.errors import FullError, ReleaseError
from kernels.memory.lanes import Lanes, plan_buckets
from kernels.memory.planning import Plan, plan
from kernels.memory.slab import Slab, Slot, record_bytes
from kernels.memory.tape import Spec, lower_bound

__all__ = [
    "Arena",
    "Blocks",
    "Capacity",
    "FullError",
    "Lanes",
    "Plan",
    "ReleaseError",
    "Slab",
    "Slot",
    "Spec",
    "capacity",
    "lower_bound",
    "plan",
    "plan_buckets",
    "record_bytes",
]
