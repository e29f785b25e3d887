"""One trace of arrivals under allocators that look for memory at run time, and under memory planned beforehand."""
