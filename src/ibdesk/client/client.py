"""One connection: open it, start the API, send messages, pass on what arrives, count, and close it.

`Client` is the level below `IB`, with the names of ib_async's `ib.client`, and works without an `IB`, too.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from ibdesk.client.blocking import LoopRunner, await_on_loop, blocking, call_on_loop, read_on_loop, run
from ibdesk.client.dropin import raw_fields
from ibdesk.client.dropin.eclient import EClient
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

if TYPE_CHECKING:
    from ibdesk.tape.recorder import Recorder

_log = logger("ibdesk.client")


class Client(EClient):
    """A connection to TWS or a gateway: that of an `IB`, or one by itself that calls a wrapper back.

    ::

        client = Client(wrapper)  # any object with some callbacks, such as a subclass of EWrapper
        client.connect("127.0.0.1", 7497, clientId=1)
        client.reqContractDetails(client.getReqId(), Stock("AAPL", "SMART", "USD"))
        client.run()

    `MaxRequests` and `RequestsInterval`: how many messages may go out in how many seconds; 0 messages for no limit.
    They count from the next message on. Orders, cancels and requests for the account may use a ninth more.

    `MinClientVersion` and `MaxClientVersion`: the server versions that are offered. They count when the next connection
    is made, as `connectOptions` and `optCapab` do.

    The methods that have IB's names can be called from any thread. Those of ours (`send_message`, `next_id` ...) do the
    same on the loop itself: they are for what is there already, such as the methods of `IB`.
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
        """`wrapper` gets what arrives, by its callbacks: see `EWrapper`. That of an `IB` gets it as it is."""
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
        """Where connections that are made from now on are recorded."""
        self._clocks = COMPUTER
        self.subscriptions: Subscriptions = Subscriptions()
        """What this connection is subscribed to."""
        self.requests: Requests = Requests(lambda: asyncio.get_running_loop().create_future())
        self._transport: Transport | None = None
        self._state = State.CLOSED
        """The server's, after those of its messages that were handled; `transport.connection` may be further."""
        self.reset()

    def reset(self) -> None:
        """Forget the connection."""
        self._state = State.CLOSED
        self._ready: asyncio.Future[None] | None = None
        self._serverVersion = 0
        self._reqIdSeq: int | None = None
        self._accounts: list[str] = []
        self._startTime = 0.0
        self._refusal = ""

    # --- what it is like ------------------------------------------------------------------------------------------

    def serverVersion(self) -> int:
        """The server version that both ends agreed on; 0 before that."""
        return self._serverVersion

    @property
    def connState(self) -> int:
        """`DISCONNECTED`, `CONNECTING`, or `CONNECTED` when the handshake is done."""
        if self._state.is_open:
            return Client.CONNECTED
        return Client.DISCONNECTED if self._state is State.CLOSED else Client.CONNECTING

    def isConnected(self) -> bool:
        """Is there a connection, with its handshake done?"""
        return self._state.is_open

    def isReady(self) -> bool:
        """Is the API connection up and running?"""
        return self._state is State.READY

    def connectionStats(self) -> ConnectionStats:
        """Traffic of this connection. Raises ConnectionError when there is none."""
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
        """Return a new number for a request or order. Raises ConnectionError when not connected."""
        return self.next_id()

    def next_id(self) -> int:
        """Do what `getReqId` does, on the loop."""
        if self._state is not State.READY or self._transport is None or self._reqIdSeq is None:
            raise ConnectionError("Not connected")
        number = self._reqIdSeq
        self._reqIdSeq += 1
        return number

    @read_on_loop
    def updateReqId(self, minReqId: int) -> None:
        """Have the next number be at least `minReqId`."""
        self.raise_next_id(minReqId)

    def raise_next_id(self, minimum: int) -> None:
        """Do what `updateReqId` does, on the loop."""
        self._reqIdSeq = max(self._reqIdSeq or 0, minimum)

    def getAccounts(self) -> list[str]:
        """The accounts of this login. Raises ConnectionError when not connected."""
        self._require()
        return self._accounts

    def setConnectOptions(self, connectOptions: str | bytes) -> None:
        """Set what follows the versions in the handshake, such as `+PACEAPI`."""
        self.connectOptions = connectOptions

    @property
    def oddities(self) -> Counter[str]:
        """What the server sent that is not in the descriptions, in words, and how often."""
        return self._transport.connection.oddities if self._transport else Counter()

    def _require(self) -> Transport:
        if not self.isReady() or self._transport is None:
            raise ConnectionError("Not connected")
        return self._transport

    # --- beginning and end ----------------------------------------------------------------------------------------

    @await_on_loop
    async def connectAsync(self, host: str, port: int, clientId: int, timeout: float | None = 2.0) -> None:
        """Connect, and wait until the server has given an order id and the accounts.

        Raises TimeoutError after `timeout` seconds (0 or None: no limit), OSError when nobody listens,
        ConnectionError with the server's reason when it refuses, for instance a client id that is in use, and
        ValueError for settings that make no sense.
        """
        await self.open(host, port, clientId, timeout)

    connect = blocking(connectAsync)

    async def open(self, host: str, port: int, clientId: int, timeout: float | None) -> None:
        """Do what `connectAsync` does, on the loop."""
        make = partial(self._make_transport, self._versions(), Pacer(*self._limits()))
        if self._transport is not None:
            self.close()
        self.host, self.port, self.clientId = host, int(port), int(clientId)
        _log.info("Connecting to %s:%s with clientId %s...", host, port, clientId)
        self._state = State.ANSWER
        self._ready = asyncio.get_running_loop().create_future()
        try:
            await self._until_ready(timeout, make)
        except BaseException as error:
            if isinstance(error, OSError) and str(self.port) not in str(error):
                error.add_note(f"The connection was to be made to {host}:{port}")
            reason = self._refusal or repr(error)
            self.close()
            message = f"API connection failed: {reason}"
            _log.error("%s", message)
            self.apiError.emit(message)
            if isinstance(error, ConnectionRefusedError):
                _log.error("Make sure API port on TWS/IBG is open")
            raise
        _log.info("API connection ready")

    async def _until_ready(self, timeout: float | None, make: Callable[[], Transport]) -> None:
        limit = asyncio.timeout(timeout or None)
        try:
            async with limit:
                _, self._transport = await connect(make, self.host, self.port)
                assert self._ready is not None
                await self._ready
        except TimeoutError:
            if limit.expired():
                raise TimeoutError(f"{self._silence()} within {timeout:g} s: {self._to_check()}") from None
            raise

    def run(self) -> None:
        """Run the loop of this thread, until it is stopped."""
        run()

    def _make_transport(self, versions: tuple[int, int], pacer: "Pacer[Any]") -> Transport:
        connection = new_connection(*versions, _text(self.connectOptions))
        tap = self.recorder.connection(f"{self.host}:{self.port}") if self.recorder else None
        transport = Transport(connection, pacer, self._limits, self._on_events, self._on_lost, self._on_throttle, tap)
        # Answers can come before `connect` returns.
        self._transport = transport
        self._clocks = clocks_of(asyncio.get_running_loop())
        self._startTime = self._clocks.timestamp()
        return transport

    def _silence(self) -> str:
        """How far a connection has come that is not ready, in words."""
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
        """The server versions to offer. Raises ValueError for what this client cannot speak."""
        lowest, highest = int(self.MinClientVersion), int(self.MaxClientVersion)
        if not V.MIN <= lowest <= highest <= V.MAX:
            raise ValueError(
                f"MinClientVersion={lowest}, MaxClientVersion={highest}: the server versions that can be offered are "
                f"{V.MIN} to {V.MAX}"
            )
        return lowest, highest

    @read_on_loop
    def disconnect(self) -> None:
        """End the connection. Whoever waits for an answer gets a ConnectionError."""
        self.close()

    def close(self) -> None:
        """Do what `disconnect` does, on the loop."""
        transport, self._transport = self._transport, None
        if transport is not None:
            _log.info("Disconnecting")
            transport.close()
        ready, self._ready = self._ready, None
        if ready is not None and not ready.done():
            ready.cancel()
        self.requests.lose(ConnectionError("Socket disconnect"))
        self.reset()
        self._receiver.on_disconnect()

    def _on_lost(self, error: Exception | None) -> None:
        reason = self._refusal or str(error)
        was_ready, self._transport = self.isReady(), None
        ready, self._ready = self._ready, None
        if was_ready:
            _log.error("Peer closed connection.%s", f" {error}" if error else "")
        if isinstance(error, ProtocolError):
            lost: ConnectionError = error
        elif was_ready or self._refusal:
            lost = ConnectionError(printable(reason))
        else:
            lost = ConnectionError(f"{self.host}:{self.port} ended the connection ({error}): {self._to_check()}")
        if ready is not None and not ready.done():
            ready.set_exception(lost)
        self.requests.lose(ConnectionError(printable(f"Socket disconnect: {reason}")))
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

    # --- traffic --------------------------------------------------------------------------------------------------

    @call_on_loop
    def send(
        self, message: Any, *fields: Any, makeEmpty: bool = True, modifies: bool = False, key: object = None
    ) -> None:
        """Send one message, when the pacing of its lane allows.

        As in ib_async it can be given by its raw fields instead, the id first; then `makeEmpty` tells whether a number
        that is unset is an empty field. Raises ConnectionError when not connected, EncodeError, that names field and
        value, for what cannot be sent, and ValueError for raw fields that are no message; then nothing is sent.
        """
        if isinstance(message, int | str) and self.isConnected():
            message = raw_fields.from_fields((message, *fields), self._serverVersion, makeEmpty)
        self.send_message(message, modifies=modifies, key=key)

    def send_message(self, message: Any, *, modifies: bool = False, key: object = None) -> None:
        """Do what `send` does for a message, on the loop.

        `modifies`: it is a change of an order that lives. `key`: the order that it is about, whose cancellation takes
        along what still waits.
        """
        transport = self._transport
        if transport is None or not self._state.is_open:
            raise ConnectionError("Not connected")
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(">>> %s", message)
        transport.send(message, lane_of(message, modifies=modifies), key)

    def _on_events(self, events: Iterable[Any]) -> None:
        is_shown = _log.isEnabledFor(logging.DEBUG)
        is_starting = self._state is not State.READY
        if is_starting or is_shown:
            events = list(events)
        if is_starting:
            for event in events:
                self._while_starting(event)
        if is_shown:
            for event in events:
                _log.debug("<<< %s", event)
        self._receiver.receive(events)

    def _while_starting(self, event: Any) -> None:
        before = self._state
        following = after(Sender.SERVER, before, Kind.ANSWER if isinstance(event, Opened) else kind_of(event))
        if following is None:  # a listener has ended the connection, of which some messages are left
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
                self._refusal = f"error {code}: {text}"
        if following is State.READY and before is not State.READY:
            self.apiStart.emit()
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(None)


_REFUSALS = frozenset({326, 501, 503, 505, 506, 507, 1300})
"""Codes that come before the server ends the connection, and say why."""


def _text(options: str | bytes) -> str:
    """Connect options as text; ib_async keeps them as bytes."""
    return options.decode() if isinstance(options, bytes) else options


def _callbacks(wrapper: Any) -> Receiver:
    from ibdesk.client.dropin.callbacks import Callbacks  # late: an `IB` does without

    return Callbacks(wrapper)
