"""Books that balance: every amount is found again, whatever is traded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibdesk.model.contract import Contract, Forex, Future, Option, Stock
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper.ledger import Ledger
from ibdesk.paper.ledger.holdings import Holding

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SAP = Stock("SAP", "SMART", "EUR", conId=14204)
ES = Future("ES", "202612", "CME", "ESZ6", "50", "USD", conId=495512563)
CALL = Option("AAPL", "20261218", 200.0, "C", "SMART", "100", "USD", conId=494194134)
EURUSD = Forex("EURUSD", conId=12087792)


def trade(
    ledger: Ledger, contract: Contract, quantity: float, price: float, order: int | None = None
) -> CommissionReport:
    """Books an execution, of an order of its own unless one is given."""
    trade.orders = getattr(trade, "orders", 0) + 1
    side = "BOT" if quantity > 0 else "SLD"
    perm_id = order or 1_000_000 + trade.orders
    execution = Execution(execId=str(trade.orders), side=side, shares=abs(quantity), price=price, permId=perm_id)
    return ledger.book(execution, contract)


def test_a_round_trip_in_a_stock():
    ledger = Ledger("DU1", cash=10_000)
    bought = trade(ledger, AAPL, 10, 100.0)
    assert (bought.commission, bought.currency, bought.realizedPNL) == (pytest.approx(1.00003), "USD", UNSET_DOUBLE)
    (position,) = ledger.positions()
    assert (position.account, position.position, position.avgCost) == ("DU1", 10.0, pytest.approx(100.100003))
    ledger.mark(AAPL, 110.0)
    (item,) = ledger.portfolio()
    assert (item.marketPrice, item.marketValue) == (110.0, 1100.0)
    assert item.unrealizedPNL == pytest.approx(98.99997)
    sold = trade(ledger, AAPL, -10, 110.0)
    assert sold.realizedPNL == pytest.approx(100 - bought.commission - sold.commission)
    assert ledger.positions() == []
    assert ledger.portfolio()[0].realizedPNL == sold.realizedPNL
    assert float(ledger.cash["USD"]) == pytest.approx(10_000 + sold.realizedPNL)


def test_through_zero():
    ledger = Ledger("DU1")
    trade(ledger, AAPL, 10, 100.0)
    report = trade(ledger, AAPL, -30, 90.0)
    assert report.realizedPNL == pytest.approx(-100 - 1.00003 - report.commission / 3)
    (position,) = ledger.positions()
    assert position.position == -20.0
    assert position.avgCost == pytest.approx(90.0 - report.commission / 30)
    ledger.mark(AAPL, 80.0)
    assert ledger.pnl().unrealizedPnL == pytest.approx(200 - report.commission * 2 / 3)


def test_a_mark_of_old_says_nothing_of_a_position_that_is_opened_again():
    ledger = Ledger("DU1")
    trade(ledger, AAPL, 10, 100.0)
    trade(ledger, AAPL, -10, 100.0)
    trade(ledger, AAPL, -10, 130.0)
    (item,) = ledger.portfolio()
    assert (item.marketPrice, item.marketValue) == (130.0, -1300.0)
    ledger.mark(AAPL, 131.0)
    trade(ledger, AAPL, -10, 129.0)
    assert ledger.portfolio()[0].marketPrice == 131.0


def test_a_realized_profit_is_in_the_currency_of_its_commission():
    ledger = Ledger("DU1")
    pair = Forex("USDJPY", conId=15016059)
    ledger.mark(pair, 160.0)
    trade(ledger, pair, 100_000, 160.0)
    ledger.mark(pair, 161.0)
    sold = trade(ledger, pair, -100_000, 161.0)
    assert (sold.commission, sold.currency) == (2.0, "USD")
    assert sold.realizedPNL == pytest.approx(100_000 / 161 - 2 - 2 * 160 / 161)


def test_a_preview_values_what_it_buys_at_the_market():
    ledger = Ledger("DU1", cash=10_000)
    preview = ledger.preview(AAPL, "BUY", 100, 101.0, 100.0)
    assert float(preview.after.equity_with_loan) == pytest.approx(10_000 - 100 - preview.commission)
    assert preview.after.margin.initial == 2500
    unpriced = ledger.preview(AAPL, "BUY", 100, float("nan"), float("nan"))
    assert (unpriced.before, unpriced.commission) == (unpriced.after, 0)


def test_a_future_costs_margin_and_no_cash():
    ledger = Ledger("DU1", cash=100_000)
    trade(ledger, ES, 2, 6000.0)
    assert ledger.cash["USD"] == Decimal("99995.5")
    assert ledger.positions()[0].avgCost == 6000 * 50 + 2.25
    assert ledger.totals().margin.initial == Decimal("56034.72")
    ledger.mark(ES, 6010.0)
    assert ledger.totals().net_liquidation == Decimal("100995.5")
    assert ledger.totals().gross_positions == 0
    report = trade(ledger, ES, -2, 6010.0)
    assert report.realizedPNL == 2 * 10 * 50 - 9
    assert ledger.cash["USD"] == Decimal(100_000 + 1000 - 9)


@pytest.mark.parametrize(
    ("future", "multiplier", "initial"),
    [
        (Future("SI", "202612", "COMEX", tradingClass="SI"), 5000, "22000.00"),
        (Future("SI", "202612", "COMEX", tradingClass="SIL"), 1000, "4400.00"),
        (Future("EUR", "202612", "CME", tradingClass="6E"), 125_000, "3000.00"),
        (Future("ZN", "202612", "CBOT"), 1000, "2200.00"),
        (Future("XYZ", "202612", "CBOT"), 1000, "11200.00"),
    ],
)
def test_the_margin_of_a_future_goes_by_its_trading_class(future, multiplier, initial):
    ledger = Ledger("DU1", cash=100_000)
    future.conId, future.currency, future.multiplier = 7, "USD", str(multiplier)
    trade(ledger, future, -1, 112.0)
    assert ledger.totals().margin.initial == Decimal(initial)


def test_an_option_is_paid_and_carries_no_margin():
    ledger = Ledger("DU1", cash=10_000)
    trade(ledger, CALL, 2, 21.0)
    totals = ledger.totals()
    assert ledger.positions()[0].avgCost == pytest.approx(2100.65)
    assert (totals.net_liquidation, totals.equity_with_loan) == (Decimal("9998.70"), Decimal("5798.70"))
    assert totals.margin.initial == 0
    trade(ledger, CALL, -3, 21.0)
    assert ledger.totals().margin.initial == 2100 + 4000


def test_currencies_are_exchanged():
    ledger = Ledger("DU1", cash=100_000)
    ledger.mark(EURUSD, 1.12)
    report = trade(ledger, EURUSD, 20_000, 1.12)
    assert (report.commission, report.currency) == (2.0, "USD")
    assert ledger.cash == {"USD": Decimal("77598"), "EUR": Decimal(20_000)}
    ledger.mark(EURUSD, 1.13)
    assert ledger.totals().net_liquidation == Decimal("100198")
    assert ledger.pnl().unrealizedPnL == pytest.approx(198)
    sold = trade(ledger, EURUSD, -20_000, 1.13)
    assert sold.realizedPNL == pytest.approx(196)
    assert ledger.cash == {"USD": Decimal("100196"), "EUR": Decimal(0)}


def test_the_commission_of_a_currency_trade_is_in_the_accounts_own_currency():
    ledger = Ledger("DU1", base="EUR", cash=100_000)
    ledger.mark(EURUSD, 1.12)
    report = trade(ledger, EURUSD, -20_000, 1.12)
    assert (round(report.commission, 4), report.currency) == (1.7857, "EUR")


def test_foreign_stocks_count_at_the_rate():
    ledger = Ledger("DU1", cash=0, us_dollars={"USD": 1.0, "EUR": 1.20})
    ledger.deposit(10_000, "EUR")
    trade(ledger, SAP, 10, 250.0)
    assert ledger.totals().net_liquidation == Decimal("1.2") * (10_000 - 3)
    assert ledger.pnl().dailyPnL == pytest.approx(-3.6), "a deposit is no profit"
    with pytest.raises(LookupError, match="CHF"):
        ledger.deposit(1, "CHF")


def test_what_is_no_price_is_ignored():
    ledger = Ledger("DU1")
    trade(ledger, AAPL, 10, 100.0)
    for price in (0.0, -1.0, float("nan")):
        ledger.mark(AAPL, price)
    assert ledger.portfolio()[0].marketPrice == 100.0


def test_rates_follow_pairs_either_way_round():
    ledger = Ledger("DU1")
    ledger.mark(Forex("USDJPY", conId=1), 160.0)
    assert ledger.rate("JPY") == Decimal("0.00625")


def test_the_day():
    ledger = Ledger("DU1")
    trade(ledger, AAPL, 100, 100.0)
    ledger.mark(AAPL, 101.0)
    trade(ledger, ES, 1, 6000.0)
    trade(ledger, ES, -1, 6001.0)
    before = ledger.totals().net_liquidation
    ledger.start_day()
    assert ledger.pnl().dailyPnL == ledger.pnl().realizedPnL == 0
    assert ledger.pnl_single(ES.conId) is None
    assert ledger.equity_of_yesterday == before
    ledger.mark(AAPL, 103.0)
    trade(ledger, AAPL, -50, 103.0)
    single = ledger.pnl_single(AAPL.conId, "model")
    assert (single.position, single.value, single.modelCode) == (50.0, 5150.0, "model")
    assert single.dailyPnL == pytest.approx(ledger.pnl().dailyPnL) == pytest.approx(200 - 1, abs=0.2)


def test_preview_books_nothing():
    ledger = Ledger("DU1", cash=10_000)
    preview = ledger.preview(AAPL, "BUY", 500, 100.0)
    assert not preview.acceptable
    assert (preview.before.margin.initial, preview.after.margin.initial) == (0, 12500)
    assert float(preview.after.equity_with_loan) == pytest.approx(10_000 - 2.5, abs=0.01)
    assert ledger.totals() == preview.before
    assert ledger.positions() == []
    assert ledger.cash == {"USD": Decimal(10_000)}
    trade(ledger, AAPL, 100, 100.0)
    ledger.mark(AAPL, 20.0)
    ledger.deposit(-9_000, "USD")
    assert ledger.totals().excess_liquidity < 0
    assert ledger.preview(AAPL, "SELL", 50, 20.0).acceptable
    assert ledger.preview(AAPL, "SELL", 0, 20.0).commission == 0


def test_options_are_bought_with_what_is_there():
    ledger = Ledger("DU1", cash=10_000)
    assert ledger.preview(CALL, "BUY", 2, 49.0).acceptable
    assert not ledger.preview(CALL, "BUY", 2, 50.0).acceptable
    trade(ledger, CALL, 2, 49.0)
    ledger.deposit(-1000, "USD")
    assert ledger.preview(CALL, "SELL", 2, 1.0).acceptable
    assert not ledger.preview(CALL, "SELL", 5, 1.0).acceptable


def test_average_cost_of_nothing():
    assert Holding(AAPL).average_cost == 0


cents = st.integers(100, 50_000).map(lambda n: n / 100)
sizes = st.integers(-500, 500).filter(bool)
steps = st.lists(
    st.tuples(st.sampled_from([AAPL, SAP, ES, CALL]), sizes, cents, st.integers(1, 3)), min_size=1, max_size=40
)


def worth(ledger: Ledger) -> Decimal:
    """The net liquidation value from first principles: cash, and what the positions add."""
    total = sum(amount * ledger.rate(currency) for currency, amount in ledger.cash.items())
    for holding in ledger.holdings.values():
        total += holding.equity * ledger.rate(holding.contract.currency)
    return total


@given(steps)
def test_net_liquidation_changes_by_profit_alone(steps):
    ledger = Ledger("DU1")
    start, profit = Decimal(1_000_000), Decimal(0)
    for number, (contract, quantity, price, order) in enumerate(steps):
        trade(ledger, contract, quantity, price, order=order * 10_000 + contract.conId % 9_973)
        ledger.mark(contract, price + number / 100)
        totals = ledger.totals()
        profit = totals.realized + totals.unrealized
        assert abs(totals.net_liquidation - worth(ledger)) < Decimal("1e-9")
        assert abs(totals.net_liquidation - start - profit) < Decimal("1e-9")
        assert abs(Decimal(ledger.pnl().dailyPnL) - profit) < Decimal("1e-6")


@given(steps)
def test_profit_is_what_prices_gave_less_commissions(steps):
    ledger = Ledger("DU1")
    charged = sum(
        Decimal(str(trade(ledger, contract, quantity, price).commission)) * ledger.rate(contract.currency)
        for contract, quantity, price, _ in steps
    )
    gross = (
        sum((h.value - h.paid) * ledger.rate(h.contract.currency) for h in ledger.holdings.values())
        + ledger.totals().realized
        + ledger.commissions
        - sum(h.fees * ledger.rate(h.contract.currency) for h in ledger.holdings.values())
    )
    assert abs(charged - ledger.commissions) < Decimal("1e-6")
    assert abs(ledger.totals().net_liquidation - 1_000_000 - gross + ledger.commissions) < Decimal("1e-9")


@given(steps)
def test_when_all_is_closed_cash_is_start_and_realized(steps):
    ledger = Ledger("DU1", us_dollars={"USD": 1.0, "EUR": 1.25})
    for contract, quantity, price, _ in steps:
        trade(ledger, contract, quantity, price)
    for position in ledger.positions():
        trade(ledger, position.contract, -position.position, 123.45)
    assert ledger.positions() == []
    totals = ledger.totals()
    assert (totals.unrealized, totals.positions, totals.gross_positions) == (0, 0, 0)
    assert abs(totals.cash - 1_000_000 - totals.realized) < Decimal("1e-9")
    assert totals.margin.initial == abs(ledger.cash.get("EUR", Decimal(0))) * Decimal("1.25") * Decimal("0.025")


def test_a_cent_is_a_cent_after_thousands_of_fills():
    ledger = Ledger("DU1")
    for n in range(4_000):
        trade(ledger, AAPL, 7 if n % 2 else -3, 100.01 + (n % 13) / 100, order=n // 5 + 1)
    totals = ledger.totals()
    assert abs(totals.net_liquidation - 1_000_000 - totals.realized - totals.unrealized) < Decimal("1e-12")
