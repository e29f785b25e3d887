"""The rules of the pack ``english-1``: every usual way to write or to say the same English becomes the same words."""
