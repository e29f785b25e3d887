"""Beam search over many streams at once, by threads that share a lane: one body for CPU and GPU.

The search is that of ``cpu`` with a lattice beam of 0: the same tokens with the same scores, bit for bit, as long as no
capacity is full. All threads of a lane run this code side by side; what they must not do at once goes through
``fetch_add``, ``raise_to`` and ``swap``, and ``barrier`` parts the phases of a frame:

    expand      every token's moves into the hash table; a place keeps its best by one atomic maximum of 64 bits, the
                score above and the move below, so that no thread waits for another
    select      a histogram of scores gives the beam that max_active leaves
    resolve     by rank of epsilon arcs: places become tokens and records, and their epsilon arcs are offered
    hand over   the tokens become the channel's, the table is emptied where it was used

Where candidates are full the frame is searched again with a tighter beam; memory is never asked for.

Source: Braun et al. (arXiv 1910.10032) and Galvez et al., "GPU-Accelerated WFST Beam Search Decoder for CTC-based
Speech Recognition" (arXiv 2311.04996), with positions instead of CTC states in the graph.
"""

from kernels.token_passing.together.frames import advance
from kernels.token_passing.together.paths import best_paths

__all__ = ["advance", "best_paths"]
