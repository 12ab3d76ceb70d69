"""What streams of ticks and bars a ticker gives."""

from datetime import UTC, datetime, timedelta
from math import isnan, nan
from typing import Any

import pytest

from ibdesk.client.state.ticker import Bar, BarList, Ticker
from ibdesk.events import Event
from ibdesk.model.quotes import TickData

NOW = datetime(2025, 11, 14, 15, 30, tzinfo=UTC)
TRADE, TRADE_SIZE, BID, ASK = 4, 5, 1, 2


def emit(ticker: Ticker, *ticks: tuple[int, float, float]) -> None:
    """A batch of (tick type, price, size), a second apart."""
    start = ticker.time or NOW
    ticker.ticks = [TickData(start + timedelta(seconds=number), *tick) for number, tick in enumerate(ticks)]
    ticker.time = start + timedelta(seconds=len(ticks))
    ticker.updateEvent.emit(ticker)


def heard(event: Event[Any]) -> list[Any]:
    seen: list[Any] = []
    event.connect(lambda *args: seen.append(args))
    return seen


@pytest.mark.parametrize(
    ("stream", "types"),
    [
        ("trades", {4, 5, 48, 68, 71}),
        ("bids", {0, 1, 66, 69}),
        ("asks", {2, 3, 67, 70}),
        ("bidasks", {0, 1, 2, 3, 66, 67, 69, 70}),
    ],
)
def test_a_stream_has_the_ticks_of_its_types(stream: str, types: set[int]):
    ticker = Ticker()
    seen = heard(getattr(ticker.updateEvent, stream)())
    emit(ticker, *((number, number + 0.5, 1) for number in range(110)))
    assert {price - 0.5 for _, price, _ in seen} == types
    time, price, size = seen[0]
    assert (time, size) == (NOW + timedelta(seconds=price - 0.5), 1)


def test_midpoints_come_with_every_batch():
    ticker = Ticker(bid=10, bidSize=1, ask=12, askSize=1)
    seen = heard(ticker.updateEvent.midpoints())
    emit(ticker, (BID, 10, 1), (ASK, 12, 1))
    ticker.ticks = []
    ticker.updateEvent.emit(ticker)
    assert seen == [(NOW + timedelta(seconds=2), 11, 0)]


def test_time_bars_begin_when_the_timer_emits():
    ticker = Ticker()
    timer: Event[float] = Event("timer")
    bars = ticker.updateEvent.trades().timebars(timer)
    done, updates = heard(bars), heard(bars.bars.updateEvent)
    emit(ticker, (TRADE, 99, 1))  # too early for any bar
    timer.emit(60)
    emit(ticker, (TRADE, 10, 1), (TRADE, 12, 2), (TRADE, 9, 3), (TRADE, 11, 4))
    timer.emit(120)
    timer.emit(180)
    first, second, third = bars.bars
    assert first == Bar(60, 10, 12, 9, 11, 10, 4)  # type: ignore[arg-type]
    assert second == Bar(120, 11, 11, 11, 11, 0, 0)  # type: ignore[arg-type]
    assert isnan(third.open)
    assert done == [(first,), (second,)]
    assert updates == [(bars.bars, False)] * 4 + [(bars.bars, True)] * 2
    timer.set_done()
    assert bars.done()


def test_the_first_time_bar_has_no_bar_before_it():
    timer: Event[float] = Event("timer")
    bars = Ticker().updateEvent.trades().timebars(timer)
    timer.emit(1)
    timer.emit(2)
    assert isnan(bars.bars[0].close)
    assert bars.value() is bars.bars[0]


def test_time_bars_leave_the_timer_when_the_ticks_end():
    ticker = Ticker()
    timer: Event[float] = Event("timer")
    bars = ticker.updateEvent.trades().timebars(timer)
    ticker.updateEvent.set_done()
    assert bars.done()
    assert len(timer) == len(timer.done_event) == 0


def test_tick_bars_have_a_number_of_ticks():
    ticker = Ticker()
    bars = ticker.updateEvent.trades().tickbars(2)
    done, updates = heard(bars), heard(bars.bars.updateEvent)
    emit(ticker, (TRADE, 10, 1), (TRADE, 12, 2), (TRADE, 9, 3))
    assert bars.bars == bars.bars
    assert list(bars.bars) == [Bar(NOW, 10, 12, 10, 12, 3, 2), Bar(NOW + timedelta(seconds=2), 9, 9, 9, 9, 3, 1)]
    assert done == [(bars.bars,)]
    assert updates == [(bars.bars, True)]


def test_volume_bars_have_at_least_a_volume():
    ticker = Ticker()
    bars = ticker.updateEvent.trades().volumebars(5)
    done, updates = heard(bars), heard(bars.bars.updateEvent)
    emit(ticker, (TRADE, 10, 4), (TRADE_SIZE, 10, 4), (TRADE, 12, 7), (TRADE, 11, 1))
    assert [(bar.volume, bar.count) for bar in bars.bars] == [(8, 2), (7, 1), (1, 1)]
    assert done == [(bars.bars,)] * 2
    assert updates == [(bars.bars, True)] * 2


def test_bars_without_ticks():
    assert repr(Bar(None)) == "Bar(time=None, open=nan, high=nan, low=nan, close=nan, volume=0, count=0)"
    assert BarList() != BarList()
    assert BarList([Bar(NOW, nan)])[0].time is NOW
