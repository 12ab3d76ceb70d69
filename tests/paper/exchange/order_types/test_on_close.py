"""Orders for the closing auction."""

from paper.exchange.conftest import at


def test_market_and_limit_on_close(hours):
    trader = hours(at(15))
    market = trader.place("BUY", 5000, "MOC")
    good = trader.place("SELL", 10, "LOC", lmtPrice=101.00)
    bad = trader.place("SELL", 10, "LOC", lmtPrice=103.00)
    assert trader.story() == ["PreSubmitted"]
    trader.quote(101.98, 102.02, last=102.00)
    assert trader.facts == []
    trader.until(at(16, 5))
    assert trader.fills(market) == [(5000.0, 102.0)]
    assert trader.fills(good) == [(10.0, 102.0)]
    assert trader.story(bad) == ["PendingCancel", "Cancelled", 202]
    assert trader.exchange.executions[0].execution.time == at(16), "things happen at their own moment"
