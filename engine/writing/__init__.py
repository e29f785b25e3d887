"""From spoken words to written text: numbers and other entities, punctuation, capitals, filters (English)."""
