"""What is told to those who have subscribed to something that ends, and of its past."""

from datetime import datetime, timedelta

import pytest

from ibdesk.model.contract import Future, Option
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.contracts import ContractData, ReqContractDetails
from ibdesk.wire.messages.depth import ReqMktDepth, UpdateMktDepth
from ibdesk.wire.messages.history import HistoricalData, HistoricalDataUpdate, ReqHistoricalData
from ibdesk.wire.messages.market_data import CancelMktData, ReqMktData, TickPrice
from ibdesk.wire.messages.options import TickOptionComputation
from ibdesk.wire.messages.pnl import PnLSingle, ReqPnLSingle
from ibdesk.wire.messages.real_time_bars import RealtimeBar, ReqRealTimeBars
from ibdesk.wire.messages.tick_by_tick import ReqTickByTickData, TickByTick

ES = Future("ES", "202606", "CME")
CALL = Option("SPY", "20260417", 720, "C", "SMART")
GONE = "No security definition has been found for the request"
END = datetime(2026, 6, 18, 9, 30, tzinfo=NEW_YORK)


def errors(messages):
    return [(each.reqId, each.errorCode, each.errorString) for each in messages if isinstance(each, Error)]


@pytest.fixture
def gateway(make_gateway):
    """Ten seconds before ES ends, on the Thursday before Juneteenth."""
    start = END - timedelta(seconds=10)
    return make_gateway(start, start)


def test_data_of_a_future_stop_at_its_end_and_subscriptions_at_midnight(gateway):
    client = gateway.connect(1)
    client.ask(
        ReqMktData(1, ES),
        ReqMktDepth(2, ES, 5),
        ReqTickByTickData(3, ES, "AllLast"),
        ReqRealTimeBars(4, ES, 5, "TRADES", False),
        ReqHistoricalData(5, ES, "", "300 S", "1 min", "TRADES", False, keepUpToDate=True),
    )
    gateway.wait(10)
    told = client.heard()
    kinds = {type(each) for each in told}
    assert {TickPrice, UpdateMktDepth, TickByTick, RealtimeBar, HistoricalDataUpdate} <= kinds
    assert [each.time for each in told if isinstance(each, RealtimeBar)][-1] == int(END.timestamp()) - 5
    prices = [(each.tickType, each.price) for each in told if isinstance(each, TickPrice)]
    assert {(1, -1.0), (2, -1.0)} <= set(prices[-3:])
    gateway.wait(3600)
    assert client.heard() == []
    due = gateway.router.next_due
    assert due >= END + timedelta(hours=7)  # when this market would open next
    gateway.wait(13.5 * 3600 - 1)
    assert errors(client.heard()) == []
    gateway.wait(1)
    assert sorted(errors(client.heard())) == [(number, 200, GONE) for number in range(1, 6)]
    assert gateway.router.next_due is None
    assert errors(client.ask(CancelMktData(1))) == [(1, 300, "Can't find EId with tickerId:1")]


def test_an_option_has_no_computations_after_its_end(make_gateway):
    start = datetime(2026, 4, 17, 15, 59, 50, tzinfo=NEW_YORK)
    gateway = make_gateway(start, start)
    client = gateway.connect(1)
    client.ask(ReqMktData(1, CALL))
    gateway.wait(10)
    told = client.heard()
    assert any(isinstance(each, TickOptionComputation) for each in told)
    gateway.wait(4 * 3600)
    assert client.heard() == []
    # A snapshot still has the last price.
    snapshot = client.ask(ReqMktData(2, CALL, snapshot=True))
    assert [each.price for each in snapshot if isinstance(each, TickPrice) and each.tickType == 4] != []
    gateway.wait(4 * 3600)
    assert errors(client.heard()) == [(1, 200, GONE)]


def test_what_was_cancelled_is_not_told(gateway):
    client = gateway.connect(1)
    client.ask(ReqMktData(1, ES), CancelMktData(1))
    gateway.wait(24 * 3600)
    assert errors(client.heard()) == []
    other = gateway.connect(2)
    assert errors(other.ask(ReqMktData(1, ES))) == [(1, 200, GONE)]


def test_the_profit_of_what_has_ended_is_told_no_more(gateway):
    con_id = gateway.broker.market.instruments.resolve(ES).contract.conId
    client = gateway.connect(1)
    (profit,) = client.ask(ReqPnLSingle(1, "", "", con_id))
    assert isinstance(profit, PnLSingle)
    gateway.wait(48 * 3600)
    assert client.heard() == []
    assert gateway.router.next_due is None


@pytest.mark.parametrize("days", [1, 30, 700])
def test_futures_can_be_looked_up_when_they_have_expired(gateway, days):
    client = gateway.connect(1)
    gateway.wait(days * 86400)
    assert errors(client.ask(ReqContractDetails(1, ES))) == [(1, 200, GONE)]
    (found, _) = client.ask(ReqContractDetails(2, Future("ES", "202606", "CME", includeExpired=True)))
    assert isinstance(found, ContractData)
    contract = found.contractDetails.contract
    assert contract.localSymbol == "ESM6"
    contract.includeExpired = True
    end = "20260618 17:00:00 US/Eastern"
    (bars, _) = client.ask(ReqHistoricalData(3, contract, end, "2 D", "1 hour", "TRADES", False))
    assert isinstance(bars, HistoricalData)
    assert bars.bars[-1].date == "20260618 08:00:00 US/Central"
    contract.includeExpired = False
    assert errors(client.ask(ReqHistoricalData(4, contract, end, "2 D", "1 hour", "TRADES", False))) == [(4, 200, GONE)]


def test_options_cannot_be_looked_up_when_they_have_expired(make_gateway):
    start = datetime(2026, 4, 17, 12, tzinfo=NEW_YORK)
    gateway = make_gateway(start, start)
    client = gateway.connect(1)
    assert isinstance(client.ask(ReqContractDetails(1, CALL))[0], ContractData)
    gateway.wait(12 * 3600)
    expired = Option("SPY", "20260417", 720, "C", "SMART", includeExpired=True)
    for contract in (CALL, expired):
        assert errors(client.ask(ReqContractDetails(1, contract))) == [(1, 200, GONE)]
