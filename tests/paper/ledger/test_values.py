"""Account values and summaries: keys, texts and sums."""

import pytest

from ibdesk.model.accounts import AccountValue
from ibdesk.model.contract import Forex, Stock
from ibdesk.model.executions import Execution
from ibdesk.paper.ledger import Ledger, account_summary, account_values

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
EURUSD = Forex("EURUSD", conId=12087792)


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger("DU1", cash=100_000)
    ledger.mark(EURUSD, 1.16)
    ledger.deposit(1_000, "EUR")
    ledger.book(Execution(side="BOT", shares=100, price=200.0, permId=1), AAPL)
    ledger.mark(AAPL, 210.0)
    return ledger


def values(rows: list[AccountValue]) -> dict[tuple[str, str], str]:
    found = {(row.tag, row.currency): row.value for row in rows}
    assert len(found) == len(rows), "no value comes twice"
    return found


def test_the_values_of_an_account(ledger):
    found = values(account_values(ledger))
    assert found["AccountCode", ""] == "DU1"
    assert found["AccountReady", ""] == "true"
    assert found["AccountType", ""] == "INDIVIDUAL"
    assert found["NetLiquidation", "USD"] == found["NetLiquidation-S", "USD"] == "102159.00"
    assert found["NetLiquidation-C", "USD"] == "0.00"
    assert found["TotalCashValue", "USD"] == "81159.00"
    assert found["GrossPositionValue", "USD"] == "21000.00"
    assert found["InitMarginReq", "USD"] == found["LookAheadInitMarginReq", "USD"] == "5279.00"
    assert found["AvailableFunds", "USD"] == "96880.00"
    assert found["BuyingPower", "USD"] == "387520.00"
    assert found["RegTMargin", "USD"] == "10529.00"
    assert found["Cushion", ""] == "0.948326"
    assert found["PreviousEquityWithLoanValue", "USD"] == "100000.00"
    assert {row.account for row in account_values(ledger)} == {"DU1"}


def test_the_balances_by_currency(ledger):
    found = values(account_values(ledger))
    assert found["CashBalance", "EUR"] == "1000.00"
    assert found["ExchangeRate", "EUR"] == "1.1600000"
    assert found["CashBalance", "USD"] == "79999.00"
    assert found["CashBalance", "BASE"] == "81159.00"
    assert found["StockMarketValue", "BASE"] == "21000.00"
    assert found["UnrealizedPnL", "BASE"] == "999.00"
    assert found["NetLiquidationByCurrency", "BASE"] == "102158.9997"
    assert found["RealCurrency", "BASE"] == "USD"


def test_the_summary_has_the_tags_asked_for(ledger):
    rows = account_summary(ledger, "TotalCashValue, NetLiquidation,AccountType,Nonsense")
    assert [(row.tag, row.value, row.currency) for row in rows] == [
        ("AccountType", "INDIVIDUAL", ""),
        ("NetLiquidation", "102159.00", "USD"),
        ("TotalCashValue", "81159.00", "USD"),
    ]


@pytest.mark.parametrize(
    ("tag", "currencies"),
    [("$LEDGER", {"BASE"}), ("$LEDGER:EUR", {"EUR"}), ("$LEDGER:ALL", {"BASE", "USD", "EUR"}), ("$BOOK:ALL", set())],
)
def test_ledger_tags(ledger, tag, currencies):
    rows = account_summary(ledger, tag)
    assert {row.currency for row in rows} == currencies
    assert all(("CashBalance", currency) in values(rows) for currency in currencies)


DOCUMENTED = """
    AccountType NetLiquidation TotalCashValue SettledCash AccruedCash BuyingPower EquityWithLoanValue
    PreviousEquityWithLoanValue GrossPositionValue RegTEquity RegTMargin SMA InitMarginReq MaintMarginReq
    AvailableFunds ExcessLiquidity Cushion FullInitMarginReq FullMaintMarginReq FullAvailableFunds
    FullExcessLiquidity LookAheadNextChange LookAheadInitMarginReq LookAheadMaintMarginReq
    LookAheadAvailableFunds LookAheadExcessLiquidity HighestSeverity DayTradesRemaining Leverage
"""


def test_every_summary_tag_of_the_documentation_has_a_value_alphabetically(ledger):
    tags = DOCUMENTED.split()
    assert [row.tag for row in account_summary(ledger, ",".join(tags))] == sorted(tags)


def test_nothing_is_shown_as_minus_zero():
    assert all(row.value not in ("-0.00", "-0.0000") for row in account_values(Ledger("DU1", cash=-0.001)))
