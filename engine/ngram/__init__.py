"""N-gram language models: counts, Kneser-Ney estimation, interpolation, pruning, ARPA files."""
