"""A server for one client at a time that answers from what was prepared, as fast as the client can take it."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ibdesk.session.connection import Connection
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.codec import Codec
from ibdesk.wire.frames import frame
from ibdesk.wire.messages import accounts, connection, executions, market_data, order_status

TEXT, PROTOBUF = 178, 225
"""The highest server version of ib_async, and the highest of all."""

ACCOUNT = "DU1234567"

Answer = Callable[[Any], bytes | Iterable[Any]]
"""What a request is answered with: messages, or bytes that are ready."""

_ANSWERS: dict[type, Answer] = {
    connection.StartApi: lambda request: [connection.ManagedAccounts(ACCOUNT), connection.NextValidId(1)],
    accounts.ReqPositions: lambda request: [accounts.PositionEnd()],
    order_status.ReqOpenOrders: lambda request: [order_status.OpenOrderEnd()],
    order_status.ReqCompletedOrders: lambda request: [order_status.CompletedOrdersEnd()],
    executions.ReqExecutions: lambda request: [executions.ExecDetailsEnd(request.reqId)],
    accounts.ReqAccountUpdates: lambda request: [accounts.AccountDownloadEnd(request.acctCode)],
    accounts.ReqAccountUpdatesMulti: lambda request: [accounts.AccountUpdateMultiEnd(request.reqId)],
}

Blast = Callable[[socket.socket, Connection, list[int]], None]
"""What is done with a client that has subscribed to all that it wants: its socket, its connection, its requests."""


def prepared(messages: Iterable[Any], version: int) -> bytes:
    """The bytes of messages."""
    codec = Codec(Sender.CLIENT, version)
    return b"".join(frame(codec.encode(message)) for message in messages)


class Gateway:
    """Serves the clients that connect to `port`, one after another.

    `blast` is called when a client asks for the market data type, by which it tells that it has subscribed to all.
    """

    def __init__(self, version: int, answers: Mapping[type, Answer] | None = None, blast: Blast | None = None) -> None:
        self._version, self._answers, self._blast = version, {**_ANSWERS, **(answers or {})}, blast
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            link, _ = self._listener.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with link, contextlib.suppress(OSError):  # the client has enough
                self._serve_one(link)

    def _serve_one(self, link: socket.socket) -> None:
        server = Connection(Sender.SERVER, max_version=self._version, time="20260102 10:00:00 EST")
        subscribed: list[int] = []
        while data := link.recv(65536):
            for message in server.receive_data(data):
                if isinstance(message, market_data.ReqMktData):
                    subscribed.append(message.reqId)
                elif isinstance(message, market_data.ReqMarketDataType) and self._blast:
                    self._blast(link, server, subscribed)
                elif answer := self._answers.get(type(message)):
                    found = answer(message)
                    ready = found if isinstance(found, bytes) else prepared(found, self._version)
                    link.sendall(server.data_to_send() + ready)
            link.sendall(server.data_to_send())
