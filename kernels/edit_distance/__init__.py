"""Edit distance with its script, for many pairs of token sequences at once.

Contract (P pairs; a token is an int32 in [0, V), equal tokens are equal words):

    reference     (R,) tokens of all references, one after the other; pair p owns [begin[p], begin[p + 1])
    hypothesis    (H,) likewise
    script        the cheapest edits that turn a reference into its hypothesis, a code a step, in order
    EQUAL         both sides advance, tokens are the same
    SUBSTITUTE    both sides advance, tokens differ
    DELETE        the reference alone advances
    INSERT        the hypothesis alone advances

Costs are 1 for every step that is not EQUAL. Of several cheapest scripts all implementations give the same one, which
is rapidfuzz's and therefore jiwer's: what both sides begin and end with is EQUAL; from the end of the rest, going back,
DELETE where that is cheapest, else INSERT where the hypothesis without its last token is nearer to the reference than
to the reference without its last, else both advance.

``reference`` is the truth, ``cpu`` is bit-parallel.
"""

from __future__ import annotations

EQUAL, SUBSTITUTE, DELETE, INSERT = 0, 1, 2, 3
