"""Curves of a training in MLflow, for who asks: one run a folder, which a resumed training goes on with."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import TrainingError
from engine.training.watching import Entry

EXPERIMENT = "understudy-train"
_CONTEXT = {"step", "dev", "chunk"}


class Tracker:
    """A watcher that logs loss, learning rate, phone error rates and audio seconds against the step."""

    def __init__(self, uri: str, folder: Path, parameters: Mapping[str, object]) -> None:
        self._client = _client(uri)
        self._run = self._begin(folder, parameters)

    def _begin(self, folder: Path, parameters: Mapping[str, object]) -> str:
        kept = folder / "mlflow-run.txt"
        try:
            if kept.exists():
                number = kept.read_text(encoding="utf-8").strip()
                self._client.update_run(number, status="RUNNING")
                return number
            found = self._client.get_experiment_by_name(EXPERIMENT)
            experiment = found.experiment_id if found else self._client.create_experiment(EXPERIMENT)
            made = self._client.create_run(experiment, run_name=folder.name)
        except Exception as wrong:
            raise TrainingError("--track", f"the tracking store cannot be used ({_line(wrong)})") from None
        number = str(made.info.run_id)
        for name, value in parameters.items():
            self._client.log_param(number, name, str(value)[:500])
        kept.write_text(number, encoding="utf-8")
        return number

    def step(self, number: int) -> None:
        """Nothing: MLflow gets what the log gets."""

    def tell(self, entry: Entry) -> None:
        """Log every number of an entry; those of a development set under its name and chunk."""
        from mlflow.entities import Metric

        now = int(datetime.now(UTC).timestamp() * 1000)
        place = f"{entry['dev']}/chunk-{entry['chunk']}/" if "dev" in entry else ""
        metrics = [
            Metric(f"{place}{name}", float(value), now, int(float(entry["step"] or 0)))
            for name, value in entry.items()
            if name not in _CONTEXT and isinstance(value, int | float)
        ]
        self._client.log_batch(self._run, metrics=metrics)

    def end(self) -> None:
        """Mark the run as finished; going on opens it again."""
        self._client.set_terminated(self._run)


def _client(uri: str) -> Any:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # nothing leaves this machine but to the URI that was asked for
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        from mlflow import MlflowClient
    except ImportError as wrong:
        raise TrainingError(
            "--track", f"MLflow cannot be loaded ({wrong}); install mlflow-skinny and sqlalchemy"
        ) from None
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri)


def _line(wrong: Exception) -> str:
    return (str(wrong).splitlines() or [type(wrong).__name__])[0]
