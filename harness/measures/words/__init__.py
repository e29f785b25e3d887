"""Word and character errors: alignment, rates, and what they say about chosen words."""
