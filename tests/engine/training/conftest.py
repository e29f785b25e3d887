"""One thread for torch: two that wait for each other on busy cores make these tests ten times slower."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
