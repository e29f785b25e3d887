"""How many streams fit into a limit: arithmetic before start-up, so that overload is a refusal and never a failure."""

from __future__ import annotations

from dataclasses import dataclass

GRAIN = 4096  # bytes that systems give memory out in


@dataclass(frozen=True, slots=True)
class Capacity:
    """The regions of a recogniser's memory, in bytes, and how many streams they hold.

    Attributes:
        limit: that must not be exceeded.
        weights: of the network, packed.
        lanes: working memory, the peak of the largest planned batch.
        blocks: of lattices, for all streams together.
        record: kept state of one stream.
        streams: that can be admitted.
    """

    limit: int
    weights: int
    lanes: int
    blocks: int
    record: int
    streams: int

    @property
    def bytes(self) -> int:
        """Taken at start-up, for all streams."""
        return self.weights + self.lanes + self.blocks + self.streams * self.record


def capacity(limit_bytes: int, weights: int, peak: int, record: int, blocks: int = 0) -> Capacity:
    """Divide a limit among the regions.

    Args:
        limit_bytes: for all memory; rounded down to whole pages.
        weights: bytes.
        peak: bytes of the lanes' arena.
        record: bytes of one stream, above 0.
        blocks: bytes of all lattice blocks.

    Raises:
        ValueError: a size is negative, or not even one stream fits.
    """
    if min(weights, peak, blocks) < 0 or record <= 0:
        raise ValueError(f"weights {weights}, lanes {peak}, blocks {blocks}, record {record}: sizes must be positive")
    rest = limit_bytes // GRAIN * GRAIN - weights - peak - blocks
    if rest < record:
        need = -(-(weights + peak + blocks + record) // GRAIN) * GRAIN
        raise ValueError(f"a limit of {limit_bytes:,} bytes admits no stream; the first one needs {need:,}")
    return Capacity(limit_bytes, weights, peak, blocks, record, rest // record)
