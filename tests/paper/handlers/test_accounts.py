"""Who is told what an account holds and is worth, at once and later."""

import pytest

from ibdesk.model.contract import Forex, Future, Stock
from ibdesk.model.order import MarketOrder
from ibdesk.wire import versions as V
from ibdesk.wire.messages.accounts import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountUpdateMulti,
    AccountUpdateMultiEnd,
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPositions,
    CancelPositionsMulti,
    Position,
    PositionEnd,
    PositionMulti,
    PositionMultiEnd,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
    ReqPositions,
    ReqPositionsMulti,
    UpdateAccountTime,
    UpdateAccountValue,
    UpdatePortfolio,
)
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.orders import PlaceOrder

ACCOUNT = "DU1234567"
APPLE = Stock("AAPL", "SMART", "USD")
ES = Future("ES", "202606", "CME")
OLD_AND_NEW = [V.MIN, V.MAX]


def of(messages, kind):
    return [message for message in messages if isinstance(message, kind)]


def values(messages):
    return {(m.key, m.currency): m.value for m in of(messages, UpdateAccountValue)}


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_positions_at_once_and_then_with_each_execution(gateway, version):
    client = gateway.connect(1, version)
    assert client.ask(ReqPositions()) == [PositionEnd()]
    (held,) = of(client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100))), Position)
    assert (held.account, held.position, held.contract.conId, held.contract.exchange) == (
        ACCOUNT,
        100,
        265598,
        "NASDAQ",
    )
    assert client.ask(ReqPositions()) == [held, PositionEnd()]
    (gone,) = of(client.ask(PlaceOrder(2, APPLE, MarketOrder("SELL", 100))), Position)
    assert (gone.position, gone.avgCost) == (0, 0)
    assert client.ask(ReqPositions()) == [PositionEnd()]


def test_positions_are_told_to_every_subscriber_until_it_cancels(client, gateway):
    other = gateway.connect(2)
    other.ask(ReqPositions(), ReqPositions())
    client.ask(PlaceOrder(1, ES, MarketOrder("SELL", 1)))
    (held,) = of(other.heard(), Position)
    assert (held.position, held.contract.exchange) == (-1, "")
    other.ask(CancelPositions())
    client.ask(PlaceOrder(2, ES, MarketOrder("BUY", 1)))
    assert other.heard() == []


@pytest.mark.parametrize("version", OLD_AND_NEW)
@pytest.mark.parametrize("account", ["", "All", ACCOUNT])
def test_positions_by_account_and_model(gateway, version, account):
    client = gateway.connect(1, version)
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    held, end = client.ask(ReqPositionsMulti(4, account, "growth"))
    assert end == PositionMultiEnd(4)
    assert (held.reqId, held.account, held.modelCode, held.position) == (4, ACCOUNT, "growth", 100)
    assert (held.contract.conId, held.contract.exchange) == (265598, "NASDAQ")
    assert held.avgCost == gateway.broker.ledger.positions()[0].avgCost
    (more,) = of(client.ask(PlaceOrder(2, APPLE, MarketOrder("BUY", 50))), PositionMulti)
    assert (more.reqId, more.position) == (4, 150)
    assert client.ask(CancelPositionsMulti(4), CancelPositionsMulti(4)) == []
    assert of(client.ask(PlaceOrder(3, APPLE, MarketOrder("SELL", 150))), PositionMulti) == []
    assert client.ask(ReqPositionsMulti(5, account, "")) == [PositionMultiEnd(5)]


@pytest.mark.parametrize("version", OLD_AND_NEW)
@pytest.mark.parametrize("account", ["", ACCOUNT])
def test_account_updates(gateway, version, account):
    client = gateway.connect(1, version)
    messages = client.ask(ReqAccountUpdates(True, account))
    assert messages[-2:] == [UpdateAccountTime("10:00"), AccountDownloadEnd(ACCOUNT)]
    assert values(messages)["NetLiquidation", "USD"] == "1000000.00"
    assert len(of(messages, UpdateAccountValue)) == len(messages) - 2 > 100


def test_an_execution_changes_values_and_portfolio(client):
    client.ask(ReqAccountUpdates(True, ""))
    messages = client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    (item,) = of(messages, UpdatePortfolio)
    assert (item.position, item.marketValue) == (100, 100 * item.marketPrice)
    now = values(messages)
    assert ("AccountCode", "") not in now
    cash, worth = float(now["TotalCashBalance", "USD"]), float(now["NetLiquidation", "USD"])
    assert cash + item.marketValue == pytest.approx(worth, abs=0.01)
    assert worth == pytest.approx(1_000_000 + item.unrealizedPNL, abs=0.01)


def test_values_come_again_after_three_minutes(client, gateway):
    client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)), ReqAccountUpdates(True, ""))
    gateway.wait(179)
    assert client.heard() == []
    gateway.wait(1)
    messages = client.heard()
    assert messages[-1] == UpdateAccountTime("10:03")
    assert ("NetLiquidation", "USD") in values(messages)
    assert len(of(messages, UpdatePortfolio)) == 1
    gateway.wait(100)
    assert client.heard() == []


def test_a_client_that_does_not_read_gets_its_values_later(client, gateway):
    client.ask(ReqAccountUpdates(True, ""))
    client.seat.is_congested = True
    gateway.connect(2).ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0.1)
    assert len(of(client.heard(), UpdatePortfolio)) == 1


def test_account_updates_end(client, gateway):
    client.ask(ReqAccountUpdates(True, ""))
    assert gateway.router.next_due is not None
    assert client.ask(ReqAccountUpdates(False, "")) == client.ask(ReqAccountUpdates(False, "")) == []
    assert gateway.router.next_due is None
    gateway.wait(200)
    assert client.heard() == []


def test_an_unknown_account(gateway):
    client = gateway.connect(1, 178)
    (answer,) = client.ask(ReqAccountUpdates(True, "DU7"))
    assert (answer.reqId, answer.errorCode) == (2147483647, 321)
    assert answer.errorString.endswith(" : cause - Invalid account code 'DU7'.")
    for request in (ReqAccountUpdatesMulti(4, "DU7", "", False), ReqPositionsMulti(4, "DU7", "")):
        (answer,) = client.ask(request)
        assert (answer.reqId, answer.errorCode) == (4, 321)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_a_summary(gateway, version):
    client = gateway.connect(1, version)
    messages = client.ask(ReqAccountSummary(6, "All", "NetLiquidation,AccountType,Nonsense"))
    assert messages == [
        AccountSummary(6, ACCOUNT, "AccountType", "INDIVIDUAL", ""),
        AccountSummary(6, ACCOUNT, "NetLiquidation", "1000000.00", "USD"),
        AccountSummaryEnd(6),
    ]
    (changed,) = of(client.ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100))), AccountSummary)
    assert changed.tag == "NetLiquidation"
    client.ask(CancelAccountSummary(6))
    assert of(client.ask(PlaceOrder(2, APPLE, MarketOrder("BUY", 100))), AccountSummary) == []


def test_two_summaries_at_most(client, gateway):
    client.ask(ReqAccountSummary(1, "All", "SMA"), ReqAccountSummary(2, "All", "SMA"))
    (answer,) = client.ask(ReqAccountSummary(3, "All", "SMA"))
    assert (answer.reqId, answer.errorCode, answer.errorString) == (
        3,
        322,
        "Error processing request.-'Q' : cause - Maximum number of account summary requests exceeded; "
        "desubscribe to previous request first",
    )
    assert client.ask(ReqAccountSummary(2, "All", "SMA"))[-1] == AccountSummaryEnd(2)
    assert gateway.connect(2).ask(ReqAccountSummary(3, "All", "SMA"))[-1] == AccountSummaryEnd(3)
    client.ask(CancelAccountSummary(1))
    assert client.ask(ReqAccountSummary(3, "All", "SMA"))[-1] == AccountSummaryEnd(3)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_values_by_account_and_model(gateway, version):
    client = gateway.connect(1, version)
    everything = client.ask(ReqAccountUpdatesMulti(4, ACCOUNT, "", False))
    assert everything.pop() == AccountUpdateMultiEnd(4)
    assert AccountUpdateMulti(4, ACCOUNT, "", "NetLiquidation", "1000000.00", "USD") in everything
    ledger = client.ask(ReqAccountUpdatesMulti(5, "", "", True))
    assert ledger.pop() == AccountUpdateMultiEnd(5)
    keys = {row.key for row in ledger}
    assert {"CashBalance", "NetLiquidation"} <= keys < {row.key for row in everything}
    assert "AccountType" not in keys
    client.ask(CancelAccountUpdatesMulti(4), CancelAccountUpdatesMulti(5))
    assert gateway.router.next_due is None


def test_the_subscriptions_of_a_client_that_is_gone_end(client, gateway):
    client.ask(ReqPositions(), ReqPositionsMulti(2, "", ""))
    client.ask(ReqAccountUpdates(True, ""), ReqAccountSummary(1, "All", "SMA"))
    gateway.router.disconnect(client.seat)
    gateway.connect(2).ask(PlaceOrder(1, APPLE, MarketOrder("BUY", 100)))
    assert client.heard() == []
    assert gateway.router.next_due is None


def test_a_day_of_trading_adds_up(client, gateway):
    client.ask(ReqAccountUpdates(True, ""))
    orders = [
        (APPLE, "BUY", 300),
        (ES, "BUY", 2),
        (Forex("EURUSD"), "BUY", 50_000),
        (APPLE, "SELL", 500),
        (ES, "SELL", 3),
    ]
    messages = []
    for number, (contract, action, quantity) in enumerate(orders, 1):
        messages += client.ask(PlaceOrder(number, contract, MarketOrder(action, quantity)))
        gateway.wait(300)
    messages += client.heard()
    assert of(messages, Error) == []
    items = {item.contract.conId: item for item in of(messages, UpdatePortfolio)}
    profit = sum(item.unrealizedPNL + item.realizedPNL for item in items.values())
    worth = float(values(messages)["NetLiquidation", "USD"])
    assert worth == pytest.approx(1_000_000 + profit, abs=0.05)
