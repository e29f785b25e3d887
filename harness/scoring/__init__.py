"""From answers to counts: every measure of every case or why it could not be taken, for the gate and for files."""
