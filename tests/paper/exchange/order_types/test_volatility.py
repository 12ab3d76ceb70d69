"""Volatility orders, for a call on AAPL with a strike of 200. The stock is quoted 199.90 to 200.10 at first."""

from dataclasses import replace
from datetime import datetime
from math import ceil, exp, floor, log, sqrt
from statistics import NormalDist

import pytest
from paper.exchange.conftest import EASTERN, Trader, black_scholes, make_trader, option, stock

from ibdesk.model.contract import Option
from ibdesk.model.order import Order
from ibdesk.paper.exchange import Executed, OrderEchoed

STOCK = 265598
PUT = replace(option(), contract=Option("AAPL", "20261218", 200.0, "P", "SMART", "100", "USD", conId=2))


def trader_of(details=None, **settings) -> Trader:
    details = replace(details or option(), underConId=STOCK, underSecType="STK")
    trader = make_trader(details, option_model=black_scholes, details_of=lambda con_id: stock(), cash=1e8, **settings)
    trader.quote(199.90, 200.10, con_id=STOCK)
    trader.quote(10.0, 30.0)
    return trader


@pytest.fixture
def options() -> Trader:
    return trader_of()


def shown(trader: Trader, order: int) -> float:
    (price,) = {f.order.lmtPrice for f in trader.exchange.open_orders()[::2] if f.key.orderId == order}
    return price


def cents(price: float, action: str) -> float:
    return (floor if action == "BUY" else ceil)(price * 100) / 100


@pytest.mark.parametrize("action", ["BUY", "SELL"])
@pytest.mark.parametrize(("volatility", "kind", "yearly"), [(20, 2, 0.2), (35, 0, 0.35), (2, 1, 0.02 * sqrt(252))])
def test_the_limit_is_the_price_at_the_volatility_rounded_in_favor_of_the_order(
    options, action, volatility, kind, yearly
):
    order = options.place(action, 1, "VOL", volatility=volatility, volatilityType=kind)
    assert options.story() == ["PreSubmitted trigger", "Submitted"]
    limit = cents(black_scholes(0, yearly, 200.0, options.now).price, action)
    assert shown(options, order) == limit
    options.quote(limit - 0.03, limit - 0.01) if action == "SELL" else options.quote(limit + 0.01, limit + 0.03)
    assert options.fills(order) == []
    options.quote(limit, limit)
    assert options.fills(order) == [(1.0, limit)]


@pytest.mark.parametrize(
    ("details", "action", "spot"),
    [(option(), "BUY", 199.9), (option(), "SELL", 200.1), (PUT, "BUY", 200.1), (PUT, "SELL", 199.9)],
)
def test_the_bid_is_for_who_buys_a_call_or_sells_a_put_and_the_ask_for_others(details, action, spot):
    trader = trader_of(details)
    order = trader.place(action, 1, "VOL", volatility=20.0, referencePriceType=2)
    assert shown(trader, order) == cents(black_scholes(0, 0.2, spot, trader.now).price, action)


def test_a_limit_stays_unless_it_is_to_be_updated(options):
    stays = options.place("BUY", 1, "VOL", volatility=20.0)
    moves = options.place("BUY", 1, "VOL", volatility=20.0, continuousUpdate=True)
    first = shown(options, stays)
    options.quote(204.90, 205.10, con_id=STOCK)
    assert (shown(options, stays), shown(options, moves)) == (
        first,
        cents(black_scholes(0, 0.2, 205.0, options.now).price, "BUY"),
    )


def test_a_change_takes_the_limit_anew(options):
    order = options.place("BUY", 1, "VOL", volatility=20.0)
    told = options.echoes()[-1]
    assert (told.volatilityType, told.referencePriceType) == (2, 1)
    options.quote(204.90, 205.10, con_id=STOCK)
    changed = replace(told, volatility=25.0)
    options.facts = options.exchange.place(1, options.contract, options.details, changed, options.now)
    assert options.errors() == []
    assert shown(options, order) == cents(black_scholes(0, 0.25, 205.0, options.now).price, "BUY")


def test_an_order_waits_for_the_underlying():
    trader = trader_of()
    trader.quote(-1, -1, con_id=STOCK)
    order = trader.place("BUY", 1, "VOL", volatility=20.0)
    assert trader.story() == ["PreSubmitted trigger"]
    trader.quote(199.90, 200.10, con_id=STOCK)
    assert trader.status(order) == "Submitted"


@pytest.mark.parametrize(
    ("details", "action", "side"),
    [(option(), "BUY", "SELL"), (option(), "SELL", "BUY"), (PUT, "BUY", "BUY"), (PUT, "SELL", "SELL")],
)
def test_each_execution_is_hedged_with_as_many_shares_as_the_delta_says(details, action, side):
    sign = 1 if details is not PUT else -1

    def model(con_id, volatility, spot, when):
        worth = black_scholes(con_id, volatility, spot, when)
        return worth._replace(delta=worth.delta if sign > 0 else worth.delta - 1)

    trader = make_trader(
        replace(details, underConId=STOCK, underSecType="STK"),
        option_model=model,
        details_of=lambda con_id: stock(),
        cash=1e8,
    )
    trader.quote(199.90, 200.10, con_id=STOCK)
    trader.quote(1.0, 50.0)
    order = trader.place(action, 5, "VOL", volatility=20.0, deltaNeutralOrderType="MKT", orderRef="mine")
    limit = shown(trader, order)
    delta = model(0, 0.2, 200.0, trader.now).delta
    for contracts in (3, 2):
        trader.quote(limit, limit, bidSize=contracts, askSize=contracts)
        hedges = [f for f in trader.facts if isinstance(f, Executed) and f.contract.conId == STOCK]
        assert [(f.execution.shares, f.execution.price) for f in hedges] == [
            (round(abs(delta) * contracts * 100), 199.9 if side == "SELL" else 200.1)
        ]
        (echo,) = {
            (f.order.action, f.order.orderType, f.order.parentId, f.order.orderRef)
            for f in trader.facts
            if isinstance(f, OrderEchoed) and f.contract.conId == STOCK
        }
        assert echo == (side, "MKT", order, "mine")
        trader.quote(199.90, 200.10, con_id=STOCK)
    assert trader.status(order) == "Filled"


def test_a_hedge_with_a_limit_rests_and_outlives_the_order(options):
    order = options.place("BUY", 1, "VOL", volatility=20.0, deltaNeutralOrderType="LMT", deltaNeutralAuxPrice=201.0)
    limit = shown(options, order)
    options.quote(limit, limit)
    assert options.status(order) == "Filled"
    (hedge,) = (f.order for f in options.exchange.open_orders()[::2])
    assert (hedge.action, hedge.lmtPrice) == ("SELL", 201.0)
    assert options.ledger.position(STOCK) == 0
    options.quote(201.00, 201.10, con_id=STOCK)
    assert options.ledger.position(STOCK) == -hedge.totalQuantity


@pytest.mark.parametrize(("spot", "ends"), [(195.0, False), (205.0, False), (194.99, True), (205.01, True)])
def test_the_order_ends_when_the_stock_leaves_its_range(options, spot, ends):
    order = options.place("BUY", 1, "VOL", volatility=20.0, stockRangeLower=195.0, stockRangeUpper=205.0)
    options.quote(spot - 0.5, spot + 0.5, con_id=STOCK)
    assert options.status(order) == ("Cancelled" if ends else "Submitted")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"volatility": 0.0}, 371),
        ({"volatility": -5.0}, 371),
        ({"volatilityType": 3}, 367),
        ({"referencePriceType": 3}, 368),
        ({"stockRangeLower": 2.0, "stockRangeUpper": 1.0}, 374),
        ({"deltaNeutralOrderType": "STP"}, 380),
        ({"deltaNeutralOrderType": "REL", "deltaNeutralAuxPrice": 0.1}, 387),
        ({"deltaNeutralOrderType": "LMT"}, 378),
        ({"deltaNeutralOrderType": "LMT", "deltaNeutralAuxPrice": -1.0}, 377),
        ({"deltaNeutralOrderType": "LMT", "deltaNeutralAuxPrice": 1.001}, 377),
        ({"deltaNeutralOrderType": "MKT", "deltaNeutralAuxPrice": 1.0}, 379),
        ({"deltaNeutralAuxPrice": 1.0}, 379),
        ({"deltaNeutralOrderType": "MKT", "deltaNeutralConId": 1}, 10010),
        ({"deltaNeutralOrderType": "MKT", "deltaNeutralOpenClose": "O"}, 10010),
    ],
)
def test_refused(options, fields, code):
    options.place("BUY", 1, "VOL", **{"volatility": 20.0} | fields)
    assert [each for each, _ in options.errors()] == [code]


def test_an_index_cannot_be_traded_to_hedge():
    trader = trader_of()
    trader.details = replace(trader.details, underSecType="IND")
    trader.place("BUY", 1, "VOL", volatility=20.0, deltaNeutralOrderType="MKT")
    assert [code for code, _ in trader.errors()] == [10010]


def test_at_the_gateway_the_limit_is_that_of_black_and_scholes_with_interest_and_the_hedge_trades(gateway):
    broker, market = gateway.broker, gateway.broker.market
    apple = market.instruments.by_con_id(STOCK)
    assert apple
    chain = next(each for each in market.instruments.option_chain("AAPL", "", "STK", STOCK) if each.exchange == "SMART")
    expiry = chain.expirations[-1]
    quote = market.quote(STOCK, gateway.now)
    strike = min(chain.strikes, key=lambda each: abs(each - quote.last))
    call = market.instruments.resolve(Option("AAPL", expiry, strike, "C", "SMART", tradingClass=chain.tradingClass))
    terms = {"volatility": 60.0, "deltaNeutralOrderType": "MKT"}
    facts = broker.place(1, call, Order(orderId=1, action="BUY", totalQuantity=1, orderType="VOL", **terms))
    end = datetime.strptime(expiry, "%Y%m%d").replace(hour=16, tzinfo=EASTERN)
    years, spot = (end - gateway.now).total_seconds() / 365 / 86400, (quote.bid + quote.ask) / 2
    d1 = (log(spot / strike) + (0.04 + 0.6**2 / 2) * years) / (0.6 * sqrt(years))
    normal = NormalDist()
    worth = spot * normal.cdf(d1) - strike * exp(-0.04 * years) * normal.cdf(d1 - 0.6 * sqrt(years))
    limits = {f.order.lmtPrice for f in facts if isinstance(f, OrderEchoed) and f.key.orderId == 1} - {0.0}
    assert len(limits) == 1
    assert 0 <= worth - limits.pop() < 0.06
    facts += broker.advance(gateway.now.replace(minute=gateway.now.minute + 1))
    traded = {f.contract.conId: f.execution.shares for f in facts if isinstance(f, Executed)}
    assert traded == {call.contract.conId: 1.0, STOCK: round(100 * normal.cdf(d1))}
    assert broker.ledger.position(STOCK) == -traded[STOCK]
