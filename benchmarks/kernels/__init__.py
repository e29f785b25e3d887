"""Kernels and planned memory, measured on this machine's processor."""
