"""What an allocator has taken from the machine and how often it was asked, on a CPU and on a GPU."""

from __future__ import annotations

import mmap
import time
from typing import Protocol

import torch

from benchmarks.kernels.allocations.reading import NAMES, Counters

MEASURED = NAMES[:5]  # requests, of any kind


class Meter(Protocol):
    """Reads a device around the work."""

    device: str
    name: str

    def begin(self) -> None:
        """The work begins."""

    def end(self) -> int:
        """The work is done; nanoseconds since it began."""

    def reserved(self) -> int:
        """Bytes taken from the machine now, above those before anything was done."""

    def calls(self) -> dict[str, int]:
        """Requests between the last ``begin`` and ``end``."""

    def limit(self, budget: int) -> None:
        """Let no more than this be taken from now on."""


class ProcessorMeter:
    """Resident memory, calls of libc's allocator, and processor time: others share this machine's cores."""

    device = "cpu"

    def __init__(self) -> None:
        self.name = _processor()
        self._counters = Counters()
        self._before = self._begun = 0
        self._before = self.reserved()

    def begin(self) -> None:
        """Read the clock and the counters."""
        self._counters.begin()
        self._begun = time.thread_time_ns()

    def end(self) -> int:
        """Read them again."""
        spent = time.thread_time_ns() - self._begun
        self._counters.end()
        return spent

    def reserved(self) -> int:
        """Resident bytes since the meter was made."""
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * mmap.PAGESIZE - self._before

    def calls(self) -> dict[str, int]:
        """Requests to libc, and those of 4,096 bytes or more."""
        counts = dict(zip(NAMES, self._counters.between(), strict=True))
        return {"to libc": sum(counts[name] for name in MEASURED), "of 4 KiB or more": counts["large"]}

    def limit(self, budget: int) -> None:
        """Let this process's data grow by so much and no further."""
        import resource

        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            data = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))
        resource.setrlimit(resource.RLIMIT_DATA, (data + budget, data + budget))


class CudaMeter:
    """Memory that the driver no longer has, calls of it, and wall time up to a synchronisation."""

    device = "cuda"

    def __init__(self) -> None:
        self.name = torch.cuda.get_device_name()
        torch.zeros(1, device="cuda")
        torch.cuda.synchronize()
        self._free = torch.cuda.mem_get_info()[0]
        self._begun = 0
        self._counts = [(0, 0), (0, 0)]

    def begin(self) -> None:
        """Read the clock and torch's statistics."""
        torch.cuda.synchronize()
        self._counts[0] = _asked()
        self._begun = time.perf_counter_ns()

    def end(self) -> int:
        """Wait for the device, and read them again."""
        torch.cuda.synchronize()
        spent = time.perf_counter_ns() - self._begun
        self._counts[1] = _asked()
        return spent

    def reserved(self) -> int:
        """Bytes that the device has less of than at first."""
        return int(self._free - torch.cuda.mem_get_info()[0])

    def calls(self) -> dict[str, int]:
        """Requests to torch's allocator, and those that it passed on to the driver."""
        (requests, driver), (later, after) = self._counts
        return {"to torch": later - requests, "to the driver": after - driver}

    def limit(self, budget: int) -> None:
        """Let torch take so much."""
        total = torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction(min(1.0, budget / total))


def _asked() -> tuple[int, int]:
    told = torch.cuda.memory_stats()
    return int(told.get("allocation.all.allocated", 0)), int(told.get("num_device_alloc", 0))


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown CPU")
