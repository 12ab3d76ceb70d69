"""`Journaling`: keeps the journal of an `IB`, and brings the orders of an earlier program back from it.

What places, changes or cancels an order is written before it is sent; `Client` calls for that. What the server tells of
an order is written after it has changed the state, and before any listener is told; the handlers of these messages are
wrapped for that, so that ticks are as fast as without. Messages that no listener hears of are written together, at the
end of the piece of data in which they came.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Any

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Effect, Reserve
from ibdesk.client.handlers import Handler
from ibdesk.client.replaying import ENDED, Decoder, replay
from ibdesk.client.state.pending_facts import PendingFacts
from ibdesk.client.state.trade import Trade
from ibdesk.errors import DecodeError, EncodeError, JournalError
from ibdesk.journal import ClientJournal, Entry, Event, Journal, Kind
from ibdesk.logs import logger
from ibdesk.model.contract import Contract
from ibdesk.model.fields import field_defaults, same
from ibdesk.model.order import Order, OrderState
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.messages.connection import Error, ManagedAccounts, NextValidId
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import CancelOrder, OrderStatus, ReqAllOpenOrders, ReqGlobalCancel, ReqOpenOrders
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

_log = logger("ibdesk.journal")

ENDED_KEPT = timedelta(days=1)
"""For how long orders that have ended are brought back to `IB.trades()`."""

_ASKING = (ReqOpenOrders, ReqAllOpenOrders)

_PLACING = (PlaceOrder, ExerciseOptions)
"""What an order of the journal begins with, if the program has sent it."""

_MOVE_SECONDS = 0.05
"""How long what was sent stays in the outbox before it is moved to the database, unless an answer comes earlier."""

_LENGTH = 4
"""The bytes before a payload that tell its length."""


@dataclass(slots=True)
class _Order:
    """What the journal has of a trade."""

    number: int
    permId: int = 0
    has_ended: bool = False
    is_cancelled: bool = False
    """Whether the program has cancelled it."""
    is_unknown: bool = False
    """Whether the server has said that it does not know the order, by telling of it nowhere."""
    last: dict[type, bytes] = field(default_factory=dict)
    """The last message of each class since the program sent something. The same again tells nothing."""
    shown: int = 0
    """How many openOrder messages were written last, with nothing else between them."""

    def note(self, kind: type, payload: bytes) -> None:
        """Take note of a message of the server that is in the journal."""
        self.is_unknown = False
        self.last[kind] = payload
        self.shown = self.shown + 1 if kind is OpenOrder else 0

    def note_ours(self, kind: type) -> None:
        """Take note of a message of the program, or of a new connection: what the server tells now is news."""
        self.last.clear()
        self.shown = 0
        self.is_cancelled |= kind is CancelOrder


class Journaling:
    """The journal of one `IB`, for one client id at a time.

    `begin` and `end` enclose the use of the file; in between it belongs to this program.
    """

    def __init__(
        self,
        journal: Journal,
        state: ClientState,
        is_heard: Callable[[Effect], bool],
        later: Callable[[float, Callable[[], None]], None],
        on_restored: Callable[[], None],
    ) -> None:
        """Prepare for a journal.

        `is_heard` returns whether an effect tells a listener something. `later` has the event loop call a function
        after so many seconds. `on_restored` is called when orders of an earlier program have been brought back.
        """
        self.journal = journal
        self._state = state
        self._is_heard = is_heard
        self._later = later
        self._on_restored = on_restored
        self._sent: list[tuple[Any, float, int, bytes]] = []
        """What was sent, and is still to be moved into the database."""
        self._will_move = False
        """Whether the event loop will call `_move_and_write`."""
        self._file: ClientJournal | None = None
        self._client = -1
        """The client whose orders these are."""
        self._refusal: JournalError | None = None
        self._codec = Codec(Sender.CLIENT, 0)
        self._decoder = Decoder()
        self._orders: dict[Trade, _Order] = {}
        self._trades: dict[int, Trade] = {}
        """The trades of `_orders` by number."""
        self._raw: dict[int, int] = {}
        """By orderId, the numbers of orders that were sent without a trade: instructions, and those of `IB.client`."""
        self._executed: dict[str, Trade] = {}
        """By execId, the trades of executions that are in the journal."""
        self._early: PendingFacts[str, bytes] = PendingFacts()
        """By execId, the commissions that came before their executions."""
        self._keys: dict[int, tuple[str, int]] = {}
        """By orderId, the key of the order that is about to be sent, and the number of one that leaves it the key."""
        self._strangers: dict[str, Trade] = {}
        """By orderRef, the orders that were placed without the journal."""
        self._only_executed: set[str] = set()
        """The orderRefs of executions whose orders nobody knows."""

    # --- the connection ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take this client's part of the journal, for the connection that is about to be made.

        Raises JournalError if another program has it, or the file cannot be used.
        """
        self._refusal, self._will_move = None, False
        client = self._state.clientId
        if client != self._client:
            self.end()
            self._client = client
            for of_client in (self._orders, self._trades, self._raw, self._executed):
                of_client.clear()
        if self._file is None:
            self._file = self.journal.claim(client)
            self._move_what_waits(self._file)
        self._move()  # what was sent on the last connection, before it is written that another one begins
        known = set(self._state.orders.all())
        for trade in [one for one in self._orders if one not in known]:
            del self._trades[self._orders.pop(trade).number]
        for trades in (self._executed, self._strangers):
            for name in [one for one, trade in trades.items() if trade not in known]:
                del trades[name]

    def end(self) -> None:
        """Leave this client's part of the journal to other programs."""
        if self._file is not None:
            self._move()
            self._file.close()
            self._file = None

    def check(self) -> None:
        """Raise the JournalError for which the login that has just been made cannot use the journal, if any."""
        if self._refusal is not None:
            raise self._refusal

    def handlers(self, table: Mapping[type, Handler]) -> dict[type, Handler]:
        """Return handlers for the messages that concern the journal, made of those in the `table`."""
        told = (OpenOrder, OrderStatus, ExecDetails, CommissionAndFeesReport, CompletedOrder, Error)
        return {
            **{kind: self._writing(table[kind]) for kind in told},
            ManagedAccounts: self._restoring(table[ManagedAccounts]),
            NextValidId: self._reserving(table[NextValidId]),
        }

    def _restoring(self, handler: Handler) -> Handler:
        """Return the handler that also brings the orders back: the login is known now, and no order was told of yet."""

        def logged_in(message: ManagedAccounts) -> Iterable[Effect] | None:
            effects = handler(message)
            self._codec = Codec(Sender.CLIENT, self._state.server_version)
            try:
                self._used().check_login(message.accounts)
                self._restore()
            except JournalError as error:
                self._refusal = error
            return effects

        return logged_in

    def _reserving(self, handler: Handler) -> Handler:
        """Return the handler that also excludes the ids that this client has used, which the server may not know."""

        def next_valid_id(message: NextValidId) -> Iterable[Effect] | None:
            effects = list(handler(message) or ())
            try:
                return [*effects, Reserve(self._used().highest_id() + 1)]
            except JournalError as error:
                self._refusal = error
            return effects

        return next_valid_id

    def _restore(self) -> None:
        state, file, since = self._state, self._used(), self._state.now() - ENDED_KEPT
        new = [entry for entry in file.of_interest(since.timestamp()) if entry.number not in self._trades]
        if new:
            last = max(map(self._bring_back, new))
            # The program did not end before the last message, and nothing else tells when it did.
            state.orders.lose_sight(ENDED, datetime.fromtimestamp(last, state.defaults.timezone))
            self._on_restored()
        living = [order for order in self._orders.values() if not order.has_ended]
        file.begun([order.number for order in living], *self._now())
        file.write()
        for order in living:
            order.note_ours(type(None))

    def _bring_back(self, entry: Entry) -> float:
        """Bring an order back. Returns when something about it was last written, in seconds since 1970."""
        events = self._used().events(entry)
        zone = self._state.defaults.timezone
        trade = replay(self._state.orders, self._decoder, entry, events, zone)
        if trade is not None:
            order = _Order(entry.number, entry.permId, entry.ended is not None)
            for event in events:
                self._note_again(order, event)
            if trade.ended and not order.has_ended:  # its program was killed before it could write that
                order.has_ended = True
                self._used().ended(entry.number, self._now()[0])
            self._keep(trade, order)
        return max(event.time for event in (entry.first, *events))

    def _note_again(self, order: _Order, event: Event) -> None:
        try:
            kind = type(self._decoder.message(event))
        except DecodeError:  # which is logged already
            return
        if event.kind in (Kind.SENT, Kind.BEGUN):
            order.note_ours(kind)
        else:
            order.note(kind, event.payload)
        order.is_unknown = event.kind is Kind.UNKNOWN

    def _keep(self, trade: Trade, order: _Order) -> None:
        self._orders[trade], self._trades[order.number] = order, trade
        self._executed.update({fill.execution.execId: trade for fill in trade.fills})

    def _used(self) -> ClientJournal:
        if self._file is None:
            raise JournalError(str(self.journal.path), "it is not in use, since there is no connection")
        return self._file

    # --- what is sent -----------------------------------------------------------------------------------------------

    def before_sending(self, message: Any, data: bytes) -> None:
        """Write what is about to be sent. Raises JournalError if it cannot be written: then it must not be sent."""
        # Nothing else is done here, so that the order is sent soon. `_move_and_write` does the rest, when more has come
        # together, since a transaction of SQLite also makes the orders that follow slower: it takes the processor's
        # caches for itself.
        if type(message) is PlaceOrder and message.order.whatIf:
            return
        file, state = self._file or self._used(), self._state
        sending = message, state.clocks.timestamp(), state.server_version, data[_LENGTH:]
        if self._keys and type(message) is PlaceOrder and message.orderId in self._keys:
            self._move()
            self._place_with_key(*sending)
            return
        file.send(*sending[1:])
        self._sent.append(sending)
        if not self._will_move:
            self._will_move = True
            self._later(_MOVE_SECONDS, self._move_and_write)

    def _place_with_key(self, message: PlaceOrder, time: float, version: int, payload: bytes) -> None:
        orderId = message.orderId
        key, instead_of = self._keys.pop(orderId)
        number = self._used().place_with_key(orderId, time, version, payload, key, instead_of)
        trade = self._state.orders.find(self._client, orderId)
        assert trade is not None, "placeOnce registers it before it is sent"
        self._keep(trade, _Order(number))

    def _move_and_write(self) -> None:
        self._will_move = False
        self._move()
        self.write()

    def _move(self) -> None:
        """Have what was sent written into the database, for which it has to be known which orders it is about."""
        file, sent = self._file, self._sent
        if file is None or not sent:
            return
        for one in sent:
            self._write_sent(file, *one)
        sent.clear()
        file.moved()

    def _write_sent(self, file: ClientJournal, message: Any, time: float, version: int, payload: bytes) -> None:
        if isinstance(message, ReqGlobalCancel):
            living = [order.number for order in self._orders.values() if not order.has_ended]
            file.changed(living, time, version, payload)
            return
        orderId = _order_id(message)
        trade = self._state.orders.find(self._client, orderId)
        order = self._order_of(trade) if trade is not None else None
        if order is not None and trade is not None:
            file.changed([order.number], time, version, payload, has_ended=trade.ended)
            order.has_ended |= trade.ended
            order.note_ours(type(message))
        elif orderId in self._raw:
            file.changed([self._raw[orderId]], time, version, payload)
        elif isinstance(message, _PLACING):
            number = file.placed(orderId, time, version, payload)
            if trade is None:
                self._raw[orderId] = number
            else:
                self._keep(trade, _Order(number))

    def _move_what_waits(self, file: ClientJournal) -> None:
        """Write into the database what the last program has sent, and did not come to write there itself."""
        living = {entry.orderId: entry.number for entry in file.of_interest(inf)}
        for one in file.waiting:
            event = one.time, one.version, one.payload
            try:
                message = self._decoder.message(Event(one.time, Kind.SENT, one.version, one.payload))
            except DecodeError as error:
                _log.error("A message that was sent is not known: %s", error)
                continue
            if isinstance(message, ReqGlobalCancel):
                file.changed(living.values(), *event)
            elif (orderId := _order_id(message)) in living:
                file.changed([living[orderId]], *event)
            elif isinstance(message, _PLACING):
                living[orderId] = file.placed(orderId, *event)
        if file.waiting:
            file.moved()
            file.write()

    # --- what is told -----------------------------------------------------------------------------------------------

    def on_status(self, trade: Trade) -> None:
        """Write what no message tells: that an order has ended, as the server does not know it, or that it lives."""
        order = self._orders.get(trade)
        if self._file is None or not (trade.ended or (order is not None and order.has_ended)):
            return
        self._move()  # an order that was not transmitted is ended by its cancellation
        order = self._orders.get(trade)
        if order is None or order.has_ended == trade.ended:
            return
        order.has_ended = order.is_unknown = trade.ended
        if trade.ended:
            self._file.told(order.number, Kind.UNKNOWN, *self._now(), has_ended=True)
        else:
            self._file.told(order.number, Kind.REVIVED, *self._now())
            self._file.ended(order.number, None)
        self.write()

    def write(self) -> None:
        """Write into the database what the server has told by now. If that fails, it is kept until it can be done."""
        if self._file is not None:
            self._file.write()

    def _writing(self, handler: Handler) -> Handler:
        """Return the handler that also writes the message, before any listener hears of it."""

        def told(message: Any) -> Iterable[Effect] | None:
            self._move()
            payload = self._payload(message)
            is_answer = type(message) is OpenOrder and self._state.requests.oldest(*_ASKING) is not None
            effects = list(handler(message) or ())
            trade = self._trade_of(message) if payload else None
            is_old = trade is not None and type(message) is CommissionAndFeesReport and not effects
            if payload and trade is None and isinstance(message, Error):
                self._used().told(self._raw[message.reqId], Kind.TOLD, *self._now(), payload)
            elif payload and not is_old:
                self._told(trade, message, Kind.ANSWERED if is_answer else Kind.TOLD, payload)
            if any(map(self._is_heard, effects)):
                self.write()
            return effects

        return told

    def _payload(self, message: Any) -> bytes:
        """Return the payload of a message, which its handler may change; empty if it cannot be of interest."""
        clientId = self._state.clientId
        match message:
            case OpenOrder():
                is_ours = message.order.clientId == clientId and not message.order.whatIf
            case OrderStatus():
                is_ours = message.clientId == clientId
            case ExecDetails():
                is_ours = message.execution.clientId == clientId and message.execution.execId not in self._executed
            case Error():
                is_ours = self._trade_of(message) is not None or message.reqId in self._raw
            case _:
                is_ours = True
        try:
            return self._codec.encode(message) if is_ours else b""
        except EncodeError as error:
            _log.error("The journal cannot hold this: %s", error)
            return b""

    def _trade_of(self, message: Any) -> Trade | None:
        orders, clientId = self._state.orders, self._state.clientId
        match message:
            case OpenOrder():
                return orders.find(clientId, message.order.orderId, message.order.permId)
            case OrderStatus():
                return orders.find(clientId, message.orderId, message.permId)
            case ExecDetails():
                return orders.find(clientId, message.execution.orderId, message.execution.permId)
            case CommissionAndFeesReport():
                return self._executed.get(message.commissionReport.execId)
            case CompletedOrder():
                return orders.find(0, 0, message.order.permId)
        return orders.find(clientId, message.reqId)

    def _told(self, trade: Trade | None, message: Any, told: Kind, payload: bytes) -> None:
        order = self._order_of(trade) if trade is not None else None
        if trade is None or order is None:
            self._told_of_stranger(trade, message, payload)
            return
        permId = trade.order.permId if trade.order.permId != order.permId else 0
        has_ended = trade.ended and not order.has_ended
        kind, is_news = type(message), bool(permId or has_ended)
        if order.last.get(kind) == payload and not is_news:
            return
        if kind is OpenOrder and order.shown > 1 and not is_news:
            self._used().replace(order.number, *self._now(), payload)
        else:
            self._used().told(order.number, told, *self._now(), payload, permId, has_ended)
        order.permId, order.has_ended = trade.order.permId, order.has_ended or has_ended
        order.note(kind, payload)
        if isinstance(message, ExecDetails):
            execId = message.execution.execId
            self._executed[execId] = trade
            if report := self._early.take(execId):
                self._used().told(order.number, Kind.TOLD, *self._now(), report)

    def _order_of(self, trade: Trade) -> _Order | None:
        """Return what the journal has of a trade, perhaps by its orderId, under which it was sent without a trade."""
        ids = trade.order
        if trade not in self._orders and ids.clientId == self._state.clientId and ids.orderId in self._raw:
            self._keep(trade, _Order(self._raw.pop(ids.orderId)))
        return self._orders.get(trade)

    def _told_of_stranger(self, trade: Trade | None, message: Any, payload: bytes) -> None:
        """Take note of an order that is not in the journal: one that is open is from now on."""
        match message:
            case CommissionAndFeesReport():
                self._early.put(message.commissionReport.execId, payload)
            case ExecDetails() if trade is None and message.execution.orderRef:
                self._only_executed.add(message.execution.orderRef)
            case OpenOrder() | CompletedOrder() if trade is not None:
                if trade.order.orderRef:
                    self._strangers[trade.order.orderRef] = trade
                if isinstance(message, OpenOrder):
                    self._adopt(trade, payload)

    def _adopt(self, trade: Trade, payload: bytes) -> _Order:
        """Write an order that was placed without the journal, as the server shows it."""
        ids = trade.order
        number = self._used().adopt(ids.orderId, ids.permId, *self._now(), payload, trade.ended)
        order = _Order(number, ids.permId, trade.ended)
        order.note(OpenOrder, payload)
        self._keep(trade, order)
        return order

    def _now(self) -> tuple[float, int]:
        """Return the time of what is written now, and the server version for which it is encoded."""
        return self._state.clocks.timestamp(), self._state.server_version

    # --- orders with a key ------------------------------------------------------------------------------------------

    def of_key(self, key: str, reference: str) -> Trade | None:
        """Return the trade that was placed with a key, None if none was.

        If the journal does not know it, since a power failure has cost its end, the order may still be recognised by
        its `orderRef`, which is the `reference`. Raises ValueError if the order cannot be returned here, and
        JournalError if the journal cannot be read.
        """
        self._move()
        file = self._used()
        entry = file.of_key(key)
        if entry is None:
            return self._recognised(key, reference)
        if entry.client != file.client:
            raise ValueError(f"the key {key!r} belongs to an order of client {entry.client}, and this is {file.client}")
        if not entry.first.payload:
            raise ValueError(f"the key {key!r} belongs to an order that ended long ago and was pruned from the journal")
        if entry.number not in self._trades:
            self._bring_back(entry)
        if entry.number not in self._trades:
            raise JournalError(str(self.journal.path), f"its order {entry.number}, with key {key!r}, cannot be read")
        return self._trades[entry.number]

    def _recognised(self, key: str, reference: str) -> Trade | None:
        trade = self._strangers.get(reference)
        if trade is None:
            if reference in self._only_executed:
                raise ValueError(f"an order with orderRef {reference!r} was executed, but the journal does not know it")
            return None
        order = self._orders.get(trade)
        if order is None:
            state = OrderState(status=trade.orderStatus.status)
            order = self._adopt(trade, self._codec.encode(OpenOrder(trade.contract, trade.order, state)))
        self._used().name(order.number, key)
        return trade

    def never_arrived(self, trade: Trade) -> bool:
        """Return whether the server was asked about an order that has ended, and has never had it."""
        order = self._orders[trade]
        return trade.ended and order.is_unknown and not order.is_cancelled and not trade.order.permId

    def reserve(self, orderId: int, key: str, never_arrived: Trade | None) -> None:
        """Have the order that is sent next with this id get a key, in place of one that never arrived."""
        self._keys = {orderId: (key, self._orders[never_arrived].number if never_arrived is not None else 0)}

    def forget_reserved(self, orderId: int) -> None:
        """Leave the key free, because nothing was sent."""
        self._keys.pop(orderId, None)

    def difference(self, key: str, contract: Contract, order: Order) -> str:
        """Return in which terms an order differs from the one that was placed with a key; empty if in none."""
        entry = self._used().of_key(key)
        assert entry is not None
        version = self._state.server_version
        payload = Codec(Sender.SERVER, version).encode(PlaceOrder(entry.orderId, contract, order))
        asked = self._decoder.message(Event(0.0, Kind.SENT, version, payload))
        return difference(self._decoder.message(entry.first), asked)


def _order_id(message: Any) -> int:
    return int(message.reqId if isinstance(message, ExerciseOptions) else message.orderId)


def difference(first: PlaceOrder | OpenOrder, now: PlaceOrder) -> str:
    """Return in which terms two orders differ, in words; empty if in none.

    What only one of two contracts tells is no difference, since a contract may be qualified or not. Nor is what only
    one of the orders tells if a server shows the `first`: it fills in some terms, and leaves out others.
    """
    texts = []
    for name, default in field_defaults(Contract).items():
        one, other = getattr(first.contract, name), getattr(now.contract, name)
        if name not in _NO_IDENTITY and not (same(one, other) or same(one, default) or same(other, default)):
            texts.append(f"{name} was {one!r} and is {other!r}")
    for name, default in field_defaults(Order).items():
        one, other = getattr(first.order, name), getattr(now.order, name)
        is_untold = isinstance(first, OpenOrder) and (same(one, default) or same(other, default))
        if name not in _NO_TERMS and not same(one, other) and not is_untold:
            texts.append(f"{name} was {one!r} and is {other!r}")
    return ", ".join(texts)


_NO_TERMS = frozenset({"orderId", "clientId", "permId", "parentId", "parentPermId"})
"""The fields of an order that may differ between two programs that mean the same order."""

_NO_IDENTITY = frozenset(
    {"exchange", "primaryExchange", "tradingClass", "localSymbol", "comboLegsDescrip", "description"}
)
"""The fields of a contract that do not tell which one it is, or that qualifying it changes."""
