"""How long the pauses between attempts are, what counts towards a limit, and when IBKR's resets are."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk import RESETS, QuietHours, Reconnect
from ibdesk.client.reconnection import Attempts, policy_of

LOST = ConnectionResetError("lost")
NOON = dt.datetime(2026, 11, 30, 17, tzinfo=dt.UTC)
"""A Monday, 12:00 in New York."""


def at(text: str) -> dt.datetime:
    """A moment such as `2026-11-06 23:30 -05:00`."""
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("region", "moment", "is_quiet"),
    [
        ("America", "2026-11-30 23:44:59-05:00", False),
        ("America", "2026-11-30 23:45-05:00", True),
        ("America", "2026-12-01 00:30-05:00", True),
        ("America", "2026-12-01 01:45-05:00", False),
        ("America", "2026-07-02 00:30-04:00", True),  # on New York's clock, in summer, too
        ("America", "2026-11-06 22:59-05:00", False),
        ("America", "2026-11-06 23:00-05:00", True),  # Friday
        ("America", "2026-11-07 02:59-05:00", True),
        ("America", "2026-11-07 03:00-05:00", False),
        ("America", "2026-11-05 23:00-05:00", False),
        ("America", "2026-11-05 02:30-05:00", False),
        ("Europe", "2026-11-30 07:00+01:00", True),
        ("Europe", "2026-11-30 07:45+01:00", False),
        ("Europe", "2026-11-30 00:30-05:00", True),  # it is 06:30 in Zurich
        ("Europe", "2026-12-01 00:30+01:00", False),
        ("Europe", "2026-11-07 02:59-05:00", True),  # the weekend's is at one moment everywhere
        ("Asia", "2026-11-30 05:00+08:00", True),
        ("Asia", "2026-11-30 20:30+08:00", True),
        ("Asia", "2026-11-30 21:15+08:00", False),
    ],
)
def test_the_resets_of_a_region(region: str, moment: str, is_quiet: bool) -> None:
    assert Reconnect(quiet=RESETS[region]).is_quiet(at(moment)) is is_quiet
    assert Reconnect(quiet=()).is_quiet(at(moment)) is False


def test_quiet_hours_of_ones_own() -> None:
    restart = QuietHours(dt.time(23, 58), dt.time(0, 5), "Europe/Zurich", frozenset({6}))  # from Sunday to Monday
    policy = Reconnect(quiet=[*RESETS["Europe"], restart])  # type: ignore[arg-type]
    assert policy.is_quiet(at("2026-11-29 23:59+01:00"))
    assert policy.is_quiet(at("2026-11-30 00:04+01:00"))
    assert not policy.is_quiet(at("2026-11-30 23:59+01:00"))


@given(
    moment=st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2050, 1, 1), timezones=st.just(dt.UTC)),
    start=st.times(),
    minutes=st.integers(1, 24 * 60 - 1),
    zone=st.sampled_from(["America/New_York", "Asia/Hong_Kong", "Europe/Zurich", "UTC"]),
)
def test_what_is_quiet_is_within_the_hours_on_the_clock(
    moment: dt.datetime, start: dt.time, minutes: int, zone: str
) -> None:
    end = (dt.datetime.combine(dt.date(2026, 1, 1), start) + dt.timedelta(minutes=minutes)).time()
    hours = QuietHours(start, end, zone)
    others = QuietHours(end, start, zone)
    assert hours.has(moment) is not others.has(moment)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"first": 0}, "first=0"),
        ({"first": 10, "longest": 5}, "longest=5"),
        ({"factor": 0.5}, r"factor=0\.5"),
        ({"jitter": 1.5}, r"jitter=1\.5"),
        ({"attempts": 0}, "attempts=0"),
        ({"seconds": -1}, "seconds=-1"),
        ({"patience": -1}, "patience=-1"),
        ({"heartbeat": float("nan")}, "heartbeat=nan"),
        ({"answer": 0}, "answer=0"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"^Reconnect: {told} cannot be meant$"):
        Reconnect(**arguments)


def test_wrong_quiet_hours_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^Reconnect: quiet has 'night', which is no QuietHours$"):
        Reconnect(quiet=("night",))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="start and end are both"):
        QuietHours(dt.time(1), dt.time(1))
    with pytest.raises(ValueError, match=r"days=\[7\] are not all from 0"):
        QuietHours(dt.time(1), dt.time(2), days=frozenset({7}))
    with pytest.raises(KeyError):
        QuietHours(dt.time(1), dt.time(2), "Mars/Olympus")


def test_what_the_argument_means() -> None:
    mine = Reconnect(longest=5)
    assert [policy_of(given) for given in (None, False, True, mine)] == [None, None, Reconnect(), mine]


def pauses(attempts: Attempts, count: int, now: dt.datetime = NOON) -> list[float]:
    """The pauses of the next attempts, each of which fails at once."""
    found = []
    while len(found) < count and (attempt := attempts.next(now)) is not None:
        found.append(attempt.pause)
        now += dt.timedelta(seconds=attempt.pause)
        attempts.failed(LOST, 0.0, is_busy=False)
    return found


def test_pauses_grow_to_the_longest() -> None:
    policy = Reconnect(first=2, longest=20, factor=3, jitter=0)
    assert pauses(Attempts(policy, LOST, NOON, ""), 5) == [2, 6, 18, 20, 20]
    assert pauses(Attempts(policy, LOST, NOON, ""), 3000)[-1] == 20


@given(seed=st.text(), jitter=st.floats(0, 1))
def test_jitter_only_shortens(seed: str, jitter: float) -> None:
    found = pauses(Attempts(Reconnect(jitter=jitter), LOST, NOON, seed), 8)
    for pause, longest in zip(found, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert longest * (1 - jitter) <= pause <= longest
    assert found == pauses(Attempts(Reconnect(jitter=jitter), LOST, NOON, seed), 8)


def test_the_limit_of_attempts_and_of_seconds() -> None:
    assert len(pauses(Attempts(Reconnect(attempts=4), LOST, NOON, ""), 100)) == 4
    found = pauses(Attempts(Reconnect(seconds=100, jitter=0), LOST, NOON, ""), 100)
    assert found == [1, 2, 4, 8, 16, 30, 30, 9]
    attempts = Attempts(Reconnect(seconds=100, jitter=0), LOST, NOON, "")
    assert attempts.next(NOON) is not None
    attempts.failed(TimeoutError("60 s"), 99.5, is_busy=False)  # an attempt takes time, too
    assert attempts.next(NOON) is None
    assert attempts.given_up == "gave up after 1 attempts since 2026-11-30 17:00:00 UTC: 60 s"


def test_quiet_hours_do_not_count() -> None:
    midnight = at("2026-11-30 23:50-05:00")
    attempts = Attempts(Reconnect(attempts=2, seconds=10, jitter=0), LOST, midnight, "")
    assert len(pauses(attempts, 100, midnight)) == 100
    assert len(pauses(attempts, 100, at("2026-12-01 02:00-05:00"))) == 1  # a pause of 10 s, and the seconds are spent


def test_the_own_old_session_is_waited_for() -> None:
    now, attempts = NOON, Attempts(Reconnect(attempts=2, patience=60, jitter=0), LOST, NOON, "")
    found = []
    while (attempt := attempts.next(now)) is not None:
        found.append((attempt.pause, attempt.is_quiet))
        now += dt.timedelta(seconds=attempt.pause)
        attempts.failed(ConnectionError("error 326"), 0.0, is_busy=True)
    assert found == [(1, False), *[(5, True)] * 12, (5, False)]
    assert "error 326" in attempts.given_up
