"""Which slots of the kept state a batch of streams may name."""

from __future__ import annotations

from collections.abc import Sequence


def check_slots(slot: Sequence[int], slots: int) -> None:
    """Hold slots to what there is.

    Raises:
        ValueError: one does not exist, or is two streams' at once.
    """
    for place in slot:
        if not 0 <= place < slots:
            raise ValueError(f"slot {place} of {slots}; a stream over capacity is refused before it gets here")
    if len(set(slot)) < len(slot):
        raise ValueError(f"slots {sorted(slot)} hold one twice; every stream has its own")
