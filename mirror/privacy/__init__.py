"""Privacy: whose traffic may be kept, what is blanked out of it, and the keys that make the rest unreadable again."""
