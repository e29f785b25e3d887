"""From letters to sounds and back to letters: words that no dictionary lists, and the grapheme alphabet."""
