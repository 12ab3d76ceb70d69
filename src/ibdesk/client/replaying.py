"""Brings orders of a journal back: their messages change the state of the orders again, as they did when they came.

So a trade of an earlier program is in every respect what it was there, and no rule of the orders is written twice.
"""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from ibdesk.client.state.orders import Orders
from ibdesk.client.state.trade import Trade
from ibdesk.errors import DecodeError
from ibdesk.journal import Entry, Event, Kind
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.order import Order
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.connection import Error
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import CancelOrder, OrderStatus
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

_log = logger("ibdesk.journal")

ENDED = "The connection was lost"
"""Why it is uncertain how an order stands that the server has not been asked about on a new connection."""


class Decoder:
    """Decodes the messages of a journal, which may be of several server versions."""

    def __init__(self) -> None:
        self._codecs: dict[tuple[Sender, int], Codec] = {}

    def message(self, event: Event) -> Any:
        """Return the message of an event, None if it has none. Raises DecodeError for one that cannot be read."""
        if not event.payload:
            return None
        sender = Sender.CLIENT if event.kind is Kind.SENT else Sender.SERVER
        key = sender, event.version
        if key not in self._codecs:
            self._codecs[key] = Codec(sender, event.version)
        return self._codecs[key].decode(event.payload)


def replay(orders: Orders, decoder: Decoder, entry: Entry, events: Iterable[Event], zone: tzinfo) -> Trade | None:
    """Bring an order back, and return its trade; None if its first message cannot be read. Nothing is emitted.

    Later messages that cannot be read are left out, and logged. `zone` is that of the times in the trade's log.
    """
    trade: Trade | None = None
    for event in (entry.first, *events):
        try:
            trade = _apply(
                orders, trade, event, decoder.message(event), entry, datetime.fromtimestamp(event.time, zone)
            )
        except (DecodeError, ValueError) as error:
            _log.error("Order %s of the journal: %s", entry.number, error)
        if trade is None:
            return None
    return trade


def as_order(instruction: ExerciseOptions) -> Order:
    """Return the order as which servers show an instruction: one that buys at 0, also if the options shall lapse."""
    return Order(
        action="BUY",
        totalQuantity=instruction.exerciseQuantity,
        orderType="LMT",
        lmtPrice=0.0,
        account=instruction.account,
    )


def _apply(
    orders: Orders, trade: Trade | None, event: Event, message: Any, entry: Entry, now: datetime
) -> Trade | None:
    """Have an event change the state, and return the trade that it is about."""
    match message:
        case PlaceOrder():
            contract = Contract.recreate(message.contract)
            return orders.place(contract, message.order, entry.orderId, entry.client, now).trade
        case ExerciseOptions():
            contract = Contract.recreate(message.contract)
            return orders.instructed(contract, as_order(message), entry.orderId, entry.client, now)
        case OpenOrder():
            return orders.open_order(message, now, asked=event.kind is Kind.ANSWERED)[0]
        case OrderStatus():
            orders.order_status(message, now)
        case ExecDetails():
            orders.exec_details(message, now)
        case CommissionAndFeesReport():
            orders.commission_report(message)
        case CompletedOrder():
            orders.completed_order(message, now)
        case CancelOrder() if trade is not None:
            orders.cancel_requested(trade.order, now)
        case Error() if trade is not None:
            orders.error(trade, message.errorCode, message.errorString, message.advancedOrderRejectJson, now)
        case None if trade is not None and event.kind is Kind.BEGUN:
            orders.lose_sight_of(trade, ENDED, now)
        case None if trade is not None and event.kind is Kind.UNKNOWN:
            orders.gone(trade, now)
        case None if trade is not None and event.kind is Kind.REVIVED:
            orders.revive(trade, now)
    return trade
