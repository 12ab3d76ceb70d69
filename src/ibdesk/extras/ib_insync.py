"""What ibdesk does otherwise in the place of ib_insync 0.9.86 than in the place of ib_async 2.1.0.

The classes here take the place of ibdesk's own of the same names, for programs that import `ib_insync`. What differs,
and what is left as it is because ib_insync's way costs money, stands in `docs/reference/ib_insync.md`; a test holds
each row of it against both libraries.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import wraps
from typing import Any, ClassVar

from ibdesk.client import ib
from ibdesk.client.api.contracts import Qualified
from ibdesk.client.dialect import Dialect
from ibdesk.client.state import order_lifecycle, orders, quotes, tick_types, ticker, trade
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model import order
from ibdesk.model.contract import Contract
from ibdesk.model.fields import call_repr, dataclassAsDict, dataclassAsTuple, dataclassNonDefaults, field_names
from ibdesk.model.quotes import Dividends, OptionComputation, TickData
from ibdesk.model.reference import (
    ConnectionStats,
    FamilyCode,
    HistoricalNews,
    NewsArticle,
    NewsBulletin,
    NewsTick,
    OptionChain,
    SmartComponent,
)
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickSize
from ibdesk.wire.messages.tick_by_tick import TickByTick

__all__ = ["IB", "OrderStatus", "Ticker", "Trade"]

LATER = frozenset({"IBDefaults", "OrderStateNumeric", "StartupFetch", "StartupFetchALL", "StartupFetchNONE"})
"""Public names of ib_async that ib_insync does not have: `from ib_insync import *` leaves them out."""

_log = logger("ibdesk.ib")


# --- orders: Inactive is no end, and what was refused is Cancelled ----------------------------------------------------


class OrderStatus(order.OrderStatus):
    """How far an order has got. One that is Inactive may still become active again."""

    DoneStates: ClassVar[Any] = {"Filled", "Cancelled", "ApiCancelled"}
    ActiveStates: ClassVar[Any] = {"PendingSubmit", "ApiPending", "PreSubmitted", "Submitted"}


class Trade(trade.Trade):
    """An order, how far it has got, and all its fills."""

    def isDone(self) -> bool:
        """Return whether the order has ended: it is filled, cancelled, or refused."""
        return self.orderStatus.status in OrderStatus.DoneStates


class _OrderLifecycle(order_lifecycle.OrderLifecycle):
    refused = OrderStatus.Cancelled


class _Orders(orders.Orders):
    make_trade = Trade
    make_status = OrderStatus
    make_lifecycle = _OrderLifecycle


# --- tickers: what the server says, and no news when it says the same again -------------------------------------------


class Ticker(ticker.Ticker):
    """The market in one contract, as far as it is known."""

    __slots__ = ()

    def __repr__(self) -> str:
        arguments = dataclassNonDefaults(self)
        for name in ("defaults", "created", "status", "lastPricePrecision", "lastSizePrecision"):
            arguments.pop(name, None)
        return call_repr(self, arguments)


_SIDES: dict[int, tuple[str, str]] = {
    **dict.fromkeys((tick_types.BID, tick_types.DELAYED_BID), ("bid", "prevBid")),
    **dict.fromkeys((tick_types.ASK, tick_types.DELAYED_ASK), ("ask", "prevAsk")),
    **dict.fromkeys((tick_types.LAST, tick_types.DELAYED_LAST), ("last", "prevLast")),
}
_SIZES_OF_SIDES: dict[int, tuple[str, str]] = {
    **dict.fromkeys((tick_types.BID_SIZE, tick_types.DELAYED_BID_SIZE), ("bid", "prevBid")),
    **dict.fromkeys((tick_types.ASK_SIZE, tick_types.DELAYED_ASK_SIZE), ("ask", "prevAsk")),
}


class _Quotes(quotes.Quotes):
    make_ticker = Ticker

    def tick_price(self, message: TickPrice) -> None:
        one, side = self._by_request.get(message.reqId), _SIDES.get(message.tickType)
        if one is None or side is None:
            super().tick_price(message)
            return
        price, size = message.price, 0.0 if message.size == UNSET_DOUBLE else message.size
        is_news = [_follow(one, *side, price), _follow(one, f"{side[0]}Size", f"{side[1]}Size", size)]
        if any(is_news) or side[0] == "last":
            self._add(one, TickData(self._now, message.tickType, price, size))

    def tick_size(self, message: TickSize) -> None:
        one, side = self._by_request.get(message.reqId), _SIZES_OF_SIDES.get(message.tickType)
        if one is None or side is None:
            super().tick_size(message)
            return
        size = 0.0 if message.size == UNSET_DOUBLE else message.size
        if _follow(one, f"{side[0]}Size", f"{side[1]}Size", size):
            self._add(one, TickData(self._now, message.tickType, getattr(one, side[0]), size))

    def tick_generic(self, message: TickGeneric) -> None:
        super().tick_generic(message)
        one, name = self._by_request.get(message.reqId), tick_types.NUMBERS.get(message.tickType)
        if one is not None and name is not None and getattr(one, name) != message.value:
            setattr(one, name, message.value)
            one.ticks[-1] = one.ticks[-1]._replace(price=message.value)

    def tick_by_tick(self, message: TickByTick) -> None:
        one = self._by_request.get(message.reqId)
        if one is None:
            return
        last, size, last_before, size_before = one.last, one.lastSize, one.prevLast, one.prevLastSize
        super().tick_by_tick(message)
        if one.last == last:
            one.prevLast = last_before
        if one.lastSize == size:
            one.prevLastSize = size_before

    def _add(self, one: ticker.Ticker, tick: TickData) -> None:
        if tick.price or tick.size:
            one.ticks.append(tick)
        self._pending[one] = None


def _follow(one: ticker.Ticker, name: str, name_before: str, value: float) -> bool:
    """Set a value, and the one before it, if it has changed. Return whether it has."""
    before = getattr(one, name)
    if value == before:
        return False
    setattr(one, name_before, before)
    setattr(one, name, value)
    return True


# --- requests: what came to nothing is left out, or an empty list -----------------------------------------------------


class IB(ib.IB):
    """A connection to TWS or a gateway, which behaves as that of ib_insync."""

    dialect: ClassVar[Dialect] = Dialect(orders=_Orders, quotes=_Quotes, forgets_at_once=False)

    async def qualifyContractsAsync(self, *contracts: Contract, returnAll: bool = False) -> Any:
        """Fill in what the given contracts leave open, in place. Those that fit nothing, or several, are left out."""
        found = await super().qualifyContractsAsync(*contracts, returnAll=returnAll)
        return found if returnAll else Qualified(one for one in found if one is not None)

    async def whatIfOrderAsync(self, contract: Contract, order: order.Order) -> Any:
        """Ask what an order would cost in commission and margin. A refusal is logged, and returns an empty list."""
        try:
            return await super().whatIfOrderAsync(contract, order)
        except RequestError as error:
            if self.RaiseRequestErrors or self.strict:
                raise
            _log.error("%s; whatIfOrder returns empty", error)
            return []


def _empty_list(name: str) -> None:
    """Have a request with one answer return an empty list where there is none, as ib_insync does."""
    method = getattr(ib.IB, name)

    @wraps(method)
    async def request(self: IB, *args: Any, **kwargs: Any) -> Any:
        return await method(self, *args, **kwargs) or []

    setattr(IB, name, request)


for _name in (
    "calculateImpliedVolatilityAsync",
    "calculateOptionPriceAsync",
    "reqFundamentalDataAsync",
    "reqHeadTimeStampAsync",
    "reqHistoricalScheduleAsync",
    "reqNewsArticleAsync",
):
    _empty_list(_name)


# --- named tuples -----------------------------------------------------------------------------------------------------


class _AsNamedTuple:
    """What a data class of ib_async has in common with a named tuple: it can be unpacked, compared and sorted."""

    def __iter__(self) -> Iterator[Any]:
        return iter(dataclassAsTuple(self))

    def __len__(self) -> int:
        return len(field_names(type(self)))

    def __getitem__(self, index: Any) -> Any:
        return dataclassAsTuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return dataclassAsTuple(self) == _row(other)

    def __lt__(self, other: Any) -> bool:
        return dataclassAsTuple(self) < _row(other)

    def __le__(self, other: Any) -> bool:
        return dataclassAsTuple(self) <= _row(other)

    def __gt__(self, other: Any) -> bool:
        return dataclassAsTuple(self) > _row(other)

    def __ge__(self, other: Any) -> bool:
        return dataclassAsTuple(self) >= _row(other)

    def count(self, value: Any) -> int:
        return dataclassAsTuple(self).count(value)

    def index(self, value: Any, *bounds: int) -> int:
        return dataclassAsTuple(self).index(value, *bounds)

    def _asdict(self) -> dict[str, Any]:
        return dataclassAsDict(self)

    def _replace(self, **values: Any) -> Any:
        return replace(self, **values)  # type: ignore[type-var]


def _row(one: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] = one if isinstance(one, tuple) or not hasattr(one, "_asdict") else dataclassAsTuple(one)
    return row


_RECORDS: tuple[type[Any], ...] = (
    ConnectionStats,
    Dividends,
    FamilyCode,
    HistoricalNews,
    NewsArticle,
    NewsBulletin,
    NewsTick,
    OptionChain,
    OptionComputation,
    SmartComponent,
)


def unpack_records() -> None:
    """Have the records that are named tuples in ib_insync behave as such from now on, in the whole process.

    They are made where it is not known which package the program imports, so all of them change. Only
    `isinstance(record, tuple)` still tells that they are no tuples.
    """
    methods = {name: one for name, one in vars(_AsNamedTuple).items() if callable(one)}
    for cls in _RECORDS:
        for name, method in methods.items():
            setattr(cls, name, method)
        cls._fields = field_names(cls)
        cls._make = classmethod(lambda cls, values: cls(*values))
