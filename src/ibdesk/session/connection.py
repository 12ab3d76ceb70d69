"""One connection, seen from the client or from the server: the handshake, then messages both ways.

Which end may send what, and when, is in `states`. This module reads and writes the bytes of the handshake, and the
codec those of messages. Anything else in place of the handshake raises `HandshakeError`, and a broken frame
`ProtocolError`; the connection is then closed. An unreadable message becomes an `Undecodable` event, and the connection
goes on.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from ibdesk.errors import DecodeError, HandshakeError, ProtocolError
from ibdesk.session.states import KINDS, ConnectionStates, Kind, State, kind_of
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import Description, Sender
from ibdesk.wire.codec import Codec, Takers
from ibdesk.wire.frames import Unframer, frame
from ibdesk.wire.layout import Field, Fixed, fields_of
from ibdesk.wire.protobuf import read_tags
from ibdesk.wire.scalars import INT, VARINT
from ibdesk.wire.text import join, split

PREFIX = b"API\0"
_RANGE = re.compile(r"v(\d{1,9})(?:\.\.(\d{1,9}))?(?: (.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opened:
    """An event: the handshake is done.

    `time` is the server's clock, as a text whose form depends on the server's operating system.
    """

    serverVersion: int
    time: str
    connectOptions: str = ""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An event: a message could not be read. The messages after it are not affected.

    `message` is the class of the message, if its id could be read, and `reqId` the request that it answers, if that
    could be read.
    """

    error: DecodeError
    payload: bytes
    message: type | None = None
    reqId: int | None = None


class Connection:
    """One end of a connection. It takes the bytes that arrive, and gives events and the bytes to send."""

    takes_encoded = True
    """Whether messages may be given as bytes, to `send_encoded`."""

    def __init__(
        self,
        role: Sender,
        *,
        min_version: int = V.MIN,
        max_version: int = V.MAX,
        connect_options: str = "",
        time: str = "",
    ) -> None:
        """Begin a connection. A client may give `connect_options`, and a server its clock as the text `time`."""
        self.role = role
        self.min_version: int = min_version
        self.max_version: int = max_version
        self.server_version: int = 0
        self.messages_received: int = 0
        self.codec: Codec | None = None
        self._salvage: Callable[[DecodeError, bytes], Undecodable]
        self.takes_directly: bool = False
        """Whether the fields of some messages are passed on without these: see `take_directly`."""
        self._states = ConnectionStates()
        self._own, self._peer = self._states[role], self._states[role.peer]
        self._time = time
        self._unframer = Unframer()
        self._prefix = b""
        self._outgoing: list[bytes] = []
        if role is Sender.CLIENT:  # it speaks first
            wanted = f"v{min_version}..{max_version}" if min_version < max_version else f"v{min_version}"
            options = f" {connect_options}" if connect_options else ""
            self._states.send(role, Kind.PREFIX)
            self._states.send(role, Kind.VERSIONS)
            self._outgoing.append(PREFIX + frame((wanted + options).encode()))

    @property
    def own_state(self) -> State:
        """What this end may send next."""
        return self._own.state

    @property
    def peer_state(self) -> State:
        """What the peer may send next, as far as is known here."""
        return self._peer.state

    @property
    def oddities(self) -> Counter[str]:
        """How often the peer sent something that is in no description, by a text that names it."""
        return self.codec.oddities if self.codec else Counter()

    def receive_data(self, data: bytes) -> list[Any]:
        """Return what the bytes that arrived mean, in order: messages, `Opened`, `Undecodable`.

        Raises `HandshakeError` or `ProtocolError`, after which the connection cannot be used any more.
        """
        return list(self.events(data))

    def events(self, data: bytes) -> Iterator[Any]:
        """Return the same as an iterator, which reads each message when it is its turn.

        After a fault in the stream, what was whole before it comes first.
        """
        # In its last state, when ticks flow, the peer can reach no other: messages need not be looked up then.
        if not self._peer.is_final:
            return self._first_events(data)
        assert self.codec is not None, "the handshake has made it"
        try:
            payloads = self._unframer.feed(data)
        except ProtocolError:
            self.close()
            raise
        self.messages_received += len(payloads)
        messages = self.codec.decode_all(payloads, self._salvage)
        fault = self._unframer.fault
        return self._until(fault, messages) if fault else messages

    def take_directly(self, takers: Takers) -> None:
        """Have fields of some messages passed to functions while `events` is read, as `Codec.take_directly` does."""
        assert self.codec is not None, "no messages come before the handshake has made it"
        self.codec.take_directly(takers)
        self.takes_directly = bool(takers)

    def _first_events(self, data: bytes) -> Iterator[Any]:
        """Return the events of bytes that may begin with the handshake."""
        try:
            if self._peer.state is State.PREFIX:
                data = self._take_prefix(data)
            if self._peer.state is State.CLOSED:
                return iter(())
            # Messages may arrive in one piece with the handshake, which decides how they are decoded.
            payloads = self._unframer.feed(data)
            self.messages_received += len(payloads)
            opened = [self._shake_hands(payloads.pop(0))] if payloads and self.codec is None else []
        except ProtocolError:
            self.close()
            raise
        messages: Iterator[Any] = iter(())
        if payloads:
            assert self.codec is not None, "the handshake makes it, or raises"
            messages = map(self._noted, self.codec.decode_all(payloads, self._salvage))
        if opened:
            messages = chain(opened, messages)
        fault = self._unframer.fault
        return self._until(fault, messages) if fault else messages

    def _until(self, fault: ProtocolError, messages: Iterator[Any]) -> Iterator[Any]:
        """Yield the messages that came before a fault in the stream, then close the connection and raise the fault."""
        yield from messages
        self.close()
        raise fault

    def _noted(self, event: Any) -> Any:
        """Return the event, after the peer's state has followed it.

        A connection that the reader of the events has closed meanwhile stays closed.
        """
        if self._peer.state.is_open:
            self._states.send(self.role.peer, kind_of(event))
        return event

    def _take_prefix(self, data: bytes) -> bytes:
        self._prefix += data
        if not (PREFIX.startswith(self._prefix) or self._prefix.startswith(PREFIX)):
            raise HandshakeError(f"a client begins with {PREFIX!r}, not with {self._prefix[:20]!r}")
        if len(self._prefix) < len(PREFIX):
            return b""
        self._states.send(self.role.peer, Kind.PREFIX)
        rest, self._prefix = self._prefix[len(PREFIX) :], b""
        return rest

    def _shake_hands(self, payload: bytes) -> Opened:
        opened = self._meet_server(payload) if self.role is Sender.CLIENT else self._meet_client(payload)
        self.server_version = opened.serverVersion
        self.codec = Codec(self.role.peer, self.server_version)
        self._salvage = partial(_salvage, self.codec)
        return opened

    def _meet_client(self, payload: bytes) -> Opened:
        found = _RANGE.fullmatch(payload.decode("utf-8", "backslashreplace"))
        if not found:
            raise HandshakeError(f"a client names its versions as v100..200, not as {payload[:40]!r}")
        lowest = int(found[1])
        highest = int(found[2] or lowest)
        version = min(highest, self.max_version)
        if version < max(lowest, self.min_version):
            raise HandshakeError(
                f"the client speaks server versions {lowest} to {highest}, "
                f"this end {self.min_version} to {self.max_version}"
            )
        self._states.send(self.role.peer, Kind.VERSIONS)
        self._states.send(self.role, Kind.ANSWER)
        self._outgoing.append(frame(join([str(version), self._time])))
        return Opened(version, self._time, found[3] or "")

    def _meet_server(self, payload: bytes) -> Opened:
        try:
            version, time, *_ = split(payload)
            number = int(version)
        except ValueError:
            raise HandshakeError(
                f"a server answers with its version and its clock, not with {payload[:40]!r}"
            ) from None
        if not self.min_version <= number <= self.max_version:
            raise HandshakeError(
                f"the server speaks version {number}, this end {self.min_version} to {self.max_version}"
            )
        self._states.send(self.role.peer, Kind.ANSWER)
        return Opened(number, time)

    def send(self, message: Any) -> None:
        """Encode a message, to be sent by the next `data_to_send`.

        Raises `ProtocolError` when the states do not allow it, and `EncodeError` for a message that cannot be encoded.
        Nothing is sent then.
        """
        self.send_all((message,))

    def send_all(self, messages: Iterable[Any]) -> None:
        """Do `send` with messages, in order. If one raises, those before it are sent, and those after it are not."""
        codec, own, kind, outgoing = self.codec, self._own, None, self._outgoing
        for message in messages:
            # In its last state an end may send any message of its own: only those that matter to the states are looked
            # up.
            if not own.is_final or type(message) in KINDS:
                kind = kind_of(message)
                own.check(kind, type(message))
            assert codec is not None, "no end is open before the handshake has made it"
            outgoing.append(frame(codec.encode(message)))
            if kind is not None:
                self._states.send(self.role, kind)
                kind = None

    def partial_encoder(self, cls: type, *given: Any) -> Callable[..., bytes]:
        """Return what encodes messages, none of those that matter to the states: see `Codec.partial_encoder`."""
        assert self.codec is not None, "no end is open before the handshake has made it"
        return self.codec.partial_encoder(cls, *given)

    def send_encoded(self, data: bytes) -> None:
        """Do `send_all` with messages that a `partial_encoder` has encoded."""
        if not self._own.is_final:
            self._own.check(Kind.MESSAGE)
        self._outgoing.append(data)

    def data_to_send(self) -> bytes:
        """Return the bytes that are to be sent now, and forget them."""
        if not self._outgoing:
            return b""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def close(self) -> None:
        """Mark the connection as closed, because the stream has ended or must end."""
        self._states.close()


def _salvage(codec: Codec, error: DecodeError, payload: bytes) -> Undecodable:
    """Return what can still be known of a message that could not be read."""
    try:
        id, body = codec.split_id(payload)
        description, is_protobuf = codec.describe(id)
        assert description is not None, "an unknown message is decoded as Unknown, without an error"
        reqId = _first_tag(body) if is_protobuf else _first_field(description, codec.version, body)
        return Undecodable(error, payload, description.cls, reqId if "reqId" in fields_of(description.cls) else None)
    except DecodeError:
        return Undecodable(error, payload)


def _first_tag(body: bytes) -> int | None:
    try:
        tag, wire_type, raw = next(read_tags(body))
    except (ValueError, StopIteration):
        return None
    return INT.decode_tag(raw) if (tag, wire_type) == (1, VARINT) else None


def _first_field(description: Description, version: int, body: bytes) -> int | None:
    layout = description.layout(version)
    fields = body.decode("utf-8", "backslashreplace").split("\0", len(layout))
    for place, item in enumerate(layout):
        if isinstance(item, Field) and item.path == ("reqId",) and place < len(fields):
            try:
                return int(fields[place])
            except ValueError:
                return None
        if not isinstance(item, Fixed | Field):
            break
    return None
