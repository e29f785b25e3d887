"""Speed of scoring beside its peers: ``python -m benchmarks.score [JOB ...]`` prints one table, whole.

Each job lives in ``benchmarks/jobs``, checks that the results are equal, and only then times. Peers that are not
installed are listed without a time.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

from benchmarks import jobs
from benchmarks.race import Row, table


def main(names: list[str]) -> int:
    """Run the named jobs, or all of them."""
    known = [module.name for module in pkgutil.iter_modules(jobs.__path__)]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no such job: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or known:
        found: list[Row] = importlib.import_module(f"benchmarks.jobs.{name}").rows()
        print(table(found), flush=True)
        rows += found
    print(table(rows) if len(names or known) > 1 else "", end="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
