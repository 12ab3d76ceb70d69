"""What a simulation came to, as numbers, as a table and as a frame."""

from datetime import date, datetime, timedelta
from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from ibdesk.model.accounts import PortfolioItem
from ibdesk.model.contract import Forex, Stock
from ibdesk.model.order import LimitOrder, OrderState
from ibdesk.paper.clock import NEW_YORK
from ibdesk.simulation import DayResult, Drawdown, OpenOrder, Refused, SimulationResult

START = datetime(2026, 11, 2, 9, 0, tzinfo=NEW_YORK)
END = START + timedelta(days=2)
DAYS = (
    DayResult(date(2026, 11, 2), 3, 2, 1_234_567.891, 2.006, 100.126, -0.001, 100.125, 1_000_100.125),
    DayResult(date(2026, 11, 3), 0, 0, 0.0, 0.0, 0.0, -0.002, -0.001, 1_000_100.124),
    DayResult(date(2026, 11, 4), 1, 1, 1000.0, 1.0, -50.25, 10.0, -50.0, 1_000_050.124),
)


def result(days=DAYS, **values):
    nothing = Drawdown(0.0, 0.0, START, START)
    plain = {"account": "DU1", "start": START, "end": END, "cash": 1_000_000.0, "days": days, "fills": ()}
    plain |= {"portfolio": (), "open_orders": (), "max_drawdown": nothing}
    return SimulationResult(**(plain | values))


def test_the_whole_is_the_sum_of_its_days():
    whole = result()
    assert (whole.orders, whole.traded, whole.commissions) == (4, 1_235_567.891, 3.006)
    assert (whole.realized, whole.unrealized) == (pytest.approx(49.876), 10.0)
    assert (whole.equity, whole.pnl) == (1_000_050.124, pytest.approx(50.124))


def test_before_the_first_day_there_is_the_cash():
    whole = result(())
    assert (whole.equity, whole.pnl, whole.unrealized, whole.orders) == (1_000_000.0, 0.0, 0.0, 0)
    assert len(whole.to_frame()) == 0
    assert "equity" in str(whole)
    assert str(whole).startswith("2026-11-02 09:00 to 2026-11-04 09:00 New York time, account DU1\nday  orders  fills")
    assert str(whole).endswith("\nNo trading hours of New York's stock market in this time, and no orders.")


TABLE = """\
2026-11-02 09:00 to 2026-11-04 09:00 New York time, account DU1
day         orders  fills     traded  costs  realized  unrealized      P&L        equity
────────────────────────────────────────────────────────────────────────────────────────
2026-11-02       3      2  1,234,568   2.01    100.13        0.00  +100.12  1,000,100.12
2026-11-03       0      0          0   0.00      0.00        0.00    +0.00  1,000,100.12
2026-11-04       1      1      1,000   1.00    -50.25       10.00   -50.00  1,000,050.12

total            4      0  1,235,568   3.01     49.88       10.00   +50.12  1,000,050.12"""


def test_it_is_shown_as_a_table():
    assert str(result()) == TABLE


def test_one_day_needs_no_total():
    assert str(result(DAYS[:1])) == "\n".join(TABLE.replace("1,234,568", "1,234,568").splitlines()[:4])


def test_what_the_table_does_not_tell_stands_below():
    held = [
        PortfolioItem(
            Stock("AAPL", "SMART", "USD", localSymbol="AAPL"), -50.0, 251.5, -12_575.0, 250.25, -62.5, 0.0, "DU1"
        ),
        PortfolioItem(Forex("EURUSD", localSymbol="EUR.USD"), 20_000.0, 1.16, 23_200.0, 1.15501, 99.8, 0.0, "DU1"),
        PortfolioItem(Stock("MSFT", "SMART", "USD"), 0.0, 500.0, 0.0, 0.0, 0.0, 12.0, "DU1"),
    ]
    order = OpenOrder(Stock("NV\x1bDA", "SMART", "USD"), LimitOrder("SELL", 7.5, 1), OrderState(status="PreSubmitted"))
    fall = Drawdown(1234.567, 0.0012345, START, END)
    lines = str(result(portfolio=held, open_orders=[order], max_drawdown=fall)).removeprefix(TABLE).splitlines()
    assert lines == [
        "",
        "Max drawdown 1,234.57 USD (0.12%), from 2026-11-02 09:00 to 2026-11-04 09:00",
        "Still open: -50 AAPL at 250.25, worth -12,575.00 USD, unrealized -62.50",
        "Still open: +20,000 EUR.USD at 1.15501, worth 23,200.00 USD, unrealized +99.80",
        "Still working: SELL 7.5 NV\\x1bDA LMT, PreSubmitted",
    ]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (100, "day orders fills traded costs realized unrealized P&L equity"),
        (80, "day orders fills traded costs realized unrealized P&L equity"),
        (75, "day orders fills traded costs realized unrealized P&L equity"),
        (65, "day orders fills costs realized unrealized P&L equity"),
        (50, "day fills costs realized P&L equity"),
    ],
)
def test_a_narrow_terminal_gets_fewer_columns_not_cut_numbers(width, columns):
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(result())
    lines = console.file.getvalue().splitlines()
    [header] = [line for line in lines if line.startswith("day")]
    assert header.split() == columns.split()
    assert all(len(line.rstrip()) <= width for line in lines)
    assert ("1,000,050.12" if width >= 80 else "1,000,050") == lines[-1].split()[-1]
    assert "…" not in "".join(lines)


def test_days_are_green_or_red_in_a_terminal():
    console = Console(file=StringIO(), width=100, force_terminal=True, color_system="standard", highlight=False)
    console.print(result())
    colours = [line.partition("2026")[0] for line in console.file.getvalue().splitlines()[3:6]]
    assert colours == ["\x1b[32m", "", "\x1b[31m"]


def test_it_is_a_frame_by_days():
    frame = result().to_frame()
    assert list(frame.index) == [pd.Timestamp(day.day) for day in DAYS]
    assert list(frame.columns) == list(DayResult._fields[1:])
    assert frame.equity.iloc[-1] == 1_000_050.124
    assert frame.pnl.sum() == pytest.approx(result().pnl)


def test_what_was_refused_is_shown_orders_first():
    refused = [Refused("reqMktData", 354, "no prices of\nX", 7), Refused("placeOrder", 201, "\x1b[31mno funds", 1)]
    lines = str(result(refused=refused)).splitlines()
    assert lines[-2:] == [r"Refused: 1 order, 201: \x1b[31mno funds", "Refused: 7 x reqMktData, 354: no prices of X"]
    many = [Refused("placeOrder", 201, f"reason {number}", 1000) for number in range(12)]
    lines = str(result(refused=many)).splitlines()
    assert lines[-11] == "Refused: 1,000 orders, 201: reason 0"
    assert lines[-1] == "Refused: 2,000 more, for 2 other reasons"
    assert result(refused=many).refused_orders == 12_000
