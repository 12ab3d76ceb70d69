"""Ticks, bars, quotes and histograms are cut from one series: whatever is asked, they tell the same."""

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper.market.one_market import APPLE, ES, EURO, MARKET, NEW_YORK, PUT, SPX, SWISS, TODAY, at, few, moments

from ibdesk.paper.instruments import HOURS, NoDefinition, Refusal, is_open, latest
from ibdesk.paper.market import BarSize, BidAsk, Duration, Market, MidPoint, Quote, Tick, Trade

BEAT = timedelta(milliseconds=250)


def seconds(when: datetime) -> int:
    return int(when.timestamp())


def name_of(conId: int) -> str:
    instrument = MARKET.instruments.by_con_id(conId)
    assert instrument is not None
    return instrument.kind.hours


def quotes(conId: int, begin: datetime, count: int) -> list[tuple[datetime, Quote]]:
    return [(begin + n * BEAT, MARKET.quote(conId, begin + n * BEAT)) for n in range(count)]


@few
@given(st.sampled_from([APPLE, ES, PUT, SWISS]), moments)
def test_a_quote_shows_the_latest_trade(conId: int, when: datetime) -> None:
    if not is_open(name_of(conId), when) or not is_open(name_of(conId), when - timedelta(minutes=1)):
        when = latest(name_of(conId), when).start + timedelta(minutes=3)
    trades = MARKET.ticks(conId, when - timedelta(minutes=2), when + timedelta(microseconds=1), "TRADES")
    quote, last = MARKET.quote(conId, when), trades[-1]
    assert isinstance(last, Trade) and quote.lastTime is not None
    assert (quote.last, quote.lastSize, seconds(quote.lastTime)) == (last.price, last.size, last.time)


@few
@given(st.sampled_from([APPLE, ES, EURO, PUT]), moments)
def test_every_change_of_the_quote_is_a_tick(conId: int, when: datetime) -> None:
    begin = max(latest(name_of(conId), when).start, when.replace(second=50, microsecond=0))
    if not is_open(name_of(conId), begin):
        begin = latest(name_of(conId), begin).start
    # The close, when nobody quotes any more, is no tick.
    shown = [(time, quote) for time, quote in quotes(conId, begin - BEAT, 120) if quote.bid != -1 or time < begin]
    if begin == latest(name_of(conId), begin).start:
        shown[0] = (shown[0][0], shown[0][1]._replace(bid=-1.0, ask=-1.0))
    end = begin + 119 * BEAT
    told = MARKET.ticks(conId, begin, end, "BID_ASK")
    assert told == [
        BidAsk(seconds(time), now.bid, now.ask, now.bidSize, now.askSize)
        for (_, before), (time, now) in pairwise(shown)
        if before[:4] != now[:4]
    ]
    prices = MARKET.ticks(conId, begin, end, "BID_ASK", ignore_size=True)
    assert [(tick.time, tick.bid, tick.ask) for tick in prices if isinstance(tick, BidAsk)] == [
        (seconds(time), now.bid, now.ask)
        for (_, before), (time, now) in pairwise(shown)
        if (before.bid, before.ask) != (now.bid, now.ask)
    ]
    middles = [tick for tick in MARKET.ticks(conId, begin, end, "MIDPOINT") if isinstance(tick, MidPoint)]
    assert [(tick.time, tick.price) for tick in middles] == [
        (seconds(time), pytest.approx((now.bid + now.ask) / 2))
        for (_, before), (time, now) in pairwise(shown)
        if round(before.bid + before.ask, 6) != round(now.bid + now.ask, 6)
    ]


@few
@given(st.sampled_from([APPLE, ES, PUT]), moments)
def test_bars_are_made_of_trades(conId: int, when: datetime) -> None:
    session = latest(name_of(conId), when)
    begin = min(max(session.start, when.replace(second=0, microsecond=0)), session.end - timedelta(minutes=3))
    end = begin + timedelta(minutes=3)
    trades = MARKET.ticks(conId, begin, end, "TRADES")
    found = {
        start: [tick for tick in ticks if isinstance(tick, Trade)]
        for start, ticks in groupby(trades, lambda tick: tick.time // 5 * 5)
    }
    for bar in MARKET.bars_between(conId, begin, end, BarSize(5), "TRADES", False):
        assert isinstance(bar.date, datetime)
        ticks = found.get(seconds(bar.date), [])
        assert (bar.volume, bar.barCount) == (sum(tick.size for tick in ticks), len(ticks))
        if ticks:
            assert bar.high >= max(tick.price for tick in ticks)
            assert bar.low <= min(tick.price for tick in ticks)
            assert bar.close == ticks[-1].price
            worth = sum(tick.price * tick.size for tick in ticks)
            assert bar.average == pytest.approx(worth / bar.volume, abs=1e-4)


@few
@given(st.sampled_from([APPLE, ES, EURO]), moments, st.sampled_from(["MIDPOINT", "BID", "ASK"]), st.booleans())
def test_bars_between_two_moments_are_those_of_history(conId: int, when: datetime, what: str, regular: bool) -> None:
    end = when.replace(second=when.second // 5 * 5, microsecond=0)
    begin = end - timedelta(minutes=2)
    bars = MARKET.bars_between(conId, begin, end, BarSize(5), what, regular)
    known = MARKET.bars(conId, end, "300 S", "5 secs", what, regular)
    dated = [bar for bar in known if isinstance(bar.date, datetime) and bar.date >= begin]
    assert bars == dated


@few
@given(
    st.sampled_from([APPLE, EURO]),
    moments,
    st.sampled_from(["BID_ASK", "MIDPOINT"]),
    st.integers(1, 400),
    st.booleans(),
)
def test_the_first_and_the_last_ticks_complete_a_second(
    conId: int, when: datetime, what: str, count: int, regular: bool
) -> None:
    now = when + timedelta(days=14)
    for tell in (MARKET.first_ticks, MARKET.last_ticks):
        ticks = tell(conId, when, now, what, count, use_rth=regular, ignore_size=False)
        begin, end = (datetime.fromtimestamp(each, UTC) for each in (ticks[0].time, ticks[-1].time + 1))
        whole = MARKET.ticks(conId, max(begin, when) if tell == MARKET.first_ticks else begin, end, what)
        whole = [tick for tick in whole if tell == MARKET.first_ticks or tick.time < when.timestamp()]
        if tell == MARKET.last_ticks and end > when:
            whole = MARKET.ticks(conId, begin, when, what)
        if regular and len(ticks) < len(whole):
            continue  # the neighbours of a regular session are not told
        assert ticks == whole
        assert len(ticks) >= count or _reaches_the_end(conId, ticks, tell == MARKET.first_ticks, regular)
        without = [tick for tick in ticks if tick.time != (ticks[-1] if tell == MARKET.first_ticks else ticks[0]).time]
        assert len(without) < count


def _reaches_the_end(conId: int, ticks: list[Tick], forwards: bool, regular: bool) -> bool:
    last = datetime.fromtimestamp(ticks[-1 if forwards else 0].time, UTC)
    session = latest(name_of(conId), last, regular=regular)
    return (session.end - last if forwards else last - session.start) < timedelta(minutes=1)


def test_a_stream_is_the_same_in_one_go_or_in_pieces() -> None:
    begin, end = at(15, 58, 30.1), at(16, 1, 7.3)
    for what in ("TRADES", "BID_ASK", "MIDPOINT"):
        pieces: list[Tick] = []
        moment = begin
        while moment < end:
            after = min(moment + timedelta(seconds=0.37), end)
            pieces += MARKET.ticks(APPLE, moment, after, what, ignore_size=True)
            moment = after
        assert pieces == MARKET.ticks(APPLE, begin, end, what, ignore_size=True)
        assert Market(1, TODAY).ticks(APPLE, begin, end, what, ignore_size=True) == pieces


def test_ticks_are_of_one_session() -> None:
    friday, monday = at(15, 59, 50), datetime(2026, 11, 23, 9, 30, tzinfo=NEW_YORK)
    now = monday + timedelta(hours=1)
    ends = MARKET.first_ticks(APPLE, friday, now, "TRADES", 1000, use_rth=True, ignore_size=False)
    assert seconds(friday) <= ends[0].time and ends[-1].time == seconds(at(16)) - 1
    goes_on = MARKET.first_ticks(APPLE, friday, now, "TRADES", 1000, use_rth=False, ignore_size=False)
    assert len(goes_on) >= 1000 > len(ends)
    begins = MARKET.first_ticks(APPLE, at(16), now, "TRADES", 5, use_rth=True, ignore_size=False)
    assert begins[0].time == seconds(monday)
    before = MARKET.last_ticks(APPLE, monday, now, "TRADES", 5, use_rth=True, ignore_size=False)
    assert before == ends[-len(before) :]


def test_neither_the_future_nor_what_is_old_is_told() -> None:
    now = at(10, 0, 1)
    options = {"use_rth": False, "ignore_size": False}
    assert MARKET.first_ticks(APPLE, now, now, "TRADES", 10, **options) == []
    assert MARKET.first_ticks(APPLE, now + timedelta(days=3), now, "TRADES", 10, **options) == []
    known = MARKET.first_ticks(APPLE, at(9, 59, 59), now, "TRADES", 1000, **options)
    assert known == MARKET.ticks(APPLE, at(9, 59, 59), now, "TRADES")
    future = MARKET.last_ticks(APPLE, now + timedelta(days=3), now, "TRADES", 3, **options)
    assert future[-3:] == known[-3:]
    long_ago = datetime(2001, 2, 3, tzinfo=UTC)
    assert MARKET.last_ticks(APPLE, long_ago, now, "TRADES", 10, **options) == []
    [first] = MARKET.first_ticks(APPLE, long_ago, now, "TRADES", 1, **options)[:1]
    assert timedelta(0) <= datetime.fromtimestamp(first.time, UTC) - (now - timedelta(days=3 * 365)) < timedelta(days=4)


def test_the_ticks_of_an_index_are_its_values() -> None:
    ticks = MARKET.ticks(SPX, at(10), at(10, 1), "TRADES")
    assert len(ticks) > 50
    assert {tick.size for tick in ticks if isinstance(tick, Trade)} == {0}
    prices = [tick.price for tick in ticks if isinstance(tick, Trade)]
    assert all(before != now for before, now in pairwise(prices))
    assert prices[-1] == MARKET.quote(SPX, at(10, 0, 59.9)).last


@pytest.mark.parametrize("conId", [APPLE, ES, PUT])
def test_a_short_histogram_adds_up_the_trades(conId: int) -> None:
    found = MARKET.histogram(conId, at(12), Duration(1800, "S"), False)
    expected: dict[float, int] = {}
    for tick in MARKET.ticks(conId, at(11, 30), at(12), "TRADES"):
        assert isinstance(tick, Trade)
        expected[tick.price] = expected.get(tick.price, 0) + tick.size
    assert found == sorted(expected.items())


@pytest.mark.parametrize(("conId", "regular"), [(APPLE, True), (APPLE, False), (ES, False)])
@pytest.mark.parametrize("period", [Duration(2, "D"), Duration(1, "M")])
def test_a_histogram_has_the_volume_of_the_bars(conId: int, regular: bool, period: Duration) -> None:
    found = MARKET.histogram(conId, at(12), period, regular)
    bars = MARKET.bars(conId, at(12), f"{period.count} {period.unit}", "1 day", "TRADES", regular)
    assert sum(size for _, size in found) == sum(bar.volume for bar in bars)
    assert (found[0][0], found[-1][0]) == (min(bar.low for bar in bars), max(bar.high for bar in bars))
    assert found == sorted(found) and len(dict(found)) == len(found)


def test_where_nothing_is_traded_is_no_histogram() -> None:
    assert MARKET.histogram(EURO, at(12), Duration(1, "D"), False) == []
    assert MARKET.histogram(APPLE, datetime(1980, 1, 2, tzinfo=UTC), Duration(1, "D"), False) == []


@pytest.mark.parametrize("regular", [True, False])
@pytest.mark.parametrize("conId", [APPLE, EURO, ES, PUT, SPX, SWISS])
def test_the_first_bar_is_at_the_head(conId: int, regular: bool) -> None:
    head, what = MARKET.head(conId, regular), "MIDPOINT" if conId == EURO else "TRADES"
    bars = MARKET.bars(conId, head + timedelta(minutes=10), "2 D", "1 min", what, regular)
    assert bars[0].date == head
    with pytest.raises(Refusal, match="HMDS query returned no data"):
        MARKET.bars(conId, head, "1 Y", "1 day", what, regular)
    if conId == APPLE and regular:
        assert head.astimezone(UTC) == datetime(1980, 12, 12, 14, 30, tzinfo=UTC)  # as recorded of the real AAPL


def test_sessions_are_those_of_the_exchange() -> None:
    after_thanksgiving = datetime(2026, 11, 27, 18, 0, tzinfo=NEW_YORK)
    found = MARKET.schedule(APPLE, after_thanksgiving, "3 D", "1 day", True, "SMART")
    assert [f"{each.start:%m%d %H%M}-{each.end:%H%M}" for each in found] == [
        "1124 0930-1600",
        "1125 0930-1600",
        "1127 0930-1300",
    ]
    [vix_early, vix] = MARKET.schedule(13455763, at(12), "1 D", "1 day", False, "CBOE")
    assert vix_early.day == vix.day == date(2026, 11, 20)
    assert HOURS["vix"].trading[1] == (vix.start.time(), vix.end.time())
    with pytest.raises(Refusal, match="Only daily resolution supported for Schedule requests"):
        MARKET.schedule(APPLE, at(12), "1 D", "1 min", True, "SMART")
    with pytest.raises(Refusal, match="No historical market data for SPY/OPT@SMART SCHEDULE 0"):
        MARKET.schedule(PUT, at(12), "1 D", "1 day", True, "SMART")
    with pytest.raises(Refusal, match="HMDS query returned no data"):
        MARKET.schedule(APPLE, datetime(1979, 1, 2, tzinfo=UTC), "1 D", "1 day", True, "SMART")


def test_when_the_market_opens_next() -> None:
    saturday = datetime(2026, 11, 21, 12, 0, tzinfo=NEW_YORK)
    assert MARKET.opening(APPLE, saturday) == datetime(2026, 11, 23, 4, 0, tzinfo=NEW_YORK)
    assert MARKET.opening(APPLE, at(12)) == at(12)


def test_an_unknown_conId_has_no_ticks() -> None:
    with pytest.raises(NoDefinition):
        MARKET.ticks(7, at(10), at(11), "TRADES")
