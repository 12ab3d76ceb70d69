"""Trailing stop orders."""


def test_a_trailing_stop_follows_the_best_price_and_never_goes_back(trader):
    order = trader.place("SELL", 100, "TRAIL", auxPrice=1.00)
    assert trader.echoes()[0].trailStopPrice == 99.01
    trader.quote(104.99, 105.01, last=105.00)
    trader.quote(104.09, 104.11, last=104.10)
    assert trader.exchange.open_orders()[0].order.trailStopPrice == 104.0
    trader.quote(103.99, 104.01, last=104.00)
    assert trader.fills(order) == [(100.0, 103.99)]


def test_a_trailing_stop_by_percent(trader):
    trader.place("BUY", 100, "TRAIL", trailingPercent=1.5)
    assert trader.echoes()[0].trailStopPrice == 101.51
    trader.quote(89.99, 90.01, last=90.00)
    assert trader.exchange.open_orders()[0].order.trailStopPrice == 91.35


def test_a_trailing_limit_keeps_its_distance(trader):
    order = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=1.00, trailStopPrice=99.00, lmtPriceOffset=0.10)
    trader.quote(109.99, 110.01, last=110.00)
    shown = trader.exchange.open_orders()[0].order
    assert (shown.trailStopPrice, shown.lmtPrice) == (109.0, 108.9)
    trader.quote(108.80, 108.82, last=108.81)
    assert trader.status(order) == "Submitted"
    trader.quote(108.90, 108.92, last=108.91)
    assert trader.fills(order) == [(100.0, 108.9)]


def test_a_trailing_limit_has_its_limit_from_the_start(trader):
    """Its stop is given, and nearer than the amount by which it trails: nothing has moved yet."""
    sold = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=20.00, trailStopPrice=99.00, lmtPriceOffset=0.10)
    assert trader.exchange.open_orders()[0].order.lmtPrice == 98.9
    trader.quote(90.00, 90.02, last=90.01)
    assert (trader.status(sold), trader.fills(sold)) == ("Submitted", [])
    trader.quote(98.90, 98.92, last=98.91)
    assert trader.fills(sold) == [(100.0, 98.9)]
    bought = trader.place("BUY", 100, "TRAIL LIMIT", auxPrice=20.00, trailStopPrice=101.00, lmtPriceOffset=0.10)
    trader.quote(101.02, 101.04, last=101.03)
    assert trader.fills(bought) == [(100.0, 101.04)]


def test_a_changed_trailing_limit_keeps_its_limit(trader):
    terms = {"trailStopPrice": 98.00, "lmtPriceOffset": 0.10}
    order = trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=1.00, **terms)
    trader.quote(105.00, 105.02, last=105.01)
    trader.place("SELL", 100, "TRAIL LIMIT", auxPrice=3.00, orderId=order, **terms | {"trailStopPrice": 104.01})
    shown = trader.exchange.open_orders()[0].order
    assert (shown.trailStopPrice, shown.lmtPrice) == (104.01, 103.91)
    trader.quote(95.00, 95.02, last=95.01)
    assert trader.fills(order) == []


def test_a_changed_trailing_order_keeps_its_stop_unless_the_distance_changes(trader):
    order = trader.place("SELL", 100, "TRAIL", auxPrice=1.00)
    trader.quote(104.99, 105.01, last=105.00)
    trader.quote(104.49, 104.51, last=104.50)
    trader.place("SELL", 50, "TRAIL", auxPrice=1.00, orderId=order)
    assert trader.echoes()[-1].trailStopPrice == 104.0
    trader.place("SELL", 50, "TRAIL", auxPrice=2.00, orderId=order)
    assert trader.exchange.open_orders()[0].order.trailStopPrice == 102.5
