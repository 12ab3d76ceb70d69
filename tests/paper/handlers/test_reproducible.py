"""The same seed, start and questions at the same times give the same bytes, whatever is asked."""

import pytest

from ibdesk.model.contract import Stock
from ibdesk.model.order import MarketOrder
from ibdesk.wire import versions as V
from ibdesk.wire.messages.accounts import ReqAccountUpdatesMulti, ReqPositionsMulti
from ibdesk.wire.messages.news import ReqHistoricalNews, ReqNewsArticle, ReqNewsBulletins
from ibdesk.wire.messages.orders import PlaceOrder
from ibdesk.wire.messages.pnl import ReqPnL, ReqPnLSingle
from ibdesk.wire.messages.scanner import ReqScannerParameters, ReqScannerSubscription, ScannerQuery

AAPL = 265598


def a_day(gateway, version):
    """Everything that a curious client was sent."""
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
    for _ in range(8):
        gateway.wait(3600)
    story, _ = client.ask(ReqHistoricalNews(9, AAPL, "DJNL", "", "", 1))[-2:]
    client.ask(ReqNewsArticle(10, story.providerCode, story.articleId))
    return client.sent


@pytest.mark.parametrize("version", [V.MIN, V.MAX])
def test_the_same_day_again(make_gateway, version):
    first = a_day(make_gateway(), version)
    assert len(first) > 10_000
    assert a_day(make_gateway(), version) == first
