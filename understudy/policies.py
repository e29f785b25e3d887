"""Where a gate's policy comes from: a file of the user, the run's own record, or the default."""

from __future__ import annotations

from pathlib import Path

from harness.gate.policy import Policy
from harness.gate.policy_file import default_policy, parse_policy
from harness.results import RunRecord
from harness.serial import from_dict
from understudy.errors import UsageError


def load_policy(path: Path | None) -> Policy:
    """The policy of a file, or the default one.

    Raises:
        UsageError: there is no such file.
        PolicyError: it is not a policy; file and key are named.
    """
    if path is None:
        return default_policy()
    try:
        return parse_policy(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"policy {path}: cannot be read ({error}); give a TOML file, see docs/policy.md") from None


def recorded_policy(record: RunRecord) -> Policy:
    """The policy that a run was judged by."""
    return from_dict(Policy, dict(record.policy))
