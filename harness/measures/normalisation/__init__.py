"""Texts made alike before they are compared."""
