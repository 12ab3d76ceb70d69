"""Who is told which profit, at once and later."""

from itertools import pairwise

import pytest

from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire import versions as V
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import CancelPnL, CancelPnLSingle, PnL, PnLSingle, ReqPnL, ReqPnLSingle

ACCOUNT = "DU1234567"
AAPL, MSFT = 265598, 272093
APPLE = Stock("AAPL", "SMART", "USD")
OLD_AND_NEW = [V.MIN, V.MAX]
BUY, SELL = (PlaceOrder(number, APPLE, MarketOrder(action, 100)) for number, action in ((1, "BUY"), (2, "SELL")))


def of(messages, kind):
    return [message for message in messages if isinstance(message, kind)]


def expected(gateway):
    held = gateway.broker.ledger.pnl()
    return PnL(7, held.dailyPnL, held.unrealizedPnL, held.realizedPnL)


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_the_profit_of_the_account_at_once_and_then_with_the_ledger(gateway, version):
    client = gateway.connect(1, version)
    assert client.ask(ReqPnL(7, ACCOUNT, "")) == [PnL(7, 0.0, 0.0, 0.0)]
    client.ask(BUY)
    gateway.wait(60)
    told = of(client.heard(), PnL)[-1]
    ledger = gateway.broker.ledger
    assert told == expected(gateway)
    assert told.dailyPnL == pytest.approx(float(ledger.totals().net_liquidation) - 1_000_000)
    client.ask(SELL)
    gateway.wait(1)
    told = of(client.heard(), PnL)[-1]
    assert told.unrealizedPnL == 0
    assert told.dailyPnL == pytest.approx(told.realizedPnL)
    assert told.realizedPnL != 0


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_the_profit_of_a_position(gateway, version):
    client = gateway.connect(1, version)
    client.ask(BUY)
    (told,) = client.ask(ReqPnLSingle(8, ACCOUNT, "", AAPL))
    held = gateway.broker.ledger.pnl_single(AAPL)
    assert told == PnLSingle(8, 100, held.dailyPnL, held.unrealizedPnL, held.realizedPnL, held.value)
    (item,) = gateway.broker.ledger.portfolio()
    assert told.value == item.marketValue
    client.ask(SELL)
    gateway.wait(1)
    closed = of(client.heard(), PnLSingle)[-1]
    assert (closed.position, closed.value, closed.unrealizedPnL) == (0, 0, 0)
    assert closed.realizedPnL == pytest.approx(closed.dailyPnL)


def test_a_profit_comes_once_a_second_and_only_when_it_has_changed(client, gateway):
    client.ask(BUY, ReqPnL(7, ACCOUNT, ""))
    shown, seconds = [], 60
    for _ in range(4 * seconds):
        gateway.wait(0.25)
        shown += of(client.heard(), PnL)
    assert 5 < len(shown) <= seconds
    assert all(before != after for before, after in pairwise(shown))


def test_nothing_is_known_of_what_was_never_held(client):
    assert client.ask(ReqPnLSingle(8, ACCOUNT, "", MSFT)) == [PnLSingle(8, 0)]
    assert PnLSingle(8, 0).dailyPnL == UNSET_DOUBLE


def test_what_does_not_exist_has_no_answer(client, gateway):
    assert client.ask(ReqPnLSingle(8, ACCOUNT, "", 1)) == []
    assert gateway.router.next_due is None


def test_another_account_is_refused(client):
    for request in (ReqPnL(7, "DU7", ""), ReqPnLSingle(7, "DU7", "", AAPL)):
        (answer,) = client.ask(request)
        assert (answer.reqId, answer.errorCode) == (7, 321)
        assert answer.errorString.endswith(" : cause - Invalid account code 'DU7'.")


def test_a_client_that_does_not_read_gets_the_newest_profit_later(client, gateway):
    client.ask(ReqPnL(7, ACCOUNT, ""))
    client.seat.is_congested = True
    client.ask(BUY)
    for _ in range(5):
        gateway.wait(5)
    assert of(client.heard(), PnL) == []
    client.seat.is_congested = False
    gateway.wait(0)
    assert client.heard() == [expected(gateway)]


@pytest.mark.parametrize("leave", [True, False], ids=["cancels", "goes"])
def test_profits_end(client, gateway, leave):
    client.ask(BUY, ReqPnL(7, ACCOUNT, ""), ReqPnLSingle(8, ACCOUNT, "", AAPL))
    assert gateway.router.next_due is not None
    if leave:
        assert client.ask(CancelPnL(7), CancelPnLSingle(8), CancelPnL(7), CancelPnLSingle(8)) == []
    else:
        gateway.router.disconnect(client.seat)
    assert gateway.router.next_due is None
    gateway.wait(60)
    assert client.heard() == []
