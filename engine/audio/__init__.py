"""Audio as clients send it, to samples at 16 kHz."""
