"""Diarisation: who spoke when, against who was said to."""
