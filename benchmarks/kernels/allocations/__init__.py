"""How often code asks the system for memory: an allocator that counts, loaded before libc into a child process."""

from benchmarks.kernels.allocations.count import Allocations, count_allocations
from benchmarks.kernels.allocations.library import NoCounterError, counter_library

__all__ = ["Allocations", "NoCounterError", "count_allocations", "counter_library"]
