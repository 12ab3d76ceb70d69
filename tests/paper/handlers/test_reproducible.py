"""The same seed, start and questions at the same times give the same bytes, whatever is asked."""

from datetime import datetime

import pytest

from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.accounts import ReqAccountUpdatesMulti, ReqPositionsMulti
from ibdesk.wire.messages.news import ReqHistoricalNews, ReqNewsArticle, ReqNewsBulletins
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import ReqPnL, ReqPnLSingle
from ibdesk.wire.messages.scanner import ReqScannerParameters, ReqScannerSubscription, ScannerQuery

AAPL = 265598

BEFORE_THE_CLOSE = datetime(2026, 4, 15, 15, 30, tzinfo=NEW_YORK)


def an_afternoon(make_gateway, version):
    """Everything that a curious client was sent, until after the market has closed."""
    gateway = make_gateway(BEFORE_THE_CLOSE, BEFORE_THE_CLOSE)
    client = gateway.connect(1, version)
    client.ask(
        PlaceOrder(1, Stock("AAPL", "SMART", "USD"), MarketOrder("BUY", 100)),
        ReqPnL(2, "", ""),
        ReqPnLSingle(3, "", "", AAPL),
        ReqPositionsMulti(4, "", ""),
        ReqAccountUpdatesMulti(5, "", "", False),
        ReqScannerParameters(),
        ReqScannerSubscription(6, ScannerQuery(10, "STK", "STK.US", "TOP_PERC_GAIN")),
        ReqScannerSubscription(7, ScannerQuery(50, "FUT.US", "FUT.US", "MOST_ACTIVE")),
        ReqHistoricalNews(8, AAPL, "BRFG+BRFUPDN+DJNL", "", "", 50),
        ReqNewsBulletins(True),
    )
    for _ in range(2):
        gateway.wait(3600)
    story, _ = client.ask(ReqHistoricalNews(9, AAPL, "DJNL", "", "", 1))[-2:]
    client.ask(ReqNewsArticle(10, story.providerCode, story.articleId))
    return client.sent


@pytest.mark.parametrize("version", [V.MIN, V.MAX])
def test_the_same_afternoon_again(make_gateway, version):
    first = an_afternoon(make_gateway, version)
    assert len(first) > 10_000
    assert an_afternoon(make_gateway, version) == first
