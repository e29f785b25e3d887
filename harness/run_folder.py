"""The folder of a run: every number can be computed again from it.

``run.json``, ``events.parquet``, ``units.parquet``, ``comparisons.parquet``, ``edge_cases.parquet``, ``verdict.json``,
and ``normaliser.json`` where there are references. Each file has its own format version: JSON files as the key
``version``, Parquet files in the schema's metadata. Parquet rows hold the columns that people query plus one JSON
column with the whole value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from harness.errors import EvidenceError
from harness.measures.catalogue import from_counts, to_counts
from harness.results import Comparison, EdgeCase, NormaliserShare, Run, RunRecord, UnitResult, Verdict
from harness.serial import from_dict, to_dict

RUN_VERSION = 1
VERDICT_VERSION = 1
UNITS_VERSION = 1
COMPARISONS_VERSION = 1
EDGE_CASES_VERSION = 1
NORMALISER_VERSION = 1

# what stands in columns of its own, for people who query; the whole value is in the column "json"
_COMPARISON_KEYS = ("measure", "statistic", "slice", "role", "champion", "candidate", "difference", "upper", "outcome")
_EDGE_CASE_KEYS = ("case_id", "kind", "arm", "severity")

T = TypeVar("T")


def write_record(folder: Path, record: RunRecord) -> None:
    """Write ``run.json``."""
    _write_json(folder / "run.json", "understudy-run", RUN_VERSION, to_dict(record))


def read_record(folder: Path) -> RunRecord:
    """Read ``run.json``."""
    return _value(folder / "run.json", RunRecord, _read_json(folder / "run.json", "understudy-run", RUN_VERSION))


def write_verdict(folder: Path, verdict: Verdict) -> None:
    """Write ``verdict.json``."""
    _write_json(folder / "verdict.json", "understudy-verdict", VERDICT_VERSION, to_dict(verdict))


def read_verdict(folder: Path) -> Verdict:
    """Read ``verdict.json``."""
    path = folder / "verdict.json"
    return _value(path, Verdict, _read_json(path, "understudy-verdict", VERDICT_VERSION))


def write_results(folder: Path, run: Run) -> None:
    """Write everything after the event logs: record, units, comparisons, edge cases, verdict."""
    write_record(folder, run.record)
    unit_rows = [_unit_row(unit) for unit in run.units]
    _write_rows(folder / "units.parquet", "understudy-units", UNITS_VERSION, unit_rows)
    _write_values(
        folder / "comparisons.parquet", "understudy-comparisons", COMPARISONS_VERSION, run.comparisons, _COMPARISON_KEYS
    )
    _write_values(
        folder / "edge_cases.parquet", "understudy-edge-cases", EDGE_CASES_VERSION, run.edge_cases, _EDGE_CASE_KEYS
    )
    if run.normaliser is not None:
        plain = to_dict(run.normaliser)
        _write_json(folder / "normaliser.json", "understudy-normaliser", NORMALISER_VERSION, plain)
    write_verdict(folder, run.verdict)


def read_run(folder: Path) -> Run:
    """Read a finished run.

    Raises:
        EvidenceError: a file is missing, damaged, or of a version that this program does not know.
    """
    units = _read_rows(folder / "units.parquet", "understudy-units", UNITS_VERSION)
    return Run(
        record=read_record(folder),
        units=tuple(_guard(folder / "units.parquet", _unit, row) for row in units),
        comparisons=_read_values(
            folder / "comparisons.parquet", "understudy-comparisons", COMPARISONS_VERSION, Comparison
        ),
        edge_cases=_read_values(folder / "edge_cases.parquet", "understudy-edge-cases", EDGE_CASES_VERSION, EdgeCase),
        verdict=read_verdict(folder),
        normaliser=_read_normaliser(folder / "normaliser.json"),
    )


def _read_normaliser(path: Path) -> NormaliserShare | None:
    """None where no case had a reference, and in folders of before this was told."""
    if not path.exists():
        return None
    return _value(path, NormaliserShare, _read_json(path, "understudy-normaliser", NORMALISER_VERSION))


def _unit_row(unit: UnitResult) -> dict[str, Any]:
    measures = {name: to_counts(measure) for name, measure in unit.measures.items()}
    return {
        "arm": unit.arm,
        "case_id": unit.case_id,
        "cluster": unit.cluster,
        "tags": json.dumps(dict(unit.tags), sort_keys=True, ensure_ascii=False),
        "measures": json.dumps(measures, sort_keys=True),
        "skipped": json.dumps(dict(unit.skipped), sort_keys=True, ensure_ascii=False),
        "failure": unit.failure,
        "empty": unit.empty,
    }


def _unit(row: dict[str, Any]) -> UnitResult:
    measures = {name: from_counts(name, counts) for name, counts in json.loads(row["measures"]).items()}
    decoded = row | {"tags": json.loads(row["tags"]), "measures": measures, "skipped": json.loads(row["skipped"])}
    return UnitResult(**decoded)


def _write_values(path: Path, name: str, version: int, values: Iterable[object], keys: Sequence[str]) -> None:
    rows = []
    for value in values:
        plain = to_dict(value)
        rows.append({key: plain[key] for key in keys} | {"json": json.dumps(plain, ensure_ascii=False)})
    _write_rows(path, name, version, rows)


def _read_values(path: Path, name: str, version: int, cls: type[T]) -> tuple[T, ...]:
    return tuple(_value(path, cls, json.loads(row["json"])) for row in _read_rows(path, name, version))


def _write_rows(path: Path, name: str, version: int, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": name, "version": str(version)}
    table = pa.Table.from_pylist(rows).replace_schema_metadata(metadata)
    pq.write_table(table, path, compression="zstd")


def _read_rows(path: Path, name: str, version: int) -> list[dict[str, Any]]:
    try:
        table = pq.read_table(_present(path))
    except (pa.ArrowInvalid, OSError) as error:
        raise EvidenceError(str(path), f"not a readable Parquet file ({error}); run the gate again") from None
    metadata = table.schema.metadata or {}
    found = (metadata.get(b"format", b"").decode(), metadata.get(b"version", b"").decode())
    _check_version(path, found, (name, str(version)))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _write_json(path: Path, name: str, version: int, plain: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": name, "version": version} | plain, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path, name: str, version: int) -> dict[str, Any]:
    try:
        plain = json.loads(_present(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EvidenceError(str(path), f"not JSON ({error}); run the gate again") from None
    if not isinstance(plain, dict):
        raise EvidenceError(str(path), "not a JSON object; run the gate again")
    _check_version(path, (str(plain.pop("format", "")), str(plain.pop("version", ""))), (name, str(version)))
    return plain


def _check_version(path: Path, found: tuple[str, str], wanted: tuple[str, str]) -> None:
    if found != wanted:
        what = f"is {found[0] or 'of no format'!s} version {found[1] or '?'}; this program reads {wanted[0]}"
        raise EvidenceError(str(path), f"{what} version {wanted[1]}")


def _present(path: Path) -> Path:
    if not path.is_file():
        raise EvidenceError(str(path), "does not exist; is this a run folder of `understudy gate`?")
    return path


def _value(path: Path, cls: type[T], plain: dict[str, Any]) -> T:
    return _guard(path, lambda p: from_dict(cls, p), plain)


def _guard(path: Path, read: Callable[[dict[str, Any]], T], plain: dict[str, Any]) -> T:
    try:
        return read(plain)
    except (ValueError, KeyError, TypeError) as error:
        first = str(error).splitlines()
        raise EvidenceError(str(path), f"damaged: {' '.join(first[:2])}; run the gate again") from None
