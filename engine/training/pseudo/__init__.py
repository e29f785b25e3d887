"""More transcribed speech: labels for recordings without a transcript, from books, grammars, or the recogniser."""
