"""The demonstration, on a terminal and in a file, with an order whose prices are reached and one that is given up."""

import asyncio
import io
import re

import pytest
from rich.console import Console

from ibdesk import BarData, cli
from ibdesk.cli import demo

TITLES = ["Live quotes", "AAPL, a day of 5-minute bars", "A bracket: buy 200 AAPL", "Orders", "Fills", "Realized P&L"]


def shown(is_terminal: bool) -> str:
    """Run the demonstration, and return what it shows on a console of this kind."""
    out = io.StringIO()
    asyncio.run(demo.show(Console(file=out, force_terminal=is_terminal, highlight=False, width=120, color_system=None)))
    return out.getvalue()


def profit(text: str) -> tuple[float, float]:
    """The profit that it tells, and the commissions."""
    found = re.search(r"Realized P&L ([+-][\d.]+) USD after ([\d.]+) USD of commissions", text)
    assert found
    return float(found[1]), float(found[2])


def test_a_terminal_shows_tables_that_change_and_the_order_comes_to_its_end(monkeypatch):
    monkeypatch.setattr(demo, "SECONDS_OF_QUOTES", 1)
    monkeypatch.setattr(demo, "SECONDS_OF_BRACKET", 60)  # the market takes some; it is over when a price is reached
    text = shown(is_terminal=True)
    assert [text.index(title) for title in TITLES] == sorted(text.index(title) for title in TITLES)
    # Each change draws the table again, above the last line of which the cursor is taken.
    assert text.count("Live quotes") > 2
    assert "\x1b[1A" in text
    for symbol in ("AAPL", "MSFT", "TSLA", "SPY", "EUR.USD", "SPX", "ES"):
        assert f" {symbol}" in text
    # The entry and one of the other two are filled; of these the other is cancelled.
    orders = text.rpartition("Orders")[2].partition("Fills")[0]
    assert (orders.count("Filled"), orders.count("Cancelled")) == (2, 1)
    assert "Neither price was reached" not in text
    assert profit(text)[1] > 0


def test_in_a_file_a_table_comes_once_and_what_is_not_reached_in_time_is_sold(monkeypatch):
    monkeypatch.setattr(demo, "SECONDS_OF_QUOTES", 1)
    monkeypatch.setattr(demo, "SECONDS_OF_BRACKET", 0)
    text = shown(is_terminal=False)
    assert "\x1b" not in text
    assert len(re.findall(r"^AAPL ", text, re.MULTILINE)) == 1
    assert re.search(r"^EUR\.USD ", text, re.MULTILINE)
    told = "Neither price was reached in time: the rest is cancelled and the position sold at the market.\n"
    _, _, fills = text.partition(told)
    assert fills
    # Nothing is left of what was bought.
    shares = {side: 0 for side in ("BOT", "SLD")}
    for side, quantity in re.findall(r"^\d\d:\d\d:\d\d  (BOT|SLD)  (\d+)  ", fills, re.MULTILINE):
        shares[side] += int(quantity)
    assert shares["BOT"] == shares["SLD"]
    profit(fills)


def test_it_begins_with_the_account_and_ends_with_what_to_do_next(monkeypatch, capsys):
    async def show(console):
        console.print(console.width, console.is_terminal)

    monkeypatch.setattr(demo, "show", show)
    cli.start_demo()
    assert capsys.readouterr().out == "120 False\n"


@pytest.mark.parametrize(
    ("closes", "lines"),
    [
        ([1.0, 2.0, 3.0], ["  █ 3.00", " ▅█", "▁██ 1.00"]),
        ([5.0, 5.0], ["   5.00", "  ", "▁▁ 5.00"]),
    ],
)
def test_a_chart_goes_from_the_lowest_to_the_highest_price(closes, lines):
    text = demo.chart([BarData(close=close) for close in closes], height=3)
    assert text.plain.splitlines() == lines
