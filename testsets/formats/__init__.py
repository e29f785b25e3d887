"""Foreign formats, one file each: ``parse`` and ``render`` without I/O, ``load`` and ``save`` for files."""
