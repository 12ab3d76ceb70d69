"""`Client`: one connection to TWS or IB Gateway, which it opens, uses and closes.

It is the level below `IB`, with the names that ib_async's `ib.client` has, and it works without an `IB`, too.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from ibdesk.client.blocking import LoopRunner, await_on_loop, blocking, call_on_loop, read_on_loop, run
from ibdesk.client.dropin import raw_fields
from ibdesk.client.dropin.eclient import EClient
from ibdesk.client.history_limits import LIMITED, HistoryLimits
from ibdesk.client.receiver import Receiver
from ibdesk.client.requests import Requests
from ibdesk.client.subscriptions import Subscriptions
from ibdesk.client.transport import Transport, new_connection
from ibdesk.errors import ProtocolError
from ibdesk.events import Event
from ibdesk.logs import logger
from ibdesk.model.reference import ConnectionStats
from ibdesk.printable import printable
from ibdesk.runtime.clocks import COMPUTER, clocks_of
from ibdesk.runtime.connections import connect
from ibdesk.session.connection import Opened
from ibdesk.session.conversations import lane_of
from ibdesk.session.pacing import Lane, Pacer
from ibdesk.session.states import Kind, State, after, kind_of
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import Error, ManagedAccounts, NextValidId, StartApi
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import CancelOrder, ReqGlobalCancel
from ibdesk.wire.messages.orders import PlaceOrder

if TYPE_CHECKING:
    from ibdesk.tape.recorder import Recorder

_log = logger("ibdesk.client")

NOT_CONNECTED = "Not connected"


class Client(EClient):
    """A connection to TWS or IB Gateway. It belongs to an `IB`, or stands by itself and calls the methods of a wrapper.

    ::

        client = Client(wrapper)  # any object with some callbacks, such as a subclass of EWrapper
        client.connect("127.0.0.1", 7497, clientId=1)
        client.reqContractDetails(client.getReqId(), Stock("AAPL", "SMART", "USD"))
        client.run()

    At most `MaxRequests` messages are sent in `RequestsInterval` seconds; with `MaxRequests` 0 there is no limit. A
    change takes effect with the next message. Orders, cancellations and requests about the account may exceed the limit
    by one ninth.

    `MinClientVersion` and `MaxClientVersion` are the lowest and the highest server version that the client offers. A
    change of these, of `connectOptions` or of `optCapab` takes effect with the next connection.

    Methods with names as IB spells them can be called from any thread. The others (`send_message`, `next_id` ...) do
    the same, but must be called on the event loop of the connection, as the methods of `IB` do.
    """

    DISCONNECTED, CONNECTING, CONNECTED = range(3)

    events: ClassVar[tuple[str, ...]] = ("apiStart", "apiEnd", "apiError", "throttleStart", "throttleEnd")

    MaxRequests: int = 45
    RequestsInterval: float = 1
    MinClientVersion: int = V.MIN
    MaxClientVersion: int = V.MAX

    host: str
    port: int
    clientId: int

    def __init__(self, wrapper: Any) -> None:
        """Make a client that is not connected yet.

        What arrives is passed to the callbacks of `wrapper` (see `EWrapper`), or, if `wrapper` is a `Receiver` as in an
        `IB`, to that as messages.
        """
        self.wrapper = wrapper
        receiver = wrapper if isinstance(wrapper, Receiver) else _callbacks(wrapper)
        self._receiver = receiver
        self.runner: LoopRunner = receiver.runner
        self.apiStart: Event[()] = Event("apiStart")
        self.apiEnd: Event[()] = Event("apiEnd")
        self.apiError: Event[str] = Event("apiError")
        self.throttleStart: Event[()] = Event("throttleStart")
        self.throttleEnd: Event[()] = Event("throttleEnd")
        self.host, self.port, self.clientId = "", -1, -1
        self.optCapab = ""
        self.connectOptions: str | bytes = ""
        self.recorder: Recorder | None = None
        """Records the connections that are made from now on, if it is set."""
        self.before_order: Callable[[Any, bytes], None] | None = None
        """Is called with each message that places, changes or cancels an order, and its bytes, before it is sent.

        If it raises, nothing is sent.
        """
        self._clocks = COMPUTER
        self.subscriptions: Subscriptions = Subscriptions()
        """The registry of all that this connection is subscribed to."""
        self.history_limits: HistoryLimits = HistoryLimits()
        """What the server's limits for historical data still allow. They hold beyond the connection."""
        self.requests: Requests = Requests(lambda: asyncio.get_running_loop().create_future())
        self.absence: str = NOT_CONNECTED
        """Why nothing can be sent now, as the ConnectionError says it that a request raises then."""
        self.ended_by: Exception | None = None
        """What ended the last connection, if it was lost."""
        self.before_disconnect: Callable[[], object] = lambda: None
        """Called when the user disconnects, on this level."""
        self.refused_code: int = 0
        """The code of the error with which the server has refused the latest connection, or 0."""
        self._attempt: object = None
        """The latest call of `open`, as long as it matters."""
        self._transport: Transport | None = None
        self._lingering: Transport | None = None
        self._state = State.CLOSED
        """The state of the server's side, as far as its messages have been handled here.

        The state in `transport.connection` may be ahead of it, since messages are read before they are handled.
        """
        self._can_take = True
        """Whether the receiver may be able to take the fields of messages without these."""
        self.reset()

    def reset(self) -> None:
        """Forget all that belongs to the last connection."""
        self._state = State.CLOSED
        self._ready: asyncio.Future[None] | None = None
        self._serverVersion = 0
        self._reqIdSeq: int | None = None
        self._accounts: list[str] = []
        self._startTime = 0.0
        self._refusal = ""

    # --- state of the connection ----------------------------------------------------------------------------------

    def serverVersion(self) -> int:
        """Return the server version on which both sides have agreed, or 0 before they have."""
        return self._serverVersion

    @property
    def connState(self) -> int:
        """`DISCONNECTED`, `CONNECTING`, or `CONNECTED` once the handshake is done."""
        if self._state.is_open:
            return Client.CONNECTED
        return Client.DISCONNECTED if self._state is State.CLOSED else Client.CONNECTING

    def isConnected(self) -> bool:
        """Return whether there is a connection whose handshake is done."""
        return self._state.is_open

    def isReady(self) -> bool:
        """Return whether the connection can be used: the server has sent the accounts and the first order id."""
        return self._state is State.READY

    def connectionStats(self) -> ConnectionStats:
        """Return how long this connection has lasted and what was sent and received. Raises ConnectionError if none."""
        transport = self._require()
        return ConnectionStats(
            self._startTime,
            self._clocks.timestamp() - self._startTime,
            transport.bytes_received,
            transport.bytes_sent,
            transport.connection.messages_received,
            transport.messages_sent,
        )

    @read_on_loop
    def getReqId(self) -> int:
        """Return a new id for a request or an order. Raises ConnectionError when not connected."""
        return self.next_id()

    def next_id(self) -> int:
        """Do what `getReqId` does. Call it on the event loop of the connection only."""
        if self._state is not State.READY or self._transport is None or self._reqIdSeq is None:
            raise ConnectionError(self.absence)
        number = self._reqIdSeq
        self._reqIdSeq += 1
        return number

    @read_on_loop
    def updateReqId(self, minReqId: int) -> None:
        """Make sure that the next id is at least `minReqId`."""
        self.raise_next_id(minReqId)

    def raise_next_id(self, minimum: int) -> None:
        """Do what `updateReqId` does. Call it on the event loop of the connection only."""
        self._reqIdSeq = max(self._reqIdSeq or 0, minimum)

    def getAccounts(self) -> list[str]:
        """Return the accounts of this login. Raises ConnectionError when not connected."""
        self._require()
        return self._accounts

    @property
    def bytes_received(self) -> int:
        """How many bytes have come on this connection."""
        return self._transport.bytes_received if self._transport else 0

    def setConnectOptions(self, connectOptions: str | bytes) -> None:
        """Set the options that follow the versions in the next handshake, such as `+PACEAPI`."""
        self.connectOptions = connectOptions

    @property
    def oddities(self) -> Counter[str]:
        """Whatever the server sent that ibdesk has no description of: what it was, in words, and how often it came."""
        return self._transport.connection.oddities if self._transport else Counter()

    def _require(self) -> Transport:
        if not self.isReady() or self._transport is None:
            raise ConnectionError(self.absence)
        return self._transport

    # --- connect and disconnect -----------------------------------------------------------------------------------

    @await_on_loop
    async def connectAsync(self, host: str, port: int, clientId: int, timeout: float | None = 2.0) -> None:
        """Connect, and wait until the server has sent the first order id and the accounts.

        Raises TimeoutError after `timeout` seconds (0 or None: no limit), OSError when nothing listens at that host and
        port, ConnectionError with the server's reason when it refuses (a client id that is in use, for instance), and
        ValueError when server versions or limits of pacing are out of range.
        """
        await self.open(host, port, clientId, timeout)

    connect = blocking(connectAsync)

    async def open(self, host: str, port: int, clientId: int, timeout: float | None, *, is_again: bool = False) -> None:
        """Do what `connectAsync` does. Call it on the event loop of the connection only.

        `is_again` says that it is one of many attempts, so that what goes wrong is no error yet.
        """
        # Settings are checked before the old connection is given up, so that a mistake in them costs nothing.
        make = partial(self._make_transport, self._versions(), Pacer(*self._limits()))
        if self._state is not State.CLOSED:
            self.close()
        self.host, self.port, self.clientId = host, int(port), int(clientId)
        _log.info("Connecting to %s:%s with clientId %s...", host, port, clientId)
        self._state = State.ANSWER
        self.refused_code = 0
        self._attempt = ready = self._ready = asyncio.get_running_loop().create_future()
        try:
            await self._until_ready(timeout, make, ready)
        except BaseException as error:
            if self._attempt is not ready:  # it was given up meanwhile, perhaps for another attempt
                raise
            if isinstance(error, OSError) and str(self.port) not in str(error):
                error.add_note(f"The connection was to be made to {host}:{port}")
            reason = self._refusal or repr(error)
            self.close()
            message = f"API connection failed: {reason}"
            _log.log(logging.INFO if is_again else logging.ERROR, "%s", message)
            self.apiError.emit(message)
            if isinstance(error, ConnectionRefusedError) and not is_again:
                _log.error("Make sure API port on TWS/IBG is open")
            raise
        self.absence = NOT_CONNECTED
        _log.info("API connection ready")

    async def _until_ready(
        self, timeout: float | None, make: Callable[[], Transport], ready: asyncio.Future[None]
    ) -> None:
        limit = asyncio.timeout(timeout or None)
        opening: asyncio.Future[Any] = asyncio.ensure_future(connect(make, self.host, self.port))
        try:
            async with limit:
                # Both, since `close` ends the wait by `ready`, also while the host has not answered yet.
                await asyncio.wait({opening, ready}, return_when=asyncio.FIRST_COMPLETED)
                if opening.done():
                    opening.result()
                await ready
        except TimeoutError:
            if limit.expired():
                raise TimeoutError(f"{self._progress()} within {timeout:g} s: {self._to_check()}") from None
            raise
        finally:
            opening.cancel()
            await asyncio.wait({opening})
            if ready.done() and not ready.cancelled():
                ready.exception()  # asyncio logs an exception that nobody has retrieved

    def run(self) -> None:
        """Run the event loop of this thread until it is stopped."""
        run()

    def _make_transport(self, versions: tuple[int, int], pacer: "Pacer[Any]") -> Transport:
        connection = new_connection(*versions, _text(self.connectOptions))
        tap = self.recorder.connection(f"{self.host}:{self.port}") if self.recorder else None
        transport = Transport(connection, pacer, self._limits, self._on_events, self._on_lost, self._on_throttle, tap)
        # The server may answer before `connect` returns, and then this is needed already.
        self._transport = transport
        self._clocks = clocks_of(asyncio.get_running_loop())
        self._startTime = self._clocks.timestamp()
        return transport

    def _progress(self) -> str:
        """Return how far the attempt to connect has come, in words, for the message of a timeout."""
        where = f"{self.host}:{self.port}"
        if self._transport is None:
            return f"{where} could not be reached"
        if not self.isConnected():
            return f"{where} accepted the connection, but said nothing"
        return f"{where} said hello, but told neither accounts nor an order id"

    def _to_check(self) -> str:
        return (
            "check host and port, that TWS or IB Gateway is logged in there with its API enabled and this machine "
            "among its trusted addresses, that no dialog there waits for an answer, and that clientId "
            f"{self.clientId} is free"
        )

    def _limits(self) -> tuple[float, float]:
        return self.MaxRequests, self.RequestsInterval

    def _versions(self) -> tuple[int, int]:
        """Return the lowest and highest server version to offer. Raises ValueError if ibdesk does not know them."""
        lowest, highest = int(self.MinClientVersion), int(self.MaxClientVersion)
        if not V.MIN <= lowest <= highest <= V.MAX:
            raise ValueError(
                f"MinClientVersion={lowest}, MaxClientVersion={highest}: the server versions that can be offered are "
                f"{V.MIN} to {V.MAX}"
            )
        return lowest, highest

    @read_on_loop
    def disconnect(self) -> None:
        """End the connection. Calls that wait for an answer raise ConnectionError."""
        self.before_disconnect()
        self.close()

    @await_on_loop
    async def disconnectAsync(self) -> None:
        """End the connection, and wait until the server has done so, too, for two seconds at most.

        After that the client id is free, and a new connection can have it.
        """
        self.before_disconnect()
        self.close(lingers=True)
        await self.gone()

    async def gone(self) -> None:
        """Wait until the server, too, has ended the connection that was closed so that it `lingers`."""
        if self._lingering is not None:
            await self._lingering.gone()

    def close(self, lingers: bool = False) -> None:
        """Do what `disconnect` does. Call it on the event loop of the connection only.

        If it `lingers`, the server is to close its side, too: see `gone`.
        """
        was_ready = self.isReady()
        transport, self._transport = self._transport, None
        if transport is not None:
            _log.info("Disconnecting")
            transport.close(lingers)
        self._lingering = transport if lingers else None
        ready, self._ready, self._attempt = self._ready, None, None
        if ready is not None and not ready.done():
            ready.set_exception(ConnectionError("Disconnected while the connection was being made"))
            ready.exception()  # asyncio logs an exception that nobody has retrieved
        self.requests.fail_all(ConnectionError("Socket disconnect"))
        self.reset()
        self._receiver.on_disconnect(was_ready)

    def drop(self, reason: Exception) -> None:
        """Close the socket at once, as one that is lost: `reason` is why."""
        if self._transport is not None:
            self._transport.abort(reason)

    def _on_lost(self, error: Exception | None) -> None:
        # Whether the connection was ready decides what there is to tell: a lost one has listeners and events, while one
        # that never came up has only the caller of `open`, who gets the error with advice on what to check.
        reason = self._refusal or str(error)
        was_ready, self._transport = self.isReady(), None
        ready, self._ready = self._ready, None
        if was_ready:
            _log.error("Peer closed connection.%s", f" {error}" if error else "")
        if isinstance(error, ProtocolError) and not self._refusal:
            lost: ConnectionError = error
        elif was_ready or self._refusal:
            lost = ConnectionError(printable(reason))
        else:
            lost = ConnectionError(f"{self.host}:{self.port} ended the connection ({error}): {self._to_check()}")
        self.ended_by = lost
        if ready is not None and not ready.done():
            ready.set_exception(lost)
        self.requests.fail_all(ConnectionError(printable(f"Socket disconnect: {reason}")))
        # `open` still needs the refusal for its message.
        refusal = self._refusal
        self.reset()
        self._refusal = refusal
        if was_ready:
            self.apiError.emit(reason)
            self._receiver.on_connection_lost()
            self.apiEnd.emit()

    def _on_throttle(self, begins: bool) -> None:
        _log.debug("%s to throttle requests", "Started" if begins else "Stopped")
        (self.throttleStart if begins else self.throttleEnd).emit()

    # --- messages -------------------------------------------------------------------------------------------------

    @call_on_loop
    def send(
        self, message: Any, *fields: Any, makeEmpty: bool = True, modifies: bool = False, key: object = None
    ) -> None:
        """Send one message as soon as the pacing allows.

        As in ib_async, the message may also be given as its raw fields, beginning with the message id. Then `makeEmpty`
        says whether an unset number is sent as an empty field.

        Raises ConnectionError when not connected, EncodeError, which names the field and its value, for what cannot be
        encoded, and ValueError for raw fields that make no message. If it raises, nothing is sent.
        """
        if isinstance(message, int | str) and self.isConnected():
            message = raw_fields.from_fields((message, *fields), self._serverVersion, makeEmpty)
        self.send_message(message, modifies=modifies, key=key)

    def send_message(self, message: Any, *, modifies: bool = False, key: object = None) -> None:
        """Do what `send` does with a message. Call it on the event loop of the connection only.

        `modifies` says that the message changes a working order. `key` is the id of the order that it is about: if that
        order is cancelled while the message still waits for the pacing, the message is not sent.
        """
        transport = self._transport
        if transport is None or not self._state.is_open:
            raise ConnectionError(self.absence)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(">>> %s", message)
        before = self.before_order if type(message) in _ABOUT_ORDERS else None
        transport.send(message, lane_of(message, modifies=modifies), key, before)
        if type(message) in LIMITED:
            self.history_limits.note(self._clocks.seconds(), message)

    def _on_events(self, events: Iterable[Any]) -> None:
        # On a connection that is ready, the receiver reads the messages straight from the decoder. Only while it starts
        # or when messages are logged are they read here first, since then somebody else has to see them, too.
        is_shown = _log.isEnabledFor(logging.DEBUG)
        is_starting = self._state is not State.READY
        if is_starting:
            events = self._start(events)
        else:
            self._let_take(directly=not is_shown)
        if is_shown:
            events = map(_shown, events)
        self._receiver.receive(events)

    def _let_take(self, *, directly: bool) -> None:
        """Have the receiver take the fields of frequent messages without these, or no longer."""
        transport = self._transport
        if transport is None or transport.connection.takes_directly == (directly and self._can_take):
            return
        takers = self._receiver.takers() if directly else {}
        if directly:
            self._can_take = bool(takers)
        transport.connection.take_directly(takers)

    def _start(self, events: Iterable[Any]) -> Iterator[Any]:
        """Take note of all messages of a batch before any is handled, and return them, with a fault that follows."""
        transport, fault = self._transport, None
        noted: list[Any] = []
        try:
            noted.extend(events)
        except ProtocolError as error:  # `extend` has added what came before it
            fault = error
        for event in noted:
            self._while_starting(event)
        return self._until_closed(transport, noted, fault)

    def _until_closed(
        self, transport: Transport | None, noted: list[Any], fault: ProtocolError | None
    ) -> Iterator[Any]:
        for event in noted:
            if self._transport is not transport:  # a listener has disconnected
                return
            yield event
        if fault is not None:
            raise fault

    def _while_starting(self, event: Any) -> None:
        before = self._state
        following = after(Sender.SERVER, before, Kind.ANSWER if isinstance(event, Opened) else kind_of(event))
        if following is None:  # a listener has closed the connection while some of its messages were still to come
            return
        self._state = following
        match event:
            case Opened(serverVersion):
                self._serverVersion = serverVersion
                assert self._transport is not None
                _log.info("Logged on to server version %s", serverVersion)
                self._transport.send(StartApi(self.clientId, self.optCapab), Lane.CANCEL)
            case NextValidId(orderId):
                self.raise_next_id(orderId)
            case ManagedAccounts() if event.accounts:
                self._accounts = event.accounts
            case Error(reqId=-1, errorCode=code, errorString=text) if code in _REFUSALS:
                self._refusal, self.refused_code = f"error {code}: {text}", code
        if following is State.READY and before is not State.READY:
            self.apiStart.emit()
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(None)


_REFUSALS = frozenset({326, 501, 503, 505, 506, 507, 1300})
"""The codes of errors that give the reason why the server ends the connection right after them."""

_ABOUT_ORDERS = frozenset({PlaceOrder, CancelOrder, ReqGlobalCancel, ExerciseOptions})


def _shown(event: Any) -> Any:
    """Log a message that is about to be handled, and return it."""
    _log.debug("<<< %s", event)
    return event


def _text(options: str | bytes) -> str:
    """Return connect options as text; ib_async keeps them as bytes."""
    return options.decode() if isinstance(options, bytes) else options


def _callbacks(wrapper: Any) -> Receiver:
    from ibdesk.client.dropin.callbacks import Callbacks  # imported here since an `IB` never needs it

    return Callbacks(wrapper)
