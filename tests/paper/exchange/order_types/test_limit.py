"""The limit order."""


def test_a_stop_price_is_shown_beside_the_limit(trader):
    trader.place("SELL", 100, "LMT", lmtPrice=178.38)
    assert trader.echoes()[0].trailStopPrice == 179.38
    trader.place("BUY", 100, "LMT", lmtPrice=78.38)
    assert trader.echoes()[0].trailStopPrice == 79.38
    trader.place("BUY", 100, "LMT", lmtPrice=78.38, trailStopPrice=5.0)
    assert trader.echoes()[0].trailStopPrice == 5.0
