"""Promotion and rollback: the champion alias moves only with a PASS for exactly the pair of digests it concerns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from harness.errors import RegistryError
from harness.gate.decide import decide
from harness.registry.history import Entry, History
from harness.registry.models import CHAMPION, Models, ModelVersion
from harness.results import Outcome, Run
from harness.run_folder import read_run


class Registry:
    """The registry of one folder.

    Args:
        folder: holds the database, the runs' artifacts and ``history.jsonl``.
        now: the wall clock, in UTC; handed in, so that tests can hold it.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._models, self._history, self._now = Models(folder), History(folder / "history.jsonl"), now

    def register(self, model: str, folder: Path, digest: str) -> ModelVersion:
        """The version of ``model`` that holds ``digest``, made where there is none."""
        with self._history.locked():
            return self._models.register(model, folder, digest)

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """All versions, oldest first."""
        return self._models.versions(model)

    def champion(self, model: str) -> ModelVersion | None:
        """The version in production, or None before one was appointed."""
        return self._models.by_alias(model, CHAMPION)

    def find(self, model: str, *, version: int | None = None, alias: str | None = None) -> ModelVersion:
        """One version, by number or by alias.

        Raises:
            RegistryError: there is no such version or alias; the message lists those there are.
        """
        known = self._models.versions(model)
        found = next((v for v in known if v.version == version), None)
        if alias is not None:
            found = self._models.by_alias(model, alias)
        if found is None:
            wanted = f"alias {alias!r}" if alias is not None else f"version {version}"
            listed = ", ".join(str(v.version) for v in known) or "none"
            raise RegistryError(f"model {model!r} has no {wanted}; registered versions: {listed}")
        return found

    def log_run(self, run: Run, folder: Path) -> str:
        """Keep a run of the gate with its folder; returns MLflow's id of it."""
        return self._models.log_run(run, folder)

    def appoint(self, model: str, version: int, *, who: str, why: str) -> Entry:
        """Make a version the first champion; later ones need a PASS.

        Raises:
            RegistryError: there is a champion already, or no such version.
        """
        with self._history.locked():
            current = self.champion(model)
            if current is not None:
                raise RegistryError(
                    f"model {model!r} already has version {current.version} as champion; run `understudy gate` and "
                    "promote with its PASS"
                )
            return self._move("appoint", None, self.find(model, version=version), who, why, None, None)

    def promote(self, model: str, run_folder: Path, *, who: str, why: str, version: int | None = None) -> Entry:
        """Make the candidate of a passed run the champion.

        Args:
            model: its registered name.
            run_folder: of the run that passed.
            who: responsible for it.
            why: in a few words.
            version: which one must be promoted; else the one that has the candidate's digest.

        Raises:
            RegistryError: the verdict is not PASS or does not follow from the run (the error has its ``outcome``), or
                the run judged another pair than today's champion and this candidate.
            EvidenceError: the run folder is incomplete or damaged.
        """
        run = read_run(run_folder)
        _demand_pass(run, run_folder)
        with self._history.locked():
            current = self.champion(model)
            if current is None:
                raise RegistryError(f"model {model!r} has no champion; appoint the first one with --first")
            candidate = self._candidate(model, run, version)
            if current.digest != run.verdict.champion_digest:
                raise RegistryError(
                    f"run {run.record.id} judged against champion {run.verdict.champion_digest[:12]}, but now the "
                    f"champion is version {current.version} ({current.digest[:12]}); run the gate again"
                )
            if current.version == candidate.version:
                raise RegistryError(f"version {candidate.version} of {model!r} is the champion already")
            evidence = hashlib.sha256((run_folder / "verdict.json").read_bytes()).hexdigest()
            return self._move("promote", current, candidate, who, why, run.record.id, evidence)

    def rollback(self, model: str, *, who: str, why: str) -> Entry:
        """Make the version before the present champion champion again.

        Raises:
            RegistryError: there is no version to go back to.
        """
        with self._history.locked():
            current = self.champion(model)
            moves = [e for e in self._history.entries(model) if e.action == "promote"]
            undone = [e for e in moves if current is not None and e.to_version == current.version]
            if current is None or not undone or undone[-1].from_version is None:
                raise RegistryError(f"model {model!r} has no earlier champion to go back to; see `understudy history`")
            previous = self.find(model, version=undone[-1].from_version)
            return self._move("rollback", current, previous, who, why, None, None)

    def history(self, model: str | None = None) -> tuple[Entry, ...]:
        """Every change of a champion, oldest first.

        Raises:
            RegistryError: the history was changed or damaged.
        """
        return self._history.entries(model)

    def _candidate(self, model: str, run: Run, version: int | None) -> ModelVersion:
        digest = run.verdict.candidate_digest
        matching = [v for v in self._models.versions(model) if v.digest == digest]
        if version is not None and self.find(model, version=version) not in matching:
            raise RegistryError(
                f"run {run.record.id} passed another candidate ({digest[:12]}) than version {version} of {model!r}; "
                "run the gate with that version"
            )
        if not matching:
            raise RegistryError(
                f"the candidate of run {run.record.id} ({digest[:12]}) is no registered version of {model!r}; register "
                "it first, or promote the model that was judged"
            )
        return matching[-1]

    def _move(
        self,
        action: str,
        current: ModelVersion | None,
        to: ModelVersion,
        who: str,
        why: str,
        run: str | None,
        evidence: str | None,
    ) -> Entry:
        entry = Entry(
            at=self._now().isoformat(timespec="seconds"),
            who=who,
            action=action,
            model=to.model,
            from_version=None if current is None else current.version,
            to_version=to.version,
            from_digest=None if current is None else current.digest,
            to_digest=to.digest,
            why=why,
            run=run,
            evidence=evidence,
        )
        # The history first: after a crash in between it tells of a move that did not happen, never the other way round.
        self._history.append(entry)
        self._models.set_alias(to, CHAMPION)
        return entry


def _demand_pass(run: Run, folder: Path) -> None:
    verdict = run.verdict
    if verdict.outcome is not Outcome.PASS:
        first = verdict.reasons[0] if verdict.reasons else "no reason given"
        raise RegistryError(f"{folder}: the verdict is {verdict.outcome}, not PASS: {first}", verdict.outcome)
    again = decide(
        run.comparisons,
        verdict.findings,
        champion_digest=verdict.champion_digest,
        candidate_digest=verdict.candidate_digest,
        policy_digest=verdict.policy_digest,
        signature=verdict.signature,
    )
    digests = {arm.arm: arm.digest for arm in run.record.arms}
    stated = (digests.get("champion"), digests.get("candidate"), run.record.policy_digest)
    if again != verdict or stated != (verdict.champion_digest, verdict.candidate_digest, verdict.policy_digest):
        what = "verdict.json does not follow from the run; compute it again with `understudy rescore`"
        raise RegistryError(f"{folder}: {what}", Outcome.HOLD)
