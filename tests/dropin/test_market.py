"""Market depth, tick-by-tick data, greeks and history beside ib_async's, fed with the same facts.

The tests named `test_differs_...` are all that differs.
"""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from client.subscribing import start_book
from hypothesis import given
from hypothesis import strategies as st
from oracles import ib_async

from ibdesk.client.state.greeks import EFPS, GREEKS
from ibdesk.client.state.quotes import Quotes
from ibdesk.client.state.ticker import Ticker
from ibdesk.model.contract import Forex
from ibdesk.model.quotes import IBDefaults, TickAttribBidAsk, TickAttribLast
from ibdesk.wire.messages.depth import MarketDepthData, UpdateMktDepth
from ibdesk.wire.messages.historical_ticks import TickBidAsk, TickLast, TickMidPoint
from ibdesk.wire.messages.options import TickEFP, TickOptionComputation
from ibdesk.wire.messages.tick_by_tick import TickByTick

THEIRS = ib_async()
NOW = datetime(2025, 11, 15, 19, 24, 59, 444406, tzinfo=UTC)
SECONDS = 1763234699
EURUSD = Forex("EURUSD", conId=1)


def fed(messages: list[Any], defaults: IBDefaults | None = None) -> tuple[Ticker, Any]:
    """Our ticker and theirs, after the same messages."""
    defaults = defaults or IBDefaults()
    quotes = Quotes(defaults)
    quotes.begin(NOW)
    ours = start_book(quotes, 1, EURUSD, 5, False)
    wrapper = THEIRS.wrapper.Wrapper(SimpleNamespace(), defaults=defaults)
    wrapper.lastTime = NOW
    theirs = wrapper.startTicker(1, THEIRS.contract.Forex("EURUSD", conId=1), "mktDepth")
    for message in messages:
        quotes.handlers[type(message)](message)
        name, args = _callback(message)
        getattr(wrapper, name)(*args)
    assert bool(wrapper.pendingTickers) == bool(quotes.pending())
    return ours, theirs


def _callback(message: Any) -> tuple[str, tuple[Any, ...]]:
    match message:
        case UpdateMktDepth(reqId, change):
            return "updateMktDepthL2", (
                reqId,
                change.position,
                change.marketMaker,
                change.operation,
                change.side,
                change.price,
                change.size,
            )
        case TickByTick(reqId, 3, bidAsk=tick):
            prices = (tick.priceBid, tick.priceAsk, tick.sizeBid, tick.sizeAsk)
            return "tickByTickBidAsk", (reqId, tick.time, *prices, tick.tickAttribBidAsk)
        case TickByTick(reqId, 4, midPoint=tick):
            return "tickByTickMidPoint", (reqId, tick.time, tick.price)
        case TickByTick(reqId, kind, last=tick):
            rest = (tick.tickAttribLast, tick.exchange, tick.specialConditions)
            return "tickByTickAllLast", (reqId, kind, tick.time, tick.price, tick.size, *rest)
        case _:
            name = type(message).__name__
            values = tuple(getattr(message, field) for field in message.__dataclass_fields__)
            return name[0].lower() + name[1:], values


_PRICES, _SIZES = st.sampled_from([0.5, 1.0, 2.5]), st.sampled_from([1.0, 5.0])
_GREEK = st.sampled_from([-0.5, 0.0, 0.25, 1.5])
_SIDES = [(0.5, 1.0), (2.5, 5.0), (-1.0, 0.0)]
_MESSAGES = st.one_of(
    st.builds(
        lambda kind, price, size: TickByTick(
            1, kind, last=TickLast(SECONDS, TickAttribLast(), price, size, "NYSE", "TI")
        ),
        st.sampled_from([1, 2]),
        _PRICES,
        _SIZES,
    ),
    st.builds(
        lambda bid, ask: TickByTick(
            1, 3, bidAsk=TickBidAsk(SECONDS, TickAttribBidAsk(True), bid[0], ask[0], bid[1], ask[1])
        ),
        st.sampled_from(_SIDES),
        st.sampled_from(_SIDES),
    ),
    st.builds(lambda price: TickByTick(1, 4, midPoint=TickMidPoint(SECONDS, price)), _PRICES),
    st.builds(
        TickOptionComputation,
        st.just(1),
        st.sampled_from(sorted(GREEKS)),
        st.integers(0, 1),
        st.just(-1.0) | _PRICES,
        st.just(-2.0) | _GREEK,
        st.just(-1.0) | _PRICES,
        st.just(-1.0) | _PRICES,
        st.just(-2.0) | _GREEK,
        _GREEK,
        _GREEK,
        st.just(-1.0) | _PRICES,
    ),
    st.builds(
        TickEFP,
        st.just(1),
        st.sampled_from(sorted(EFPS)),
        _PRICES,
        st.just("1.5%"),
        _PRICES,
        st.integers(0, 90),
        st.just("20260619"),
        _PRICES,
        _PRICES,
    ),
)


@given(st.lists(_MESSAGES, max_size=10))
def test_ticks(messages: list[Any]):
    ours, theirs = fed(messages)
    assert repr(ours) == repr(theirs)


def test_tables():
    assert THEIRS.wrapper.GREEKS_TICK_MAP == GREEKS
    assert THEIRS.wrapper.EFP_TICK_MAP == EFPS


def change(operation: int, row: int, side: int = 1, price: float = 10.0) -> UpdateMktDepth:
    return UpdateMktDepth(1, MarketDepthData(row, operation, side, price, 5.0, "ARCA"))


@given(st.data())
def test_a_book_that_changes_at_its_end_only(data: Any):
    """As smart depth does (tws_behaviour 3.7): inserts and deletes at the end of a side, else updates in place."""
    messages, rows = [], [0, 0]
    for _ in range(data.draw(st.integers(0, 12))):
        side, price = data.draw(st.sampled_from([0, 1])), data.draw(_PRICES)
        operation = data.draw(st.sampled_from([0, 1, 2] if rows[side] else [0]))
        row = rows[side] if operation == 0 else data.draw(st.integers(0, rows[side] - 1))
        if operation == 2:
            row = rows[side] - 1
        rows[side] += {0: 1, 1: 0, 2: -1}[operation]
        if rows[side] <= 5:
            messages.append(change(operation, row, side, price))
        else:
            rows[side] -= 1
    ours, theirs = fed(messages)
    for name in ("domBids", "domAsks", "domTicks"):
        mine, others = getattr(ours, name), getattr(theirs, name)
        assert list(map(tuple, mine)) == list(map(tuple, others))
    assert ours.domBidsDict == theirs.domBidsDict
    assert ours.domAsksDict == theirs.domAsksDict


@pytest.mark.parametrize(
    ("messages", "expected", "wrong"),
    [
        ([change(0, 0, price=10.0), change(0, 0, price=11.0)], [11.0, 10.0], [11.0]),
        (
            [change(0, 0, price=10.0), change(0, 1, price=9.0), change(2, 0), change(1, 0, price=9.5)],
            [9.5],
            [9.0, 9.5],
        ),
    ],
    ids=["insert", "delete"],
)
def test_differs_rows_move(messages: list[Any], expected: list[float], wrong: list[float]):
    ours, theirs = fed(messages)
    assert [level.price for level in ours.domBids] == expected
    assert [level.price for level in theirs.domBids] == wrong


def test_differs_vega_and_theta_that_were_not_computed():
    ours, theirs = fed([TickOptionComputation(1, 13, 0)])
    assert (ours.modelGreeks.vega, ours.modelGreeks.theta) == (None, None)  # type: ignore[union-attr]
    assert (theirs.modelGreeks.vega, theirs.modelGreeks.theta) == (-2.0, -2.0)


def test_differs_a_halt_is_no_trade():
    halt = TickByTick(1, 1, last=TickLast(SECONDS, TickAttribLast(True), 0.0, 0.0))
    trade = TickByTick(1, 1, last=TickLast(SECONDS, TickAttribLast(), 10.0, 1.0))
    ours, theirs = fed([trade, halt])
    assert (ours.last, ours.halted, theirs.last) == (10.0, 1.0, 0.0)


def test_differs_a_price_below_zero_is_a_price():
    tick = TickByTick(1, 3, bidAsk=TickBidAsk(SECONDS, TickAttribBidAsk(), -3.5, 1.0, 2.0, 2.0))
    ours, theirs = fed([tick])
    assert (ours.bid, theirs.bid) == (-3.5, -1)


def test_differs_a_tick_has_the_time_of_the_exchange():
    tick = TickByTick(1, 4, midPoint=TickMidPoint(SECONDS, 1.0))
    ours, theirs = fed([tick])
    assert ours.tickByTicks[0].time == theirs.tickByTicks[0].time == NOW
    assert ours.tickByTicks[0].exchangeTime == datetime.fromtimestamp(SECONDS, UTC)
    assert not hasattr(theirs.tickByTicks[0], "exchangeTime")
