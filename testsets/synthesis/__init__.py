"""Speech that nobody recorded: our own sentences, spoken by flite and espeak-ng, and the rehearsal set of them."""
