"""What a process has used, from the proc file system; nothing where there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """Of one process."""

    cpu_seconds: float
    resident_bytes: int


def process_use(pid: int) -> ProcessUse | None:
    """What a process has used until now; None when it is gone, or the system does not tell.

    Source: proc_pid_stat(5), fields 14, 15 and 24.
    """
    try:
        # The second field is a name that may hold anything, in parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        ticks, pages = int(fields[11]) + int(fields[12]), int(fields[21])
    except (OSError, ValueError, IndexError):
        return None
    return ProcessUse(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE"))
