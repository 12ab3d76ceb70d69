"""The command `ibdesk journal`, which shows the orders of an order journal."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ibdesk.client.replaying import Decoder, replay
from ibdesk.client.state.orders import Orders
from ibdesk.client.state.trade import Trade
from ibdesk.errors import DecodeError, JournalError
from ibdesk.journal import Entry, Event, Kind, Reading, Snapshot
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.model.plain import plain
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.printable import printable
from ibdesk.runtime.clocks import COMPUTER, local_zone
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import OrderStatus
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

_RECENT = timedelta(days=1)

_WISHES = {1: "exercise", 2: "let lapse"}


@dataclass(frozen=True)
class _Order:
    """An order of the journal, and what its messages have made of it."""

    entry: Entry
    events: list[Event]
    trade: Trade
    doubt: str
    """What is not known of it; empty if nothing is in doubt."""

    @property
    def commissions(self) -> dict[str, float]:
        """What it has cost, by currency."""
        found: dict[str, float] = {}
        for fill in self.trade.fills:
            report = fill.commissionReport
            if report.execId:
                found[report.currency] = found.get(report.currency, 0.0) + report.commission
        return found


def journal(
    file: Annotated[Path, typer.Argument(help="The journal: the file of IB(journal=...).", show_default=False)],
    is_open: Annotated[bool, typer.Option("--open", help="Only orders that have not ended.")] = False,
    is_all: Annotated[bool, typer.Option("--all", help="Also orders that ended more than a day ago.")] = False,
    history: Annotated[
        str | None,
        typer.Option(
            help="Show all that was sent and told of one order: its orderId, permId or key.",
            metavar="ORDER",
            show_default=False,
        ),
    ] = None,
    client: Annotated[int | None, typer.Option(help="Only orders of this client id.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show the orders of an order journal: those that live, and those that ended within a day.

    The file is only read, and may be in use. Times are those of this computer.
    """
    if is_open and is_all:
        raise typer.BadParameter("--open shows less, and --all shows more: choose one", param_hint="--open")
    try:
        with Reading(file).opened() as found:
            entries = [one for one in found.entries() if client in (None, one.client)]
            chosen = _named(history, entries) if history is not None else _wanted(entries, is_open, is_all)
            orders = [order for entry in chosen if (order := _read(found, entry)) is not None]
            waiting = [(number, sending) for number, sending in found.waiting() if client in (None, number)]
    except JournalError as error:
        sys.exit(str(error))
    if as_json:
        print(json.dumps([_as_json(order, history is not None) for order in orders], indent=2))
    elif history is not None:
        for order in orders:
            print("\n".join(_history(order)))
    else:
        _show(orders, len(entries))
    decoder = Decoder()
    for number, sending in waiting:
        event = Event(sending.time, Kind.SENT, sending.version, sending.payload)
        text = _message(decoder, event)
        print(f"client {number} was about to send this when it ended, or sends it now: {text}", file=sys.stderr)


def _wanted(entries: list[Entry], is_open: bool, is_all: bool) -> list[Entry]:
    """Return the orders to show. Of those that were pruned there is nothing to show."""
    since = COMPUTER.timestamp() - _RECENT.total_seconds()
    return [
        one
        for one in entries
        if one.first.payload and (is_all or one.ended is None or (not is_open and one.ended >= since))
    ]


def _named(name: str, entries: list[Entry]) -> list[Entry]:
    """Return the orders with a key, a permId or an orderId, whichever there is first."""
    for found in (
        [one for one in entries if one.key == name],
        [one for one in entries if one.permId and str(one.permId) == name],
        [one for one in entries if str(one.orderId) == name],
    ):
        if found:
            if not found[0].first.payload:
                raise typer.BadParameter(f"the order of key {name!r} has been pruned", param_hint="--history")
            return found
    raise typer.BadParameter(
        f"no order has the orderId, permId or key {name!r}; --all shows which there are",
        param_hint="--history",
    )


def _read(found: Snapshot, entry: Entry) -> _Order | None:
    orders, events, zone = Orders(), found.events(entry), local_zone()
    trade = replay(orders, Decoder(), entry, events, zone)
    if trade is None:
        return None
    awaited = orders.awaited(trade)
    doubt = trade.uncertainty
    if not doubt and isinstance(awaited, tuple) and not trade.isDone():
        doubt = f"no answer to the {awaited[0]} yet"
    return _Order(entry, events, trade, doubt)


# --- the table ------------------------------------------------------------------------------------------------------


def _show(orders: list[_Order], number: int) -> None:
    if not orders:
        print("no orders" if not number else f"none of {number} orders; --all shows all")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("placed", "order", "permId", "what", "status", "filled"):
        table.add_column(name, overflow="fold", no_wrap=name in ("placed", "order", "permId"))
    for one in orders:
        table.add_row(*map(Text, _row(one)))
    Console().print(table)


def _row(one: _Order) -> Iterator[str]:
    entry, trade, status = one.entry, one.trade, one.trade.orderStatus
    yield _time(entry.first.time, "%m-%d %H:%M:%S")
    yield f"{entry.client}/{entry.orderId}"
    yield str(entry.permId or "")
    key = f"\nkey {entry.key}" if entry.key else ""
    yield printable(_what(trade.contract, trade.order)) + printable(key).replace("\\n", "\n", 1)
    yield status.status + (f"\nin doubt: {printable(one.doubt)}" if one.doubt else "")
    filled = trade.filled()
    costs = ", ".join(f"{amount:,.2f} {currency}" for currency, amount in one.commissions.items())
    price = f" @ {_number(round(status.avgFillPrice, 6))}" if status.avgFillPrice else ""
    yield (f"{_number(filled)}{price}" if filled else "") + (f"\ncost {printable(costs)}" if costs else "")


def _what(contract: Contract, order: Order) -> str:
    """Return an order in words: `BUY 100 AAPL LMT 120.5 GTC`."""
    prices = [price for price in (order.lmtPrice, order.auxPrice) if price not in (UNSET_DOUBLE, 0.0)]
    return " ".join([
        order.action,
        _number(order.totalQuantity),
        _name(contract),
        order.orderType,
        *map(_number, prices),
        *filter(None, [order.tif]),
    ])  # fmt: skip


def _name(contract: Contract) -> str:
    more = (contract.lastTradeDateOrContractMonth, _number(contract.strike) if contract.strike else "", contract.right)
    name = contract.localSymbol if contract.secType in ("CASH", "FUT") else contract.symbol
    return " ".join(filter(None, [name or contract.symbol or f"conId {contract.conId}", *more]))


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _time(seconds: float, form: str) -> str:
    return f"{datetime.fromtimestamp(seconds, local_zone()):{form}}"


# --- one order ------------------------------------------------------------------------------------------------------


def _history(one: _Order) -> Iterator[str]:
    entry = one.entry
    names = [
        f"order {entry.orderId} of client {entry.client}",
        f"permId {entry.permId}" if entry.permId else "no permId",
    ]
    yield ", ".join([*names, *([f"key {printable(entry.key)}"] if entry.key else [])])
    decoder = Decoder()
    arrows = {Kind.SENT: "->", Kind.TOLD: "<-", Kind.ANSWERED: "<?"}
    for event in (entry.first, *one.events):
        time = _time(event.time, "%Y-%m-%d %H:%M:%S.%f")[:-3]
        yield f"{time}  {arrows.get(event.kind, '--')}  {_message(decoder, event)}"
    status = one.trade.orderStatus.status
    yield f"{status}{f', in doubt: {printable(one.doubt)}' if one.doubt else ''}"


def _message(decoder: Decoder, event: Event) -> str:
    try:
        message = decoder.message(event)
    except DecodeError as error:
        return str(error)
    return printable(_in_words(message, event.kind))


def _in_words(message: Any, kind: Kind) -> str:
    name = type(message).__name__
    match message:
        case None:
            return "the server does not know the order" if kind is Kind.UNKNOWN else "a connection began"
        case PlaceOrder():
            return f"{name} {message.orderId}: {_what(message.contract, message.order)}"
        case ExerciseOptions():
            wish = _WISHES.get(message.exerciseAction, f"exerciseAction {message.exerciseAction}")
            return f"{name} {message.reqId}: {wish} {message.exerciseQuantity} {_name(message.contract)}"
        case OpenOrder():
            return f"{name} {message.orderState.status}: {_what(message.contract, message.order)}"
        case OrderStatus():
            price = f" @ {_number(message.avgFillPrice)}" if message.filled else ""
            return (
                f"{name} {message.status}: filled {_number(message.filled)}{price}, {_number(message.remaining)} left"
            )
        case ExecDetails():
            execution = message.execution
            where = f"{execution.side} {_number(execution.shares)} @ {_number(execution.price)} {execution.exchange}"
            return f"{name} {execution.execId}: {where}"
        case CommissionAndFeesReport():
            report = message.commissionReport
            return f"{name} {report.execId}: {_number(report.commission)} {report.currency}"
        case CompletedOrder():
            return f"{name} {message.orderState.status}: {message.orderState.completedStatus}"
        case Error():
            return f"{name} {message.errorCode}: {message.errorString}"
    return f"{name} {getattr(message, 'orderId', '')}".rstrip()


# --- JSON -----------------------------------------------------------------------------------------------------------


def _as_json(one: _Order, with_events: bool) -> dict[str, Any]:
    entry, trade = one.entry, one.trade
    told: dict[str, Any] = {
        "client": entry.client,
        "orderId": entry.orderId,
        "permId": entry.permId,
        "key": entry.key,
        "placed": _time(entry.first.time, "%Y-%m-%dT%H:%M:%S.%f%z"),
        "ended": None if entry.ended is None else _time(entry.ended, "%Y-%m-%dT%H:%M:%S.%f%z"),
        "contract": plain(trade.contract.nonDefaults()),
        "order": plain(trade.order.nonDefaults()),
        "status": trade.orderStatus.status,
        "filled": trade.filled(),
        "avgFillPrice": trade.orderStatus.avgFillPrice,
        "commissions": one.commissions,
        "inDoubt": one.doubt,
        "fills": _plain_fills(trade),
    }
    if with_events:
        decoder = Decoder()
        told["events"] = [
            {
                "time": _time(event.time, "%Y-%m-%dT%H:%M:%S.%f%z"),
                "kind": event.kind.name.lower(),
                "version": event.version,
                "text": _message(decoder, event),
            }
            for event in (entry.first, *one.events)
        ]
    return told


def _plain_fills(trade: Trade) -> Iterable[Any]:
    return [{"execution": plain(fill.execution), "commission": plain(fill.commissionReport)} for fill in trade.fills]
