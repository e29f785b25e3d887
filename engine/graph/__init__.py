"""The search graph: lexicon composed with the n-gram model, stored as flat arrays."""
