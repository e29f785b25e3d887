"""Inference over count vectors: pooled ratios and percentiles of clusters, many comparisons, power."""
