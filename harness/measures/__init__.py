"""What is measured: algebraic values of counts, and the functions that take them from transcripts and event logs."""
