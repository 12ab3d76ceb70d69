"""How many requests for small bars the server accepts, and when the next one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ibdesk.client.history_limits import HistoryLimits
from ibdesk.model.contract import Stock
from ibdesk.wire.messages.history import ReqHistoricalData
from ibdesk.wire.messages.history_summaries import ReqHeadTimeStamp
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars


def live(symbol: str) -> ReqRealTimeBars:
    return ReqRealTimeBars(1, Stock(symbol, "SMART", "USD"), 5, "TRADES", False)


def past(symbol: str, what: str = "TRADES", size: str = "5 secs") -> ReqHistoricalData:
    return ReqHistoricalData(1, Stock(symbol, "SMART", "USD"), "", "3600 S", size, what, False)


def made(limits: HistoryLimits, wishes: list[tuple[float, Any]]) -> list[tuple[float, Any]]:
    """When requests are made that are wanted so many seconds after each other."""
    now, times = 0.0, []
    for pause, request in wishes:
        now += pause
        while (seconds := limits.wait(now, request)) > 0:
            now += seconds
        limits.note(now, request)
        times.append((now, request))
    return times


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.3, 1.9, 700.0]), st.sampled_from("ABab")), max_size=150))
def test_never_more_than_it_accepts(wishes: list[tuple[float, str]]) -> None:
    """Of B, bids and asks are asked for, and count twice."""
    whats = {"A": "TRADES", "B": "BID_ASK"}
    requests = [(pause, past(letter, whats[letter]) if letter in whats else live(letter)) for pause, letter in wishes]
    times = [
        (now, str(one.contract))
        for now, one in made(HistoryLimits(), requests)
        for _ in range(1 + ("BID_ASK" in str(one)))
    ]
    for now, subject in times:
        # A hair less than the window, since sums of times are rounded.
        assert sum(now - 599.999 < time <= now for time, _ in times) <= 60
        assert sum(now - 1.999 < time <= now and other == subject for time, other in times) <= 5


def test_it_does_not_wait_in_vain() -> None:
    times = made(HistoryLimits(), [(0.0, live(str(number))) for number in range(130)])
    assert [now for now, _ in times] == [0.0] * 60 + [600.0] * 60 + [1200.0] * 10
    times = made(HistoryLimits(), [(0.0, live("A"))] * 12)
    assert [now for now, _ in times] == [0.0] * 5 + [2.0] * 5 + [4.0] * 2
    times = made(HistoryLimits(), [(0.0, past("A", "BID_ASK"))] * 5)
    assert [now for now, _ in times] == [0.0] * 2 + [2.0] * 2 + [4.0]
    times = made(HistoryLimits(), [(0.0, past(str(number), "BID_ASK")) for number in range(31)])
    assert [now for now, _ in times] == [0.0] * 30 + [600.0]


def test_large_bars_are_not_limited_and_the_beginning_of_bars_is() -> None:
    assert made(HistoryLimits(), [(0.0, past("A", size="1 min"))] * 100)[-1][0] == 0.0
    head = ReqHeadTimeStamp(1, Stock("A"), "TRADES", True, 1)
    assert made(HistoryLimits(), [(0.0, head)] * 6)[-1][0] == 2.0


def test_what_a_program_asks_without_waiting_is_remembered_as_far_as_it_counts() -> None:
    limits = HistoryLimits()
    for number in range(10_000):
        limits.note(float(number // 1000), live("A"))
    assert len(limits._made) == 60
    assert limits.wait(9.5, live("B")) == 599.5
    assert limits.wait(9.5, past("B", size="1 hour")) == 0.0
