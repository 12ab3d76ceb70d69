"""What a program puts into an order or contract never decides what becomes of it (ib_insync#705)."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from client.asking import connected

from ibdesk import IB, Contract, LimitOrder, Option, RequestError, Stock, Trade
from ibdesk.wire.messages import contracts, history, orders
from ibdesk.wire.messages.connection import Error

ROW = pd.DataFrame({"strike": [150.0], "price": np.array([1.25], dtype="float32"), "size": [3]}).iloc[0]


class Unspeakable(float):
    """A number whose repr raises."""

    def __repr__(self) -> str:
        raise ArithmeticError("there are no words for it")

    __str__ = __repr__


class UnspeakableStock(Stock):
    """A contract of the program's own, whose repr raises."""

    def __repr__(self) -> str:
        raise ArithmeticError("there are no words for it")


NUMBERS: dict[str, Callable[[float], Any]] = {
    "float64": np.float64,
    "float32": np.float32,
    "array of one": lambda number: np.array(number),
    "unspeakable": Unspeakable,
}


def refused(message: orders.PlaceOrder) -> list[Error]:
    return [Error(message.orderId, 201, "Order rejected - reason: the price is wrong", "{}")]


async def verdict(ib: IB, contract: Contract, order: LimitOrder) -> tuple[Trade, list[str]]:
    """What becomes of an order, and the events on the way."""
    seen: list[str] = []
    ib.errorEvent += lambda reqId, code, text, contract: seen.append(f"error {code}")
    ib.orderStatusEvent += lambda trade: seen.append(trade.orderStatus.status)
    trade = ib.placeOrder(contract, order)
    trade.cancelledEvent += lambda _: seen.append("ended")
    async with asyncio.timeout(10):
        await trade.statusEvent
    return trade, seen


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
async def test_a_refused_order_tells_its_reason(number: Callable[[float], Any]) -> None:
    contract = Option("AAPL", "20270115", number(150.0), "C", "SMART")
    order = LimitOrder("BUY", number(3.0), number(1.25))
    async with connected({orders.PlaceOrder: refused}) as (ib, server):
        trade, seen = await verdict(ib, contract, order)
        (sent,) = server.of(orders.PlaceOrder)
    assert (sent.contract.strike, sent.order.totalQuantity, sent.order.lmtPrice) == (150.0, 3.0, 1.25)
    assert trade.orderStatus.status == "Inactive"
    assert trade.rejection is not None
    assert (trade.rejection.code, trade.rejection.text) == (201, "Order rejected - reason: the price is wrong")
    assert seen == ["Inactive", "ended", "error 201"]
    assert "lmtPrice=" in repr(trade)
    assert "strike=" in repr(trade)


@pytest.mark.parametrize("contract", [UnspeakableStock("AAPL", "SMART", "USD")])
async def test_a_contract_whose_repr_raises(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Python's own handlers do, and pytest's do not: print what can't be formatted, and go on.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    async with connected({orders.PlaceOrder: refused}) as (ib, _):
        trade, seen = await verdict(ib, contract, LimitOrder("BUY", 1, 1.25))
    assert (trade.orderStatus.status, seen) == ("Inactive", ["Inactive", "ended", "error 201"])


class Broken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("no route to host")


async def test_a_log_that_fails_loses_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    handler, logger = Broken(), logging.getLogger("ibdesk")
    logger.addHandler(handler)
    try:
        async with connected({orders.PlaceOrder: refused}) as (ib, _):
            placed: list[Trade] = []
            ib.newOrderEvent += placed.append
            ib.updateEvent += lambda: 1 / 0  # logged, too
            trade, seen = await verdict(ib, Stock("AAPL", "SMART", "USD"), LimitOrder("BUY", 1, 1.25))
            assert ib.isConnected()
    finally:
        logger.removeHandler(handler)
    assert (placed, seen) == ([trade], ["Inactive", "ended", "error 201"])


@pytest.mark.parametrize("strike", [np.float64(150.0), np.array([150.0]), pd.Series([150.0]), pd.NA])
async def test_an_unknown_contract_is_told(strike: Any) -> None:
    """What can be sent is refused by the server, and what can't names its field; the reason is never a comparison."""

    def unknown(message: Any) -> list[Error]:
        return [Error(message.reqId, 200, "No security definition has been found for the request")]

    answers = {contracts.ReqContractDetails: unknown, history.ReqHistoricalData: unknown}
    async with connected(answers) as (ib, _):
        contract = Option("AAPL", "20270115", strike, "C", "SMART")
        if isinstance(strike, float):
            assert await ib.qualifyContractsAsync(contract) == [None]
            assert not await ib.reqHistoricalDataAsync(contract)
            ib.RaiseRequestErrors = True
            with pytest.raises(RequestError, match="No security definition"):
                await ib.reqContractDetailsAsync(contract)
        else:
            with pytest.raises(ValueError, match=r"contract\.strike="):
                await ib.qualifyContractsAsync(contract)
            with pytest.raises(ValueError, match=r"contract\.strike="):
                await ib.reqHistoricalDataAsync(contract)
