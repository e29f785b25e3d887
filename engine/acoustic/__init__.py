"""Sound to log-probabilities of phones: features, the body, and who computes it."""
