"""The second pass: a lattice of the first search scored again by larger language models."""
