"""How long a session may last and be silent: warnings on the way, an error at the end; the clock is handed in.

Source: speechmatics/docs, realtime limits: 48 h a session, 1 h without audio; warned 45, 30 and 15 minutes, or 15, 10
and 5 minutes before.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.protocol import ErrorType, MessageError, Warning, WarningType

_MINUTE = 60 * 1_000_000_000  # ns
_SESSION_WARNINGS = (45, 30, 15)  # minutes before the end
_IDLE_WARNINGS = (15, 10, 5)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a session may use, in nanoseconds."""

    session: int = 48 * 60 * _MINUTE
    idle: int = 60 * _MINUTE  # without audio


class SessionClock:
    """One session's time.

    Args:
        limits: of the session.
        now: nanoseconds of a monotonic clock.
    """

    def __init__(self, limits: Limits, now: int) -> None:
        self._limits = limits
        self._began = self._heard = now
        self._told_session = self._told_idle = 0  # warnings

    def heard(self, now: int) -> None:
        """Audio came."""
        self._heard, self._told_idle = now, 0

    def due(self, now: int) -> tuple[Warning, ...]:
        """The warnings whose time has come.

        Raises:
            MessageError: session_timeout or idle_timeout, at the limit.
        """
        active, silent = now - self._began, now - self._heard
        if active >= self._limits.session:
            reason = f"the session reached its limit of {_minutes(self._limits.session)}m; start a new one"
            raise MessageError(ErrorType.SESSION_TIMEOUT, reason)
        if silent >= self._limits.idle:
            raise MessageError(ErrorType.IDLE_TIMEOUT, f"no audio was sent for {_minutes(self._limits.idle)}m")
        warnings = []
        passed = _passed(_points(self._limits.session, _SESSION_WARNINGS), active)
        if passed > self._told_session:
            left = _minutes(self._limits.session - active)
            reason = f"Session will timeout in {left}m due to max duration, session has been active for "
            warnings.append(Warning(WarningType.SESSION_TIMEOUT, f"{reason}{_minutes(active)}m"))
            self._told_session = passed
        passed = _passed(_points(self._limits.idle, _IDLE_WARNINGS), silent)
        if passed > self._told_idle:
            left = _minutes(self._limits.idle - silent)
            reason = f"Session will timeout in {left}m due to inactivity, no audio sent within the last "
            warnings.append(Warning(WarningType.IDLE_TIMEOUT, f"{reason}{_minutes(silent)}m"))
            self._told_idle = passed
        return tuple(warnings)

    def next(self) -> int:
        """When ``due`` has something to say next, if no audio comes until then."""
        ahead = (
            (*_points(self._limits.session, _SESSION_WARNINGS), self._limits.session)[self._told_session] + self._began,
            (*_points(self._limits.idle, _IDLE_WARNINGS), self._limits.idle)[self._told_idle] + self._heard,
        )
        return min(ahead)


def _points(limit: int, before: tuple[int, ...]) -> tuple[int, ...]:
    """When to warn, after the begin; a short limit has fewer warnings."""
    return tuple(limit - minutes * _MINUTE for minutes in before if minutes * _MINUTE < limit)


def _passed(points: tuple[int, ...], elapsed: int) -> int:
    return sum(point <= elapsed for point in points)


def _minutes(ns: int) -> int:
    """Whole minutes, rounded."""
    return (ns + _MINUTE // 2) // _MINUTE
