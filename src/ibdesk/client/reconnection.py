"""`Reconnect`: how a lost connection is made again, and what is told of it.

It decides how long each pause is and when to give up, and knows neither sockets nor event loops.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ibdesk.client.state.differences import Difference
from ibdesk.model.fields import Noun
from ibdesk.model.startup import StartupReport

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

_BUSY_PAUSE = 5.0
"""Seconds between two attempts while the old session still has the client id."""


@dataclass(frozen=True)
class QuietHours(Noun):
    """A time of the day at which no connection can be expected, such as the nightly reset of IBKR's servers.

    It begins at `start` and ends before `end`, on the clock of `zone`; when `end` is the earlier one, on the next day.
    `days` are the days of the week on which it begins, Monday being 0.
    """

    start: time
    end: time
    zone: str = "America/New_York"
    days: frozenset[int] = frozenset(range(7))

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)  # raises an error for a zone that does not exist
        if self.start == self.end:
            raise ValueError(f"QuietHours: start and end are both {self.start}")
        if not self.days <= frozenset(range(7)):
            raise ValueError(f"QuietHours: days={sorted(self.days)} are not all from 0 (Monday) to 6 (Sunday)")

    def has(self, moment: datetime) -> bool:
        """Return whether a moment, with its time zone, is within."""
        local = moment.astimezone(ZoneInfo(self.zone))
        clock, day = local.time(), local.weekday()
        if self.start < self.end:
            return day in self.days and self.start <= clock < self.end
        return (day in self.days and clock >= self.start) or ((day - 1) % 7 in self.days and clock < self.end)


_WEEKEND = QuietHours(time(23), time(3), "America/New_York", frozenset({FRIDAY}))

RESETS: dict[str, tuple[QuietHours, ...]] = {
    "America": (QuietHours(time(23, 45), time(1, 45), "America/New_York"), _WEEKEND),
    "Europe": (QuietHours(time(5, 45), time(7, 45), "Europe/Zurich"), _WEEKEND),
    "Asia": (
        QuietHours(time(4, 30), time(6, 5), "Asia/Hong_Kong"),
        QuietHours(time(20, 15), time(21, 15), "Asia/Hong_Kong"),
        _WEEKEND,
    ),
}
"""The times at which IBKR resets its servers, by region: each night, and longer in the night to Saturday.

They are those of https://www.interactivebrokers.com/en/software/systemStatus.php, of 2026 and of the years before
together. All paper accounts are on the servers in America.
"""


@dataclass(frozen=True, kw_only=True)
class Reconnect(Noun):
    """How a lost connection is made again: `IB(reconnect=Reconnect(longest=10))`. All times are in seconds.

    The first pause is `first`, and each further one `factor` times as long, up to `longest`. Each is shorter by a
    random part of it, at most `jitter` (from 0 to 1), so that programs which lost the gateway together do not come back
    in the same moment.

    Without a limit it goes on until `disconnect`. It gives up after `attempts` attempts, or after `seconds`. Attempts
    and times in `quiet` hours do not count: by default those of IBKR's resets in America; `RESETS["Europe"]` has
    Europe's, and `QuietHours` makes others, such as for the nightly restart of your own gateway.

    A client id that is in use (326) is that of the own session before, which the server has not given up yet. It is
    waited for, for `patience` seconds, without counting; another id is never taken.

    When nothing has come from the server for `heartbeat` seconds (0: never mind), it is asked for its time. If nothing
    comes within `answer` seconds either, the socket counts as lost.

    With `from_start`, `connect` itself goes on trying, rather than raising what goes wrong.

    `random` returns numbers from 0 to 1. Without one, the pauses are random by host, port and client id: always the
    same for one program, and different ones for others.
    """

    first: float = 1.0
    longest: float = 30.0
    factor: float = 2.0
    jitter: float = 0.5
    attempts: int | None = None
    seconds: float | None = None
    quiet: tuple[QuietHours, ...] = RESETS["America"]
    patience: float = 300.0
    heartbeat: float = 20.0
    answer: float = 10.0
    from_start: bool = False
    random: Callable[[], float] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quiet", tuple(self.quiet))
        complaints = {
            "first": self.first > 0,
            "longest": self.longest >= self.first,
            "factor": self.factor >= 1,
            "jitter": 0 <= self.jitter <= 1,
            "attempts": self.attempts is None or self.attempts > 0,
            "seconds": self.seconds is None or self.seconds > 0,
            "patience": self.patience >= 0,
            "heartbeat": self.heartbeat >= 0,
            "answer": self.answer > 0,
        }
        for name, is_right in complaints.items():
            if not is_right:
                raise ValueError(f"Reconnect: {name}={getattr(self, name)!r} cannot be meant")
        for hours in self.quiet:
            if not isinstance(hours, QuietHours):
                raise TypeError(f"Reconnect: quiet has {hours!r}, which is no QuietHours")

    def is_quiet(self, moment: datetime) -> bool:
        """Return whether a moment is in the quiet hours."""
        return any(hours.has(moment) for hours in self.quiet)


def growing_pause(number: int, first: float, longest: float, factor: float = 2.0) -> float:
    """Return the pause after so many others: `first`, then `factor` times as long each time, up to `longest`."""
    # The exponent is limited, since a float is: after a thousand doublings there would be no number any more.
    return min(first * factor ** min(number, 60), longest)


def policy_of(given: "Reconnect | bool | None") -> Reconnect | None:
    """Return what an argument `reconnect` means: True is the default policy, and False or None is none.

    Raises TypeError for anything else.
    """
    if given is None or isinstance(given, bool):
        return Reconnect() if given else None
    if not isinstance(given, Reconnect):
        raise TypeError(f"reconnect is True, False or a Reconnect, not {given!r}")
    return given


@dataclass(frozen=True, slots=True)
class ReconnectAttempt(Noun):
    """An attempt to connect again that comes after a pause."""

    number: int
    """1 for the first one after the loss."""
    pause: float
    """How many seconds it waits before."""
    cause: Exception
    """What ended the connection, or the attempt before."""
    since: datetime
    """When the connection was lost."""
    is_quiet: bool
    """Whether it does not count, since it is in quiet hours or waits for the own old session."""


@dataclass(frozen=True, slots=True)
class ReconnectReport(Noun):
    """What has become of a session that is whole again."""

    since: datetime
    """When the connection was lost."""
    until: datetime
    """When everything was there again."""
    attempts: int
    """How many attempts it took."""
    cause: Exception
    """What had ended the connection."""
    startup: StartupReport
    """Which parts of the account have come."""
    subscriptions: Any
    """What has become of the subscriptions: `restored`, `refused` and `waiting`."""
    differences: tuple[Difference, ...] = ()
    """What the server and the client did not agree about, as `ib.reconcile()` gives it, so far as it is known by now.

    If parts of the `startup` are late, `differenceEvent` tells the rest.
    """

    @property
    def duration(self) -> timedelta:
        """How long it took."""
        return self.until - self.since


class Attempts:
    """The attempts to make one connection again: which pause each has, and whether there is another."""

    def __init__(self, policy: Reconnect, cause: Exception, now: datetime, seed: str) -> None:
        """Begin as the connection is lost. `seed` decides the random parts of the pauses, unless `policy` does."""
        self._policy = policy
        self._random = policy.random or Random(seed).random
        self.first_cause: Exception = cause
        self.cause: Exception = cause
        self.since = now
        self.number: int = 0
        self._is_busy = False
        self._busy_since: datetime | None = None
        self._attempt: ReconnectAttempt | None = None
        # What counts towards the limits:
        self._spent = 0.0
        self._counted = 0

    def next(self, now: datetime) -> ReconnectAttempt | None:
        """Return the next attempt, or None if there is none: then `given_up` says why."""
        policy = self._policy
        is_quiet = policy.is_quiet(now) or self._waits_for_the_old_session(now)
        if not is_quiet:
            if self._is_over():
                return None
            self._counted += 1
        pause = self._pause() * (1 - policy.jitter * self._random())
        if not is_quiet and policy.seconds is not None:
            pause = min(pause, policy.seconds - self._spent)
        self.number += 1
        self._attempt = ReconnectAttempt(self.number, pause, self.cause, self.since, is_quiet)
        return self._attempt

    def failed(self, cause: Exception, seconds: float, *, is_busy: bool) -> None:
        """Take note that the attempt has failed, after so many seconds. `is_busy`: the client id was in use."""
        self.cause, self._is_busy = cause, is_busy
        if self._attempt is not None and not self._attempt.is_quiet:
            self._spent += self._attempt.pause + seconds

    @property
    def given_up(self) -> str:
        """Why there is no further attempt, in words."""
        return f"gave up after {self.number} attempts since {_clock(self.since)}: {self.cause}"

    @property
    def progress(self) -> str:
        """What is being done, in words."""
        return f"reconnecting since {_clock(self.since)}, attempt {self.number}"

    def _is_over(self) -> bool:
        policy = self._policy
        return (policy.attempts is not None and self._counted >= policy.attempts) or (
            policy.seconds is not None and self._spent >= policy.seconds
        )

    def _pause(self) -> float:
        policy = self._policy
        if self._is_busy:
            return min(_BUSY_PAUSE, policy.longest)
        return growing_pause(self.number, policy.first, policy.longest, policy.factor)

    def _waits_for_the_old_session(self, now: datetime) -> bool:
        if not self._is_busy:
            return False
        self._busy_since = self._busy_since or now
        return now - self._busy_since < timedelta(seconds=self._policy.patience)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}".rstrip()
