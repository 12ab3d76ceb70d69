"""Callbacks: the methods of a program's wrapper that are called for the messages that arrive.

Their names and arguments are those with which ib_async 2.1.0 calls its `Wrapper` or, if it has no such callback, those
of IBKR's EWrapper. (IBKR's client hands over two answers about TWS's settings raw; these are named by the same rule.)
Most messages become one callback of their own name, with their fields in order. The others are in a table. Prices and
sizes are floats, and a size that is unset is 0.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, tzinfo
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from ibdesk.client.blocking import LoopRunner
from ibdesk.client.client_state import zone_of
from ibdesk.client.receiver import Receiver
from ibdesk.client.state.past_ticks import histogram, past_ticks
from ibdesk.logs import logger
from ibdesk.model.contract_details import ContractDescription, ContractDetails
from ibdesk.model.quotes import TickAttrib
from ibdesk.model.reference import FamilyCode
from ibdesk.model.times import parseIBDatetime
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.session.connection import Opened, Undecodable
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender, ib_name, messages
from ibdesk.wire.codec import Oddities, Unknown
from ibdesk.wire.layout import fields_of, part_class
from ibdesk.wire.messages import (
    bonds,
    connection,
    contracts,
    depth,
    executions,
    historical_ticks,
    history,
    history_summaries,
    market_data,
    orders,
    pnl,
    reference,
    scanner,
    tick_by_tick,
)
from ibdesk.wire.scalars import Quantity

__all__ = ["Callbacks", "EWrapper"]

_log = logger("ibdesk.client")

Cls = TypeVar("Cls", bound=type)
Call = tuple[str, tuple[Any, ...]]
"""The name of a callback, and its arguments."""

_ROW = "marketDepthData"

_OTHERWISE: dict[type, tuple[str, ...]] = {
    connection.Error: ("error", "reqId", "errorCode", "errorString", "advancedOrderRejectJson"),
    orders.OpenOrder: ("openOrder", "order.orderId", "contract", "order", "orderState"),
    executions.CommissionAndFeesReport: ("commissionReport", "commissionReport"),
    contracts.ContractData: ("contractDetails", "reqId", "contractDetails"),
    contracts.ContractDataEnd: ("contractDetailsEnd", "reqId"),
    market_data.TickReqParams: ("tickReqParams", "reqId", "minTick", "bboExchange", "snapshotPermissions"),
    depth.UpdateMktDepth: (
        "updateMktDepth",
        "reqId",
        *(f"{_ROW}.{name}" for name in ("position", "operation", "side", "price", "size")),
    ),
    depth.UpdateMktDepthL2: (
        "updateMktDepthL2",
        "reqId",
        *(
            f"{_ROW}.{name}"
            for name in ("position", "marketMaker", "operation", "side", "price", "size", "isSmartDepth")
        ),
    ),
    pnl.PnL: ("pnl", "reqId", "dailyPnL", "unrealizedPnL", "realizedPnL"),
    pnl.PnLSingle: ("pnlSingle", "reqId", "position", "dailyPnL", "unrealizedPnL", "realizedPnL", "value"),
}
"""Messages that become one callback with another name or other arguments: its name, and the place of each argument."""


# --- messages that are several callbacks, or one of several, or hold what users get as other nouns -------------------

_SIZES_OF_PRICES = {1: 0, 2: 3, 4: 5, 66: 69, 67: 70, 68: 71}
"""Tick type of a price -> that of its size, where there is one (IBKR, "Available Tick Types")."""


def _size(value: float) -> float:
    return 0.0 if value == UNSET_DOUBLE else value


def _tick_price(m: market_data.TickPrice, to: "Callbacks") -> Iterator[Call]:
    """Tell price and size in one callback, if the wrapper has that, else in IBKR's two."""
    if hasattr(to.wrapper, "priceSizeTick"):
        yield "priceSizeTick", (m.reqId, m.tickType, m.price, _size(m.size))
        return
    attributes = TickAttrib(bool(m.attrMask & 1), bool(m.attrMask & 2), bool(m.attrMask & 4))
    yield "tickPrice", (m.reqId, m.tickType, m.price, attributes)
    if m.tickType in _SIZES_OF_PRICES:
        yield "tickSize", (m.reqId, _SIZES_OF_PRICES[m.tickType], _size(m.size))


def _tick_by_tick(m: tick_by_tick.TickByTick, to: "Callbacks") -> Iterator[Call]:
    last, quote, middle = m.last, m.bidAsk, m.midPoint
    if m.tickType in tick_by_tick.ALL_LAST:
        trade = (last.time, last.price, _size(last.size), last.tickAttribLast, last.exchange, last.specialConditions)
        yield "tickByTickAllLast", (m.reqId, m.tickType, *trade)
    elif m.tickType in tick_by_tick.BID_ASK:
        sizes = _size(quote.sizeBid), _size(quote.sizeAsk)
        yield (
            "tickByTickBidAsk",
            (m.reqId, quote.time, quote.priceBid, quote.priceAsk, *sizes, quote.tickAttribBidAsk),
        )
    else:
        yield "tickByTickMidPoint", (m.reqId, middle.time, middle.price)


def _past_ticks(m: Any, to: "Callbacks") -> Iterator[Call]:
    yield ib_name(type(m).__name__), (m.reqId, past_ticks(m, to.wanted_zone), m.done)


def _historical_data(m: history.HistoricalData, to: "Callbacks") -> Iterator[Call]:
    for bar in m.bars:
        yield "historicalData", (m.reqId, bar)
    if to.version < V.HISTORICAL_DATA_END:  # later it is a message of its own
        yield "historicalDataEnd", (m.reqId, m.startDateStr, m.endDateStr)


def _scanner_data(m: scanner.ScannerData, to: "Callbacks") -> Iterator[Call]:
    for row in m.rows:
        details = ContractDetails(contract=row.contract, marketName=row.marketName)
        yield "scannerData", (m.reqId, row.rank, details, row.distance, row.benchmark, row.projection, row.legsStr)
    yield "scannerDataEnd", (m.reqId,)


def _exec_details(m: executions.ExecDetails, to: "Callbacks") -> Iterator[Call]:
    """Tell an execution with its time as a datetime in the wrapper's zone, as ib_async does, if it can be read."""
    with suppress(ValueError):
        moment = parseIBDatetime(str(m.execution.time), to.zone)
        if isinstance(moment, datetime):
            m.execution.time = moment.astimezone(to.wanted_zone)
    yield "execDetails", (m.reqId, m.contract, m.execution)


def _bond(m: bonds.BondContractData, to: "Callbacks") -> Iterator[Call]:
    yield "bondContractDetails", (m.reqId, bonds.with_maturity(m.contractDetails))


def _histogram(m: history_summaries.HistogramData, to: "Callbacks") -> Iterator[Call]:
    yield "histogramData", (m.reqId, histogram(m.items))


def _symbols(m: reference.SymbolSamples, to: "Callbacks") -> Iterator[Call]:
    found = [ContractDescription(one.contract, one.derivativeSecTypes) for one in m.contractDescriptions]
    yield "symbolSamples", (m.reqId, found)


def _families(m: reference.FamilyCodes, to: "Callbacks") -> Iterator[Call]:
    yield "familyCodes", ([FamilyCode(one.accountID, one.familyCodeStr) for one in m.familyCodes],)


_BY_HAND: dict[type, tuple[Callable[[Any, "Callbacks"], Iterable[Call]], str]] = {
    market_data.TickPrice: (_tick_price, "tickPrice tickSize"),
    tick_by_tick.TickByTick: (_tick_by_tick, "tickByTickAllLast tickByTickBidAsk tickByTickMidPoint"),
    history.HistoricalData: (_historical_data, "historicalData historicalDataEnd"),
    scanner.ScannerData: (_scanner_data, "scannerData scannerDataEnd"),
    executions.ExecDetails: (_exec_details, "execDetails"),
    historical_ticks.HistoricalTicks: (_past_ticks, "historicalTicks"),
    historical_ticks.HistoricalTicksBidAsk: (_past_ticks, "historicalTicksBidAsk"),
    historical_ticks.HistoricalTicksLast: (_past_ticks, "historicalTicksLast"),
    history_summaries.HistogramData: (_histogram, "histogramData"),
    bonds.BondContractData: (_bond, "bondContractDetails"),
    reference.SymbolSamples: (_symbols, "symbolSamples"),
    reference.FamilyCodes: (_families, "familyCodes"),
}
"""The function that makes the callbacks of a message, and their names; but for `priceSizeTick`, which few want."""


# --- the table --------------------------------------------------------------------------------------------------------


def _entry(cls: type) -> tuple[str, ...]:
    """Return the name of a message's only callback, and where in the message its arguments are."""
    return _OTHERWISE.get(cls) or (ib_name(cls.__name__), *(field.name for field in fields(cls)))


@cache
def _taker(cls: type) -> Callable[[Any], Call]:
    """Return a function that makes the only callback of a message of this class."""
    # The function is called for every tick: what depends on the class alone is looked up here, once.
    name, *places = _entry(cls)
    sizes = [_is_size(cls, place) for place in places]
    together = attrgetter(*places) if len(places) > 1 else None

    def take(message: Any) -> Call:
        values = together(message) if together else tuple(getattr(message, place) for place in places)
        if UNSET_DOUBLE in values:
            values = tuple(_size(value) if is_size else value for value, is_size in zip(values, sizes, strict=True))
        return name, values

    return take


def _is_size(cls: type | None, place: str) -> bool:
    hint: Any = None
    for name in place.split("."):
        assert cls is not None
        hint = fields_of(cls)[name][1]
        cls = part_class(hint)
    return bool(hint == Quantity)


def _names() -> Iterator[tuple[str, str]]:
    """Yield the name of each callback, and what it means."""
    yield "connectAck", "The connection is there, and both ends know the server version."
    yield "connectionClosed", "The peer ended the connection."
    for one in messages():
        if one.sender is Sender.SERVER:
            for name in _BY_HAND[one.cls][1].split() if one.cls in _BY_HAND else _entry(one.cls)[:1]:
                yield name, one.cls.__doc__ or ""


def _with_callbacks(cls: Cls) -> Cls:
    """Add every callback to a class."""
    for name, meaning in _names():

        def callback(self: object, *args: Any) -> None:
            """Do nothing."""

        callback.__name__, callback.__qualname__, callback.__doc__ = name, f"{cls.__qualname__}.{name}", meaning
        setattr(cls, name, callback)
    return cls


@_with_callbacks
class EWrapper:
    """A base class for wrappers. It has every callback that a `Client` makes, and none of them does anything.

    A wrapper need not inherit from it: callbacks that a wrapper lacks are left out. A wrapper may have three more.
    `priceSizeTick` (reqId, tickType, price, size) is called instead of `tickPrice` and its `tickSize`. `tcpDataArrived`
    () and `tcpDataProcessed` () are called before and after the messages of each piece of data.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., None]: ...


class Callbacks(Receiver):
    """What calls a wrapper, which is any object with some of the callbacks. An exception in a callback is logged."""

    def __init__(self, wrapper: Any, version: int = 0) -> None:
        """Call `wrapper` back. `version` is the server version until a connection has agreed on one."""
        self.wrapper = wrapper
        self.version: int = version
        self._clock = ""
        self.runner: LoopRunner = LoopRunner()
        self._unknown: set[int] = set()
        self._has_left = False

    @property
    def zone(self) -> tzinfo:
        """The time zone in which old servers write times. A wrapper may set it as in ib_async: `ib.TimezoneTWS`."""
        return zone_of(self._clock, getattr(getattr(self.wrapper, "ib", None), "TimezoneTWS", ""))

    @property
    def wanted_zone(self) -> tzinfo:
        """The time zone in which the wrapper wants times: its `defaultTimezone`, else UTC."""
        found: tzinfo = getattr(self.wrapper, "defaultTimezone", UTC)
        return found

    def receive(self, batch: Iterable[Any]) -> None:
        """Call the wrapper for the messages of one piece of data."""
        self._call("tcpDataArrived")
        for event in batch:
            if not self._has_left or isinstance(event, Opened):
                self.take(event)
        self._call("tcpDataProcessed")

    def take(self, event: Any) -> None:
        """Call the wrapper for one message. A message that cannot be handled is logged."""
        cls: type = type(event)
        try:
            if cls in _BY_HAND:
                for name, args in _BY_HAND[cls][0](event, self):
                    self._call(name, *args)
            elif cls in _CONNECTION:
                _CONNECTION[cls](self, event)
            else:
                name, args = _taker(cls)(event)
                self._call(name, *args)
        except Exception:
            _log.exception("Error handling %s", event)

    def _opened(self, event: Opened) -> None:
        self.version, self._clock, self._has_left = event.serverVersion, event.time, False
        self.runner.bind()
        self._call("connectAck")

    def _undecodable(self, event: Undecodable) -> None:
        _log.error("%s", event.error)

    def _not_known(self, event: Unknown) -> None:
        if event.id not in self._unknown and len(self._unknown) < Oddities.MOST:
            self._unknown.add(event.id)
            _log.warning("The server sent what is not known here: message %s", event.id)

    def on_connection_lost(self) -> None:
        """Call `connectionClosed`, because the peer has ended the connection."""
        self._call("connectionClosed")
        self.on_disconnect(was_ready=True)

    def on_disconnect(self, was_ready: bool) -> None:
        """Stop calling the wrapper, until the next connection. That may be made on another loop."""
        self._has_left = True
        self.runner.release()

    def _call(self, name: str, *args: Any) -> None:
        try:
            callback = getattr(self.wrapper, name, None)
            if callback is not None:
                callback(*args)
        except Exception:
            _log.exception("Error in the callback %s%r", name, args)


_CONNECTION: dict[type, Callable[[Callbacks, Any], None]] = {
    Opened: Callbacks._opened,
    Undecodable: Callbacks._undecodable,
    Unknown: Callbacks._not_known,
}
"""What arrives beside messages."""
