"""What a search by symbol or company finds."""

import pytest

from ibdesk.paper.instruments.symbols import MOST, matching


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        ("aapl", ["AAPL", "AAPL", "AAPL"]),
        ("app", ["AAPL", "AAPL", "AAPL"]),
        ("AM", ["AMD", "AMD", "AMD", "AMD", "AMD", "AMZN"]),
        ("micro", ["AMD"]),
        ("s&p 500 stock", ["SPX"]),
        ("nobody", []),
        ("  ", []),
    ],
)
def test_symbols_come_before_names(pattern: str, first: list[str]) -> None:
    assert [match.instrument.symbol for match in matching(pattern)][: len(first) or None] == first


def test_the_very_symbol_comes_first() -> None:
    assert [match.instrument.symbol for match in matching("IB")][:2] == ["IBM", "IBKR"]
    assert matching("SPX")[0].instrument.conId == 416904


def test_there_is_a_most() -> None:
    assert len(matching("A")) == MOST


def test_what_is_written_on_it_is_named() -> None:
    apple, swiss, *_ = matching("AAPL")
    assert (apple.derivatives, swiss.derivatives) == (["OPT"], [])
