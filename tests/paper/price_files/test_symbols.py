"""The names of files, and the symbols of vendors, mean instruments."""

from datetime import date
from pathlib import Path

import pytest

from ibdesk.paper.price_files.symbols import Symbols, symbol_of

SYMBOLS = Symbols(date(2026, 3, 2))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("AAPL.csv", "AAPL"),
        ("aapl.us.txt", "AAPL"),
        ("aapl_us_d.csv", "AAPL"),
        ("AAPL.csv.gz", "AAPL"),
        ("AAPL_1min.parquet", "AAPL"),
        ("AAPL-trades.csv", "AAPL"),
        ("AAPL 5 mins.csv", "AAPL"),
        ("BRK-B.csv", "BRK-B"),
        ("EUR.USD.csv", "EUR.USD"),
        ("EURUSD=X.csv", "EURUSD=X"),
        ("^GSPC.csv", "^GSPC"),
        ("D.csv", "D"),
        ("US.csv", "US"),
    ],
)
def test_the_name_of_a_file_tells_a_symbol(name: str, symbol: str) -> None:
    assert symbol_of(Path("folder", name)) == symbol


@pytest.mark.parametrize(
    ("symbol", "kind", "local_symbol", "currency"),
    [
        ("AAPL", "STK", "AAPL", "USD"),
        ("aapl", "STK", "AAPL", "USD"),
        ("AAPL.US", "STK", "AAPL", "USD"),
        ("SPY", "STK", "SPY", "USD"),
        ("BMW", "STK", "BMW", "EUR"),
        ("EURUSD", "CASH", "EUR.USD", "USD"),
        ("EUR.USD", "CASH", "EUR.USD", "USD"),
        ("EURUSD=X", "CASH", "EUR.USD", "USD"),
        ("C:EURUSD", "CASH", "EUR.USD", "USD"),
        ("C:USD-JPY", "CASH", "USD.JPY", "JPY"),
        ("SPX", "IND", "SPX", "USD"),
        ("^GSPC", "IND", "SPX", "USD"),
        ("I:SPX", "IND", "SPX", "USD"),
        ("ESZ6", "FUT", "ESZ6", "USD"),
        ("O:SPY261218C00600000", "OPT", "SPY   261218C00600000", "USD"),
        ("SPY   261218C00600000", "OPT", "SPY   261218C00600000", "USD"),
    ],
)
def test_symbols_of_the_list(symbol: str, kind: str, local_symbol: str, currency: str) -> None:
    found = SYMBOLS.instrument_of(symbol)
    assert (found.secType, found.localSymbol, found.currency) == (kind, local_symbol, currency)


def test_a_symbol_that_is_not_in_the_list_is_a_stock() -> None:
    found = SYMBOLS.instrument_of("BRK-B.US")
    assert (found.symbol, found.secType, found.currency, found.kind.hours) == ("BRK B", "STK", "USD", "us_stock")
    assert found.primaryExchange == "NASDAQ" and found.kind.smart
    assert SYMBOLS.instrument_of("BRK.B") is found
    other = SYMBOLS.instrument_of("ZZZZ")
    assert other.conId != found.conId
    # The conId is that of any other run.
    assert Symbols(date(2026, 3, 2)).instrument_of("ZZZZ") == other


@pytest.mark.parametrize("symbol", ["7203.JP", "EURXXX", "I:DJI", "^DJI", "O:XYZ261218C00600000", "TOOLONG", ""])
def test_what_means_nothing(symbol: str) -> None:
    with pytest.raises(ValueError, match="no instrument"):
        SYMBOLS.instrument_of(symbol)
