"""Models, their versions and aliases, and the runs of the gate, kept in MLflow on an embedded database."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from harness.errors import RegistryError
from harness.measures.signature import FORMAT as SIGNATURE_FORMAT
from harness.results import Run

CHAMPION = "champion"
_EXPERIMENT = "gate"
_BATCH = 900  # MLflow takes at most 1,000 metrics at once


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One registered version of a model."""

    model: str
    version: int
    digest: str
    folder: Path


class Models:
    """A thin face on MLflow's client; MLflow is loaded only when it is first asked, for loading takes seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def register(self, model: str, folder: Path, digest: str) -> ModelVersion:
        """The version that holds ``digest``, made where there is none; ``folder`` is where it now lies."""
        known = [v for v in self.versions(model) if v.digest == digest]
        if known and known[0].folder == folder.resolve():
            return known[0]
        if not known and not self._exists(model):
            self._client.create_registered_model(model)
        source = folder.resolve().as_uri()
        if known:
            self._client.set_model_version_tag(model, str(known[0].version), "folder", source)
            return ModelVersion(model, known[0].version, digest, folder.resolve())
        made = self._client.create_model_version(model, source, tags={"digest": digest, "folder": source})
        return ModelVersion(model, int(made.version), digest, folder.resolve())

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """All versions, oldest first."""
        found = self._client.search_model_versions(f"name='{model}'", max_results=10_000)
        return tuple(sorted((_version(v) for v in found), key=lambda v: v.version))

    def by_alias(self, model: str, alias: str) -> ModelVersion | None:
        """The version that an alias names, or None."""
        if not self._exists(model):
            return None
        aliases = self._client.get_registered_model(model).aliases
        if alias not in aliases:
            return None
        return _version(self._client.get_model_version(model, str(aliases[alias])))

    def set_alias(self, version: ModelVersion, alias: str) -> None:
        self._client.set_registered_model_alias(version.model, alias, str(version.version))

    def log_run(self, run: Run, folder: Path) -> str:
        """Keep a run of the gate with its folder; returns MLflow's id of it."""
        made = self._client.create_run(self._experiment(), run_name=run.record.id)
        number = made.info.run_id
        from mlflow.entities import Metric, RunTag

        tags = [RunTag(key, value) for key, value in _tags(run).items()]
        metrics = [Metric(key, value, made.info.start_time, 0) for key, value in _metrics(run)]
        for first in range(0, max(len(metrics), 1), _BATCH):
            self._client.log_batch(number, metrics=metrics[first : first + _BATCH], tags=tags)
        self._client.log_artifacts(number, str(folder))
        self._client.set_terminated(number)
        return str(number)

    def _exists(self, model: str) -> bool:
        return bool(self._client.search_registered_models(f"name='{model}'"))

    def _experiment(self) -> str:
        found = self._client.get_experiment_by_name(_EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        artifacts = self._folder / "artifacts"
        return str(self._client.create_experiment(_EXPERIMENT, artifact_location=artifacts.as_uri()))

    @cached_property
    def _client(self) -> Any:
        # Nothing leaves this machine at run time, and a user reads our lines, not those of the database's set-up.
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            from mlflow import MlflowClient
        except ImportError as error:
            raise RegistryError(f"MLflow cannot be loaded ({error}); install mlflow-skinny and sqlalchemy") from None
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._folder.mkdir(parents=True, exist_ok=True)
        database = f"sqlite:///{self._folder / 'mlflow.db'}"
        return MlflowClient(tracking_uri=database, registry_uri=database)


def _version(found: Any) -> ModelVersion:
    folder = Path(unquote(urlparse(found.tags.get("folder", found.source)).path))
    return ModelVersion(found.name, int(found.version), found.tags.get("digest", ""), folder)


def _tags(run: Run) -> dict[str, str]:
    verdict = run.verdict
    return {
        "understudy.verdict": verdict.outcome,
        "understudy.champion_digest": verdict.champion_digest,
        "understudy.candidate_digest": verdict.candidate_digest,
        "understudy.policy_digest": verdict.policy_digest,
        "understudy.signature": verdict.signature,
        "understudy.signature_format": str(SIGNATURE_FORMAT),
    }


def _metrics(run: Run) -> Sequence[tuple[str, float]]:
    """MLflow allows letters, digits and ``_-./: `` in names, so "condition=noisy" becomes "condition:noisy"."""
    return [
        (f"{c.slice}/{c.measure}.{c.statistic}/{name}".replace("=", ":"), value)
        for c in run.comparisons
        for name, value in (
            ("champion", c.champion), ("candidate", c.candidate), ("difference", c.difference), ("upper", c.upper)
        )
        if value is not None
    ]  # fmt: skip
