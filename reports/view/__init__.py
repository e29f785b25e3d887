"""A run as a reader sees it: every number rounded, every sentence worded, nothing left to decide for a template."""
