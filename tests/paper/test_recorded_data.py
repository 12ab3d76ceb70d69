"""A gateway whose prices are recorded: every kind of request is served or refused before, amid and after the data."""

import asyncio
from datetime import timedelta

import pytest

from ibdesk.model.contract import Future, Index, Option, Stock
from ibdesk.model.order import LimitOrder, MarketOrder
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.instruments.listings import load
from ibdesk.paper.market.recorded_prices import RecordedPrices
from ibdesk.paper.market.source import moment_of
from ibdesk.wire.messages.accounts import ReqPositions
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ReqContractDetails
from ibdesk.wire.messages.depth import ReqMktDepth
from ibdesk.wire.messages.executions import ExecDetails
from ibdesk.wire.messages.historical_ticks import ReqHistoricalTicks
from ibdesk.wire.messages.history import HistoricalData, ReqHistoricalData
from ibdesk.wire.messages.history_summaries import ReqHeadTimeStamp, ReqHistogramData
from ibdesk.wire.messages.market_data import ReqMktData, TickPrice
from ibdesk.wire.messages.options import CalculateOptionPrice, ReqSecDefOptParams
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.real_time_bars import ReqRealTimeBars
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData

from .conftest import GatewayInMemory
from .market.recorded_events import BEGIN, events_of

KNOWN = {each.conId: each for each in load().instruments}
EVENTS = {each: events_of(KNOWN[each], each, 700, price) for each, price in ((265598, 100.0), (416904, 3000.0))}
DATA = RecordedPrices(EVENTS)
END = moment_of(EVENTS[265598].end)
APPLE, MICROSOFT = Stock("AAPL", "SMART", "USD"), Stock("MSFT", "SMART", "USD")
CALL = Option("AAPL", "20261218", 100, "C", "SMART")
GENERIC = "100,101,104,106,165,225,232,233,236,292,318,375"


def requests_for(contract):
    """A request of each kind that looks at prices."""
    depth = contract.secType == "STK"
    told = "TRADES" if contract.secType != "OPT" else "MIDPOINT"
    return [
        ReqMktData(1, contract, GENERIC if depth else ""),
        *([ReqMktDepth(2, contract, 5, True), ReqTickByTickData(3, contract, "AllLast", 10)] if depth else []),
        ReqRealTimeBars(4, contract, 5, told, False),
        ReqHistoricalData(5, contract, "", "2 D", "5 mins", told, False),
        ReqHistoricalData(6, contract, "", "1 D", "1 day", "SCHEDULE", True) if depth else ReqPositions(),
        ReqHistoricalTicks(7, contract, "", "20261120 16:00:00 US/Eastern", 10, "TRADES", False, False),
        ReqHeadTimeStamp(8, contract, "TRADES", 0, 1),
        ReqHistogramData(9, contract, False, "1 day"),
    ]


def codes_of(messages):
    return {(each.reqId, each.errorCode) for each in messages if isinstance(each, Error)} - {(2, 2152)}


def gateway_at(moment, **kwargs):
    return GatewayInMemory(moment.astimezone(NEW_YORK), moment, data=DATA, **kwargs)


@pytest.mark.parametrize("contract", [APPLE, CALL, Index("SPX", "CBOE"), Future("ES", "202612", "CME")], ids=str)
@pytest.mark.parametrize("seconds", [-7200, -1, 0, 1, 900, 100_000, 1_000_000])
def test_no_moment_is_a_fault_of_the_gateway(contract, seconds):
    gateway = gateway_at(BEGIN + timedelta(seconds=seconds))
    client = gateway.connect(1)
    heard = client.ask(*requests_for(contract))
    for _ in range(4):
        gateway.wait(7)
        heard += client.heard()
    # No data (162, 10188) is an answer; an internal error (322) is none.
    assert {code for _, code in codes_of(heard)} <= {162, 10188, 10090, 2152}
    if seconds == 900:
        assert codes_of(heard) <= {(9, 10188)} and any(isinstance(each, TickPrice) for each in heard)
    if seconds == -7200:
        assert {(5, 162)} <= codes_of(heard)


LIMIT = 108.0
"""Above the prices of the tape, and not too far."""


@pytest.mark.parametrize("seconds", [-7200, -1, 0, 1, 900, 1_000_000])
def test_orders_wait_for_a_quote(seconds):
    gateway = gateway_at(BEGIN + timedelta(seconds=seconds))
    client = gateway.connect(1)
    heard = client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 1)), PlaceOrder(2, APPLE, LimitOrder("BUY", 1, LIMIT)))
    gateway.wait(0.5)
    heard += client.heard()
    assert {code for _, code in codes_of(heard)} <= {399, 201, 2109, 10349}
    filled = [each.execution.price for each in heard if isinstance(each, ExecDetails)]
    quote = gateway.broker.market.quote(265598, BEGIN + timedelta(seconds=seconds))
    if seconds in (0, 1, 900):
        assert filled and filled[0] == quote.ask
    else:
        assert not filled or seconds == -1


def test_with_data_alone_requests_and_orders_for_anything_else_are_refused():
    gateway = gateway_at(BEGIN + timedelta(seconds=900), only_data=True)
    client = gateway.connect(1)
    heard = client.ask(*requests_for(MICROSOFT), PlaceOrder(10, MICROSOFT, MarketOrder("BUY", 1)))
    refused = dict(codes_of(heard))
    assert refused == {1: 354, 2: 354, 3: 354, 4: 354, 5: 162, 6: 162, 7: 162, 8: 162, 9: 162, 10: 201}
    texts = [each.errorString for each in heard if isinstance(each, Error)]
    assert all("they have no prices of MSFT/STK" in text for text in texts)
    # What it is can be asked nevertheless, and what has data is served.
    assert not codes_of(client.ask(ReqContractDetails(11, MICROSOFT)))
    served = client.ask(*requests_for(APPLE)[:1], ReqHistoricalData(5, CALL, "", "1 D", "1 hour", "BID", True))
    assert not codes_of(served) and any(isinstance(each, HistoricalData) for each in served)


def test_chains_and_calculations_go_by_the_recorded_price():
    gateway = gateway_at(BEGIN + timedelta(seconds=900))
    client = gateway.connect(1)
    chain, *_ = client.ask(ReqSecDefOptParams(1, "AAPL", "", "STK", 265598))
    assert min(chain.strikes) < 100 < max(chain.strikes) < 200
    assert not codes_of(client.ask(CalculateOptionPrice(2, CALL, 0.3, 100.0)))


def test_only_data_needs_data():
    with pytest.raises(ValueError, match="only_data"):
        PaperGateway(port=0, only_data=True)


async def test_a_gateway_takes_a_source():
    start = BEGIN + timedelta(minutes=10)
    async with PaperGateway(port=0, start_time=start, data=DATA, only_data=True) as gateway:
        assert gateway.start_time == start
        await asyncio.sleep(0)
