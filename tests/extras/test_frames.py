"""Frames for people: objects within objects become columns of plain values, which Arrow and so Streamlit can take."""

import datetime as dt
import math
from typing import Any

import pandas
import pytest

from ibdesk import (
    CommissionReport,
    ContractDetails,
    Execution,
    Fill,
    Forex,
    LimitOrder,
    OptionComputation,
    OrderStatus,
    PnL,
    PortfolioItem,
    Position,
    Stock,
    TagValue,
    TickData,
    Ticker,
    Trade,
    util,
)
from ibdesk.model.contract import ComboLeg, Contract

NOON = dt.datetime(2026, 4, 15, 12, tzinfo=dt.UTC)
APPLE = Stock("AAPL", "SMART", "USD", conId=265598)
EURUSD = Forex("EURUSD", conId=12087792)


def ticker() -> Ticker:
    found = Ticker(contract=APPLE)
    found.bid, found.time, found.ticks = 1.5, NOON, [TickData(NOON, 1, 1.5, 2.0)]
    found.modelGreeks = OptionComputation(0, 0.2, 0.5, None, None, None, None, None, 1.5)
    return found


def trade(**fields: Any) -> Trade:
    order = LimitOrder("BUY", 10, 1.5, algoParams=[TagValue("a", "b")])
    fill = Fill(APPLE, Execution("0.0.1.01", shares=10.0), CommissionReport("0.0.1.01", 1.0), NOON)
    return Trade(APPLE, order, OrderStatus(status="Filled"), [fill], **fields)


ROWS: dict[str, list[Any]] = {
    "tickers": [ticker(), Ticker(contract=EURUSD)],
    "trades": [trade(), Trade(EURUSD)],
    "orders": [trade().order],
    "fills": trade().fills,
    "portfolio": [PortfolioItem(APPLE, 1.0, 2.0, 2.0, 3.0, -1.0, 0.0, "DU1")],
    "positions": [Position("DU1", APPLE, 1.0, 2.0), Position("DU1", EURUSD, -1.0, 2.0)],
    "contracts": [APPLE, EURUSD],
    "combinations": [Contract(secType="BAG", comboLegs=[ComboLeg(conId=1)])],
    "details": [ContractDetails(contract=APPLE)],
    "profit": [PnL()],
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=list(ROWS))
def test_arrow_takes_them(rows: list[Any]) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is installed with the libraries of programs only")
    frame = util.df(rows, plain=True)
    assert len(frame) == len(rows)
    assert pyarrow.Table.from_pandas(frame).num_rows == len(rows)


@pytest.mark.parametrize("kind", ["tickers", "trades", "fills", "portfolio", "positions", "details"])
def test_a_contract_is_columns(kind: str) -> None:
    first = util.df(ROWS[kind], plain=True).iloc[0]
    assert (first["symbol"], first["secType"], first["conId"]) == ("AAPL", "STK", 265598)
    assert {"contract", "strike", "comboLegs"}.isdisjoint(first.index)


def test_a_cell_holds_what_the_object_has() -> None:
    frame = util.df(ROWS["positions"], plain=True)
    assert frame.to_dict("records") == [
        {"account": "DU1", "secType": "STK", "conId": 265598, "symbol": "AAPL", "exchange": "SMART"}
        | {"currency": "USD", "position": 1.0, "avgCost": 2.0},
        {"account": "DU1", "secType": "CASH", "conId": 12087792, "symbol": "EUR", "exchange": "IDEALPRO"}
        | {"currency": "USD", "position": -1.0, "avgCost": 2.0},
    ]


def test_other_objects_within_are_named_after_both() -> None:
    first = util.df([trade()], plain=True).iloc[0]
    assert (first["order.lmtPrice"], first["orderStatus.status"]) == (1.5, "Filled")
    assert math.isnan(first["order.auxPrice"]), "unset"
    assert first["order.algoParams"] == [{"tag": "a", "value": "b"}]
    assert first["fills"][0]["execution"]["execId"] == "0.0.1.01"


def test_names_of_both_a_contract_and_its_owner_are_told_apart() -> None:
    first = util.df(trade().fills, plain=True).iloc[0]
    assert (first["exchange"], first["execution.exchange"]) == ("SMART", "")


def test_numbers_and_moments_stay_what_they_are() -> None:
    frame = util.df(ROWS["tickers"], plain=True)
    assert (frame["bid"].dtype, frame["bid"][0], math.isnan(frame["bid"][1])) == (float, 1.5, True)
    assert isinstance(frame["time"].dtype, pandas.DatetimeTZDtype)
    assert frame["time"][0] == NOON
    assert frame["modelGreeks.delta"][0] == 0.5


def test_labels_and_empty_lists() -> None:
    assert list(util.df(ROWS["portfolio"], ["symbol", "position"], plain=True).columns) == ["symbol", "position"]
    assert util.df([], plain=True).empty
    assert util.df(None, plain=True) is None


def test_without_it_a_cell_holds_the_object() -> None:
    assert util.df(ROWS["positions"])["contract"][0] is APPLE
