"""A client on a gateway whose prices come from files: what it is told is what they hold."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from client.asking import until
from paper.price_files.frames import bars, minutes, trading_days, write

from ibdesk import IB, MarketOrder, RequestError, Stock
from ibdesk.errors import PriceFileError
from ibdesk.paper import PaperGateway
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.price_files import open_files
from ibdesk.util import df

DAY = "20260302 23:59:59 US/Eastern"
INTRADAY = bars(minutes(), seed=4)
DAILY = bars(trading_days("2026-01-02", "2026-03-02"), seed=5, digits=13)
COLUMNS = ["open", "high", "low", "close", "volume"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write(tmp_path, "ZZZ.csv", INTRADAY)
    write(tmp_path, "MSFT.parquet", DAILY)
    return tmp_path


@pytest.fixture
async def ib(data: Path) -> AsyncIterator[IB]:
    ib = IB()
    ib.RaiseRequestErrors = True
    async with PaperGateway(port=0, data=data, only_data=True) as gateway:
        assert gateway.start_time == dt.datetime(2026, 3, 2, 9, 30, tzinfo=NEW_YORK)
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        yield ib
        ib.disconnect()


async def test_a_stock_that_is_not_listed_is_known_by_its_file(ib: IB) -> None:
    [contract] = await ib.qualifyContractsAsync(Stock("ZZZ", "SMART", "USD"))
    assert contract is not None
    assert (contract.primaryExchange, contract.localSymbol) == ("NASDAQ", "ZZZ")


async def test_days_equal_the_file(ib: IB) -> None:
    found = await ib.reqHistoricalDataAsync(
        Stock("MSFT", "SMART", "USD"), "20260227 23:59:59 US/Eastern", "1 M", "1 day", "TRADES", True
    )
    frame = df(found)
    assert frame is not None
    theirs = DAILY.set_index(DAILY.time.dt.date).loc[frame.date]
    assert len(frame) > 15
    assert (frame[COLUMNS].to_numpy() == theirs[COLUMNS].to_numpy()).all()


async def test_quotes_and_fills_are_those_of_the_file(ib: IB) -> None:
    [contract] = await ib.qualifyContractsAsync(Stock("ZZZ", "SMART", "USD"))
    assert contract is not None
    ticker = ib.reqMktData(contract)
    trade = ib.placeOrder(contract, MarketOrder("BUY", 100))
    await until(ib, trade.isDone)
    await until(ib, ticker.hasBidAsk)
    first = INTRADAY.iloc[0]
    assert first.low - 0.02 <= trade.orderStatus.avgFillPrice <= first.high + 0.02
    assert first.low - 0.02 <= ticker.bid < ticker.ask <= first.high + 0.02
    assert ticker.open == first.open


async def test_nothing_else_has_prices(ib: IB) -> None:
    with pytest.raises(RequestError, match="only data"):
        await ib.reqHistoricalDataAsync(Stock("IBM", "SMART", "USD"), "", "1 D", "1 min", "TRADES", True)


async def test_past_minutes_equal_the_file(data: Path) -> None:
    ib = IB()
    start = dt.datetime(2026, 3, 2, 15, 30, tzinfo=NEW_YORK)
    async with PaperGateway(port=0, data=[data / "ZZZ.csv"], start_time=start) as gateway:
        await ib.connectAsync("127.0.0.1", gateway.port, clientId=1)
        found = await ib.reqHistoricalDataAsync(
            Stock("ZZZ", "SMART", "USD"), "20260302 15:00:00 US/Eastern", "1 D", "5 mins", "TRADES", True
        )
        ib.disconnect()
    frame = df(found)
    assert frame is not None
    names = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    theirs = INTRADAY[:330].set_index("time").resample("5min").agg(names)
    assert frame.date.tolist() == theirs.index.tolist()
    assert (frame[COLUMNS].to_numpy() == theirs[COLUMNS].to_numpy()).all()


def test_a_wrong_row_and_wrong_arguments_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "ZZZ.csv", INTRADAY.assign(low=INTRADAY.high + 1))
    with pytest.raises(PriceFileError, match=r"ZZZ.csv, line 2: high .* is below low"):
        PaperGateway(port=0, data=path)
    for data in (5, b"ZZZ.csv", [None]):
        with pytest.raises(ValueError, match="data is a folder or a file of prices"):
            PaperGateway(port=0, data=data)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="only_data=True belongs to data"):
        PaperGateway(port=0, only_data=True)
    write(tmp_path, "ZZZ.csv", INTRADAY)
    opened = PaperGateway(port=0, data=path)
    assert opened.start_time.date() == dt.date(2026, 3, 2)


def test_a_source_that_is_open_needs_no_zone(data: Path) -> None:
    source = open_files(data, seed=1, today=dt.date(2026, 3, 2))
    assert PaperGateway(port=0, data=source).start_time == dt.datetime(2026, 3, 2, 9, 30, tzinfo=NEW_YORK)
    with pytest.raises(ValueError, match="zone='US/Eastern' is for files of prices, and data is open"):
        PaperGateway(port=0, data=source, zone="US/Eastern")
