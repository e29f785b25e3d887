"""The reference recogniser measured: word errors, look-ahead, peer, noise, confidence, times, search (see __main__)."""
