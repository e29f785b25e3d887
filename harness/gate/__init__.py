"""The gate: policy, integrity of the evidence, comparisons, edge cases, verdict. Pure functions."""
