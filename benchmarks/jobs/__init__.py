"""One file a job; each has ``rows()``."""
