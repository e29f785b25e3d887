"""Resampling whole clusters with replacement: how often each is drawn, and what the drawn ones add up to.

Contract (D draws, k clusters, k < 2**32, W columns, n values, Q quantiles):

    multiplicities(k, D, seed, first)       (D, k) float64 counts of draws first ... first + D - 1; rows sum to k
    resampled_sums(table, D, seed, first)   (D, W) float64 sums of the drawn rows of ``table`` (k, W)
    quantile_places(owner, counts, qs)      (D, Q) int64: where in n ascending values the q-quantile of each draw lies,
                                            each value counted as often as its cluster ``owner`` (n,) was drawn:
                                            the least i with counts[owner[:i + 1]].sum() >= max(ceil(q total), 1),
                                            -1 where nothing was drawn

Draw d picks index i from the 32-bit halves of SplitMix64's output number d * ceil(k / 2) + i // 2 (high half first),
scaled to [0, k) by multiplication: a bias below k / 2**32. Output number n depends on seed and n only, so that draws
made in one piece, in pieces or in parallel are the same bytes, on every machine.

``reference`` is the truth, in numpy; ``cpu`` gives the same several times faster, once it is compiled.

Source: Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014) for SplitMix64.
"""

GOLDEN = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd: the step from one output number's state to the next
FIRST_MIX = 0xBF58476D1CE4E5B9
SECOND_MIX = 0x94D049BB133111EB
