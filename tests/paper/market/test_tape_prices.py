"""What a tape recorded is quoted again: its ticks at their moments, and nothing else."""

from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tape.tapes import START, answer, records, write

from ibdesk.model.contract import Contract, Forex, Future, Index, Option, Stock
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.paper import PaperGateway
from ibdesk.paper.market import Market, Quote
from ibdesk.paper.market.tape_prices import TapePrices, is_tape, tape_prices
from ibdesk.tape.format import Kind, Record
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.historical_ticks import TickBidAsk, TickLast
from ibdesk.wire.messages.market_data import CancelMktData, ReqMktData, TickPrice, TickSize, TickString
from ibdesk.wire.messages.tick_by_tick import CancelTickByTickData, ReqTickByTickData, TickByTick

from .source_contract import SourceContract, Subject

VERSION = 178
APPLE, SPX, EURO = 265598, 416904, 12087792
STOCK = Stock("AAPL", "SMART", "USD")


def taped(tmp_path: Path, *traffic: tuple[float, Any]) -> Path:
    """A tape of requests and ticks, each at its second."""
    client = (ReqMktData, ReqTickByTickData, CancelMktData, CancelTickByTickData)
    sent = [(at, Sender.CLIENT if isinstance(each, client) else Sender.SERVER, each) for at, each in traffic]
    return write(tmp_path / "day.tape", records(VERSION, *sent))


def quote_of(source: TapePrices, conId: int, seconds: float) -> Quote:
    return Market(1, START.date(), source).quote(conId, START + timedelta(seconds=seconds))


def opened(contract: Contract, *more: tuple[float, Any], generic: str = "") -> list[tuple[float, Any]]:
    """A subscription with the first quote of it: 229.99 to 230.01, and 230 as the last trade of yesterday's kind."""
    return [
        (1.0, ReqMktData(7, contract, generic)),
        (1.5, TickPrice(7, 1, 229.99, 300)),
        (1.5, TickSize(7, 0, 300)),
        (1.5, TickPrice(7, 2, 230.01, 200)),
        (1.5, TickSize(7, 3, 200)),
        (1.5, TickPrice(7, 4, 230.0, 50)),
        (1.5, TickSize(7, 5, 50)),
        (1.5, TickString(7, 45, str(int(START.timestamp()) - 30))),
        *more,
    ]


def test_quotes_and_trades_are_quoted_again_at_their_moments(tmp_path: Path) -> None:
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.25, TickPrice(7, 1, 230.0, 100)),
                (3.123456, TickPrice(7, 4, 230.01, 75)),
                (3.123456, TickSize(7, 5, 75)),
                (3.123456, TickSize(7, 8, 1_000_000)),
                (4.0, TickSize(7, 5, 20)),
                (5.0, TickSize(7, 3, 150)),
                (6.0, TickPrice(7, 1, -1, 0)),
                (9.0, TickPrice(8, 1, 1.0, 1)),
            ),
        )
    )
    assert source.opening == START + timedelta(seconds=1.5)
    told = [quote_of(source, APPLE, at)[:7] for at in (1.6, 2.25, 3.2, 4.5, 5.5)]
    assert told == [
        (229.99, 300, 230.01, 200, 230.0, 50, 0),
        (230.0, 100, 230.01, 200, 230.0, 50, 0),
        (230.0, 100, 230.01, 200, 230.01, 75, 75),
        (230.0, 100, 230.01, 200, 230.01, 20, 95),
        (230.0, 100, 230.01, 150, 230.01, 20, 95),
    ]
    assert quote_of(source, APPLE, 3.123456).lastTime == START + timedelta(seconds=3.123456)
    assert quote_of(source, APPLE, 1.6).lastTime == START - timedelta(seconds=30)
    assert quote_of(source, APPLE, 6.5)[:4] == (-1, 0, 230.01, 150)
    # After the end of the tape nobody quotes.
    assert quote_of(source, APPLE, 9.1)[:5] == (-1, 0, -1, 0, 230.01)
    market = Market(1, START.date(), source)
    [bar] = market.bars(APPLE, START + timedelta(seconds=9), "60 S", "1 min", "TRADES", False)
    assert (bar.open, bar.close, bar.volume, bar.barCount) == (230.01, 230.01, 95, 2)


def test_trades_told_one_by_one_replace_those_of_the_quote(tmp_path: Path) -> None:
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.0, ReqTickByTickData(8, STOCK, "AllLast")),
                (3.0, TickByTick(8, 2, last=TickLast(int(START.timestamp()), price=230.02, size=10))),
                (3.0, TickByTick(8, 2, last=TickLast(int(START.timestamp()), price=230.03, size=20))),
                (3.0, TickPrice(7, 4, 230.03, 20)),
                (4.0, CancelTickByTickData(8)),
                (5.0, TickPrice(7, 4, 230.04, 30)),
                (6.0, TickPrice(7, 1, 229.98, 5)),
            ),
        )
    )
    quote = quote_of(source, APPLE, 5.5)
    assert (quote.last, quote.lastSize, quote.volume, quote.high) == (230.04, 30, 60, 230.04)
    assert quote_of(source, APPLE, 3.5)[4:7] == (230.03, 20, 30)


def test_quotes_told_one_by_one_replace_those_of_the_subscription(tmp_path: Path) -> None:
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.0, ReqTickByTickData(8, STOCK, "BidAsk")),
                (3.0, TickByTick(8, 3, bidAsk=TickBidAsk(0, priceBid=231.0, priceAsk=231.02, sizeBid=4, sizeAsk=6))),
                (3.5, TickPrice(7, 1, 230.5, 9)),
                (4.0, TickPrice(7, 4, 231.0, 3)),
            ),
        )
    )
    assert quote_of(source, APPLE, 3.75)[:4] == (231.0, 4, 231.02, 6)


@pytest.mark.parametrize("kind", [48, 77])
def test_the_generic_tick_of_trades_replaces_those_of_the_quote(tmp_path: Path, kind: int) -> None:
    told = "230.05;100;1795188630123;12345;230.01;true"
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.0, TickString(7, kind, told)),
                (2.0, TickPrice(7, 4, 230.05, 100)),
                (3.0, TickString(7, kind, told)),
                (4.0, TickString(7, kind, "no trade")),
                (5.0, TickPrice(7, 1, 229.0, 1)),
                generic="233",
            ),
        )
    )
    assert quote_of(source, APPLE, 4.5)[4:7] == (230.05, 100, 200)


def test_bids_and_asks_cross_for_no_moment(tmp_path: Path) -> None:
    # Both sides have moved; the message about the first of them comes alone.
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.0, TickPrice(7, 1, 230.05, 100)),
                (2.001, TickPrice(7, 2, 230.07, 100)),
                (3.0, TickPrice(7, 4, 230.07, 1)),
            ),
        )
    )
    assert quote_of(source, APPLE, 2.0005)[:3] == (229.99, 300, 230.01)
    assert quote_of(source, APPLE, 2.5)[:3] == (230.05, 100, 230.07)


def test_an_index_has_values_and_forex_has_quotes(tmp_path: Path) -> None:
    source = tape_prices(
        taped(
            tmp_path,
            (1.0, ReqMktData(1, Index("SPX", "CBOE"))),
            (1.0, ReqMktData(2, Forex("EURUSD"))),
            (1.5, TickPrice(1, 4, 6000.5, 0)),
            (1.5, TickPrice(2, 1, 1.15, 1_000_000)),
            (1.5, TickPrice(2, 2, 1.1501, 2_000_000)),
            (2.0, TickPrice(1, 4, 6001.25, 0)),
            (3.0, TickPrice(2, 1, 1.15005, 1_000_000)),
        )
    )
    index, euro = quote_of(source, SPX, 2.5), quote_of(source, EURO, 2.5)
    assert isnan(index.bid) and (index.last, index.high, index.low, index.volume) == (6001.25, 6001.25, 6000.5, 0)
    assert index.lastTime == START + timedelta(seconds=2)
    assert isnan(euro.last) and euro[:4] == (1.15, 1_000_000, 1.1501, 2_000_000)


@pytest.mark.parametrize(
    "contract",
    [
        Contract(conId=APPLE, exchange="SMART"),
        Stock("AAPL", "SMART", "USD", conId=APPLE),
        Option("SPY", "20261218", 630, "P", "SMART", conId=712345678),
        Option(localSymbol="SPY   261218P00630000", exchange="SMART"),
        Option("SPY", "20201218", 371, "C", "SMART"),
        Future("ES", "202612", "CME", conId=999),
        Contract(secType="CONTFUT", symbol="ES", exchange="CME", currency="USD"),
    ],
    ids=lambda each: each.secType + each.localSymbol[:3] + str(each.conId),
)
def test_contracts_are_found_by_their_conId_or_their_terms(tmp_path: Path, contract: Contract) -> None:
    source = tape_prices(taped(tmp_path, *opened(contract, (3.0, TickPrice(7, 1, 229.0, 1)))))
    [conId] = source._events
    known = Market(1, START.date()).instruments.by_con_id(conId)
    assert known is not None
    assert (contract.symbol or known.symbol) == known.symbol and contract.strike in (0, known.strike)


@pytest.mark.parametrize("version", [157, 178, 225])
def test_a_gateway_with_a_clock_of_its_own_is_quoted_by_that(tmp_path: Path, version: int) -> None:
    monday = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    made = records(version, *((at, *each) for at, each in ((at, (who(each), each)) for at, each in opened(STOCK))))
    made[2] = Record(0, 1, Kind.SERVER, answer(version, "20260302 10:00:00 US/Eastern"))
    source = tape_prices(write(tmp_path / "day.tape", made))
    assert source.opening == monday + timedelta(seconds=1.5)
    # A zone in letters may be any of several, and is no reason to doubt the recorder's clock.
    made[2] = Record(0, 1, Kind.SERVER, answer(version, "20260302 10:00:00 EST"))
    assert tape_prices(write(tmp_path / "day.tape", made)).opening == START + timedelta(seconds=1.5)


def who(message: Any) -> Sender:
    return Sender.CLIENT if isinstance(message, ReqMktData) else Sender.SERVER


def test_what_cannot_be_quoted_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the tape has no market data"):
        tape_prices(taped(tmp_path))
    with pytest.raises(ValueError, match=r"no market data .* and of NOWHERE/STK it knows nothing"):
        tape_prices(taped(tmp_path, *opened(Stock("NOWHERE", "SMART", "EUR"))))
    # The stock trades until 20:00 in New York.
    with pytest.raises(ValueError, match="within trading hours"):
        tape_prices(taped(tmp_path, *((at + 36_000, each) for at, each in opened(STOCK))))
    nothing = tmp_path / "nothing"
    nothing.write_bytes(b"date,close\n")
    assert not is_tape(nothing) and not is_tape(tmp_path) and is_tape(tmp_path / "day.tape")
    with pytest.raises(ValueError, match="this is no tape that can be read"):
        tape_prices(nothing)


def test_a_tape_that_was_cut_off_is_quoted_as_far_as_it_goes(tmp_path: Path) -> None:
    path = taped(tmp_path, *opened(STOCK, (3.0, TickPrice(7, 1, 229.0, 1)), (4.0, TickPrice(7, 1, 228.0, 1))))
    path.write_bytes(path.read_bytes()[:-5])
    assert quote_of(tape_prices(path), APPLE, 2.9)[:2] == (229.99, 300)
    assert quote_of(tape_prices(path), APPLE, 3.0)[:2] == (229.0, 1)
    assert quote_of(tape_prices(path), APPLE, 3.1)[:2] == (-1, 0)


def test_prices_that_are_none_are_not_quoted(tmp_path: Path) -> None:
    source = tape_prices(
        taped(
            tmp_path,
            *opened(
                STOCK,
                (2.0, TickPrice(7, 1, 0.0, 5)),
                (2.0, TickPrice(7, 4, 0.0, 5)),
                (2.0, TickSize(7, 3, UNSET_DOUBLE)),
                (3.0, TickPrice(7, 2, 230.02, 5)),
            ),
        )
    )
    assert quote_of(source, APPLE, 2.5)[:6] == (-1, 0, 230.01, 200, 230.0, 50)


class TestTapePrices(SourceContract):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> Subject:
        draw, at = Random(5), 2.0
        traffic = opened(STOCK)
        for _ in range(600):
            at += draw.choice([0.0, 0.001, 0.25, 1.75, 4.0])
            price = round(230 + draw.uniform(-1, 1), 2)
            traffic += draw.choice(
                [
                    [(at, TickPrice(7, 1, price, 100)), (at, TickPrice(7, 2, round(price + 0.02, 2), 100))],
                    [(at, TickPrice(7, 4, price, draw.randrange(1, 500)))],
                    [(at, TickSize(7, draw.choice([0, 3, 5]), draw.randrange(1, 500)))],
                ]
            )
        source = tape_prices(taped(tmp_path, *traffic))
        known = Market(1, START.date()).instruments.by_con_id(APPLE)
        assert known is not None
        begin = START + timedelta(minutes=1)
        return Subject(source, known, begin, begin + timedelta(minutes=8), makes_quotes=False)


def test_a_stock_that_is_not_listed_is_listed_by_the_tape(tmp_path: Path) -> None:
    path = taped(tmp_path, *opened(Stock("NVTS", "SMART", "USD", conId=518045122), (3.0, TickPrice(7, 1, 229.0, 1))))
    gateway = PaperGateway(port=0, data=path, only_data=True)
    assert gateway.start_time == START + timedelta(seconds=1.5)
    [listed] = tape_prices(path).instruments
    assert (listed.conId, listed.symbol) == (518045122, "NVTS")
    assert tape_prices(path).covers(listed)
    # A request without a conId is about the same stock.
    again = taped(tmp_path, *opened(Stock("NVTS", "SMART", "USD"), (3.0, ReqMktData(9, Stock("NVTS", "SMART", "USD")))))
    assert len(tape_prices(again).instruments) == 1


def test_a_tape_is_data_by_itself(tmp_path: Path) -> None:
    path = taped(tmp_path, *opened(STOCK))
    with pytest.raises(ValueError, match="is a tape, and there are others"):
        PaperGateway(port=0, data=[path, tmp_path])
    with pytest.raises(ValueError, match="zone='UTC' is for files of prices, and data is a tape"):
        PaperGateway(port=0, data=[path], zone="UTC")
