"""The objects that live beside ib_async's: names, defaults, reprs, and what ticks make of a ticker.

The tests named `test_differs_...` are all that differs.
"""

import dataclasses
import inspect
from datetime import UTC, datetime
from math import isnan
from types import SimpleNamespace
from typing import Any

import pytest
from client.subscribing import start
from hypothesis import given
from hypothesis import strategies as st
from oracles import ib_async

from ibdesk.client.state import bar_lists, tick_types, ticker, trade
from ibdesk.client.state.quotes import Quotes
from ibdesk.model.contract import Forex
from ibdesk.model.quotes import IBDefaults
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickSize, TickString

THEIRS = ib_async()
PAIRS = {
    "Trade": (trade.Trade, THEIRS.order.Trade),
    "Ticker": (ticker.Ticker, THEIRS.ticker.Ticker),
    "BarDataList": (bar_lists.BarDataList, THEIRS.objects.BarDataList),
    "RealTimeBarList": (bar_lists.RealTimeBarList, THEIRS.objects.RealTimeBarList),
    "ScanDataList": (bar_lists.ScanDataList, THEIRS.objects.ScanDataList),
}
APPENDED = {
    "Trade": ["warnings", "rejection", "uncertainty", "cancelling"],
    "Ticker": [
        "genericTickList",
        "oddLotBid",
        "oddLotBidSize",
        "oddLotBidExchange",
        "oddLotAsk",
        "oddLotAskSize",
        "oddLotAskExchange",
        "status",
        "lastPricePrecision",
        "lastSizePrecision",
        "deltaNeutralContract",
    ],
}
NOW = datetime(2025, 11, 15, 19, 24, 59, 444406, tzinfo=UTC)


def _theirs(table: dict[int, str]) -> dict[int, str]:
    """What ib_async knows too: no quotes of odd lots."""
    return {kind: name for kind, name in table.items() if not name.startswith("oddLot")}


def both(name: str) -> Any:
    return PAIRS[name]


def default(field: "dataclasses.Field[Any]") -> str:
    return repr(field.default if field.default_factory is dataclasses.MISSING else field.default_factory())


@pytest.mark.parametrize("name", APPENDED)
def test_fields_and_defaults(name: str):
    ours, theirs = ([(field.name, default(field)) for field in dataclasses.fields(noun)] for noun in both(name))
    assert ours[: len(theirs)] == theirs
    assert [field for field, _ in ours[len(theirs) :]] == APPENDED[name]


@pytest.mark.parametrize("name", APPENDED)
def test_constructors(name: str):
    ours, theirs = (list(inspect.signature(noun).parameters) for noun in both(name))
    assert ours == [*theirs, *APPENDED[name]]


@pytest.mark.parametrize("name", PAIRS)
def test_public_attributes(name: str):
    """Of the class, and of an instance: the events."""
    for pair in (both(name), [noun() for noun in both(name)]):
        ours, theirs = ({attribute for attribute in dir(one) if not attribute.startswith("_")} for one in pair)
        assert theirs - ours == set()


@pytest.mark.parametrize("name", ["BarDataList", "RealTimeBarList", "ScanDataList"])
def test_request_attributes(name: str):
    ours, theirs = (list(noun.__annotations__) for noun in both(name))
    assert ours == theirs


@pytest.mark.parametrize("name", APPENDED)
def test_events(name: str):
    ours, theirs = both(name)
    assert ours.events == theirs.events
    for event in ours.events:
        assert getattr(ours(), event).name() == getattr(theirs(), event).name() == event


@pytest.mark.parametrize("name", PAIRS)
def test_repr_of_defaults(name: str):
    ours, theirs = (repr(noun()) for noun in both(name))
    assert ours == theirs


@pytest.mark.parametrize("name", APPENDED)
def test_dict_and_tuple(name: str):
    ours, theirs = (noun() for noun in both(name))
    known = len(dataclasses.fields(theirs))
    assert list(ours.dict())[:known] == list(theirs.dict())
    assert repr(ours.tuple()[:known]) == repr(theirs.tuple())


def test_repr_of_a_ticker():
    """As the notebook of the reference shows it."""
    defaults = (
        "defaults=IBDefaults(emptyPrice=-1, emptySize=0, unset=nan, timezone=datetime.timezone.utc), created=True)"
    )
    contract = Forex("EURUSD", conId=12087792, localSymbol="EUR.USD", tradingClass="EUR.USD")
    one = ticker.Ticker(contract)
    assert repr(one) == f"Ticker(contract={contract!r}, {defaults}"
    one.time, one.timestamp, one.minTick = NOW, 1763234699.444406, 1e-05
    one.bid, one.bidSize, one.volume, one.close = -1, 0, 0.0, 1.1634
    assert repr(one) == (
        f"Ticker(contract={contract!r}, time=datetime.datetime(2025, 11, 15, 19, 24, 59, 444406, "
        "tzinfo=datetime.timezone.utc), timestamp=1763234699.444406, minTick=1e-05, bid=-1, bidSize=0, volume=0.0, "
        f"close=1.1634, {defaults}"
    )


@pytest.mark.parametrize("unset", [None, 0.0, float("nan")])
def test_unset_attributes(unset: Any):
    ours, theirs = (noun(defaults=IBDefaults(unset=unset)) for noun in both("Ticker"))
    assert repr(ours.tuple()[: len(theirs.tuple())]) == repr(theirs.tuple())


def test_differs_a_trade_can_be_in_a_set():
    ours, theirs = both("Trade")
    assert hash(ours())
    with pytest.raises(TypeError):
        hash(theirs())


def test_differs_a_replaced_ticker_has_an_event():
    for noun, has in zip(both("Ticker"), (True, False), strict=True):
        assert hasattr(dataclasses.replace(noun()), "updateEvent") is has


def test_differs_lists_of_equal_bars_are_unequal_both_ways():
    ours, theirs = both("BarDataList")
    assert not (theirs() == theirs() or theirs() != theirs())
    assert ours() != ours()


# --- what ticks make of a ticker --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (tick_types.PRICES, "PRICE_TICK_MAP"),
        (tick_types.SIZES, "SIZE_TICK_MAP"),
        (tick_types.NUMBERS, "GENERIC_TICK_MAP"),
        (tick_types.TEXTS, "STRING_TICK_MAP"),
        (tick_types.TIMES, "TIMESTAMP_TICK_MAP"),
        (tick_types.TRADES, "RT_VOLUME_TICK_MAP"),
    ],
)
def test_tables_of_tick_types(ours: dict[int, str], theirs: str):
    assert _theirs(ours) == getattr(THEIRS.wrapper, theirs)


_VALUES = st.sampled_from([0.0, 1.0, 2.5, 100.0])
_SIDE_PRICES, _SIDE_SIZES = [1, 2, 4, 66, 67, 68], [0, 3, 5, 69, 70, 71]
_TEXTS = ["0", "1763234699", "701.28;1;1348075471534;67854;701.4;true", ";;;;;", "0.83,,20130219,0.23", "A=1;B=x;C=2.5"]
_TICKS = st.one_of(
    st.builds(
        TickPrice,
        st.just(1),
        st.sampled_from([*_SIDE_PRICES, *_theirs(tick_types.PRICES)]),
        _VALUES | st.just(-1.0),
        _VALUES,
    ),
    st.builds(TickSize, st.just(1), st.sampled_from([*_SIDE_SIZES, *_theirs(tick_types.SIZES)]), _VALUES),
    st.builds(
        TickGeneric, st.just(1), st.sampled_from(sorted(tick_types.NUMBERS.keys() - tick_types.SIGNED_NUMBERS)), _VALUES
    ),
    st.builds(
        TickString,
        st.just(1),
        st.sampled_from([45, 48, 77, 88, 59, 47, *_theirs(tick_types.TEXTS)]),
        st.sampled_from(_TEXTS),
    ),
)
_NAMES = {TickSize: "tickSize", TickGeneric: "tickGeneric", TickString: "tickString", TickPrice: "priceSizeTick"}


@given(ticks=st.lists(_TICKS, max_size=12), empty=st.sampled_from([(-1, 0), (None, None), (-5, -6)]))
def test_ticks(ticks: list[Any], empty: tuple[Any, Any]):
    defaults = IBDefaults(*empty)
    quotes = Quotes(defaults)
    quotes.begin(NOW)
    ours = start(quotes, 1, Forex("EURUSD", conId=1), "mktData")
    wrapper = THEIRS.wrapper.Wrapper(SimpleNamespace(), defaults=defaults)
    wrapper._logger.disabled = True  # it complains about texts that it cannot read
    wrapper.lastTime = NOW
    theirs = wrapper.startTicker(1, THEIRS.contract.Forex("EURUSD", conId=1), "mktData")
    for tick in ticks:
        quotes.handlers[type(tick)](tick)
        values = [
            getattr(tick, name) for name in ("reqId", "tickType", "price", "size", "value") if hasattr(tick, name)
        ]
        getattr(wrapper, _NAMES[type(tick)])(*values)
    assert repr(ours) == repr(theirs)
    unreadable = any("not readable" in oddity for oddity in quotes.oddities)
    assert bool(wrapper.pendingTickers) == bool(quotes.flush()) or unreadable


def test_differs_a_premium_can_be_negative():
    quotes = Quotes()
    one = start(quotes, 1, Forex("EURUSD", conId=1), "mktData")
    quotes.tick_generic(TickGeneric(1, 31, -2.5))
    assert one.indexFuturePremium == -2.5
    assert isnan(one.halted)
