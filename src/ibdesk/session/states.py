"""The states of a connection, and the tables of what may be sent in each of them.

A connection has two ends, and each end keeps the states of both: its own, and that of its peer. A state says what its
end may send next. An end looks up its own state when it sends something, and its peer's state when something arrives,
in the same table. So nothing here asks on which end it runs, and what one end sends is what the other end accepts.

The rules, in words:

1. The client begins, with `API\\0` and then the range of server versions that it speaks.
2. The server answers with the highest version that both speak and its clock, and says nothing before.
3. The client sends nothing more before that answer, because the version decides how messages are encoded. After the
   answer the handshake is done, and each end may send its messages at any time.
4. The client's first message should be `StartApi`. A gateway answers nothing that comes before it. Another `StartApi`
   on the same connection changes nothing.
5. The server then sends the next order id and the accounts, in either order, with anything else before, between and
   after them. When it has sent both, programs may use the connection. An empty list of accounts does not count.
6. A connection is closed, and stays closed, when one end closes it, when something else arrives than rules 1 and 2
   allow, or when a frame is too long. A message that cannot be read does not close it: it counts like any other.

The tables below say the same. `TRANSITIONS` tells how the state of an end changes when it sends something. `TURNS`
tells what follows from the two states together: whose turn it is in the handshake. As a picture:

    client   PREFIX ── `API\\0` ──> VERSIONS ── range ──> WAITING ─ ─ ─> OPEN ── StartApi ──> STARTED
                                                            :            ^
                                                            v            :
    server   WAITING ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─> ANSWER ── answer ──> OPEN ── NextValidId ──> NUMBERED
                                                                               │                        │
                                                                        ManagedAccounts          ManagedAccounts
                                                                               v                        v
                                                                             NAMED ── NextValidId ──> READY

Broken lines are turns. Any other message leaves its sender's state as it is, and both ends of a closed connection are
CLOSED.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final

from ibdesk.errors import ProtocolError
from ibdesk.wire.catalogue import Sender
from ibdesk.wire.messages.connection import ManagedAccounts, NextValidId, StartApi


class State(Enum):
    """What one end of a connection may send next."""

    PREFIX = auto()
    """`API\\0`."""
    VERSIONS = auto()
    """The range of server versions that the client speaks."""
    WAITING = auto()
    """Nothing: the other end's part of the handshake comes first."""
    ANSWER = auto()
    """The version that both ends speak, and the server's clock."""
    OPEN = auto()
    """Any message. The client has not started the API, or the server has sent neither order id nor accounts."""
    STARTED = auto()
    """Any message. The client has started the API."""
    NUMBERED = auto()
    """Any message. The server has sent the next order id, and the accounts are missing."""
    NAMED = auto()
    """Any message. The server has sent the accounts, and the next order id is missing."""
    READY = auto()
    """Any message. The server has sent order id and accounts: programs may use the connection."""
    CLOSED = auto()
    """Nothing any more."""

    is_open: bool
    """Whether this end may send messages."""


class Kind(Enum):
    """What an end can send, as far as it matters to the states."""

    PREFIX = auto()
    VERSIONS = auto()
    ANSWER = auto()
    START_API = auto()
    NEXT_VALID_ID = auto()
    ACCOUNTS = auto()
    """`ManagedAccounts` that names at least one account."""
    MESSAGE = auto()
    """Any other message of the sender, one that cannot be read included."""


TRANSITIONS: Final[Mapping[Sender, Mapping[State, Mapping[Kind, State]]]] = {
    Sender.CLIENT: {
        State.PREFIX: {Kind.PREFIX: State.VERSIONS},
        State.VERSIONS: {Kind.VERSIONS: State.WAITING},
        State.WAITING: {},
        State.OPEN: {Kind.START_API: State.STARTED, Kind.MESSAGE: State.OPEN},
        State.STARTED: {Kind.START_API: State.STARTED, Kind.MESSAGE: State.STARTED},
        State.CLOSED: {},
    },
    Sender.SERVER: {
        State.WAITING: {},
        State.ANSWER: {Kind.ANSWER: State.OPEN},
        State.OPEN: {Kind.NEXT_VALID_ID: State.NUMBERED, Kind.ACCOUNTS: State.NAMED, Kind.MESSAGE: State.OPEN},
        State.NUMBERED: {
            Kind.NEXT_VALID_ID: State.NUMBERED,
            Kind.ACCOUNTS: State.READY,
            Kind.MESSAGE: State.NUMBERED,
        },
        State.NAMED: {Kind.NEXT_VALID_ID: State.READY, Kind.ACCOUNTS: State.NAMED, Kind.MESSAGE: State.NAMED},
        State.READY: {Kind.NEXT_VALID_ID: State.READY, Kind.ACCOUNTS: State.READY, Kind.MESSAGE: State.READY},
        State.CLOSED: {},
    },
}
"""Sender -> its state -> what it sends -> its next state. What is not listed cannot be sent."""

TURNS: Final[Mapping[tuple[State, State], tuple[State, State]]] = {
    (State.WAITING, State.WAITING): (State.WAITING, State.ANSWER),
    (State.WAITING, State.OPEN): (State.OPEN, State.OPEN),
}
"""States of client and server -> the states that follow at once. It is looked up after each transition."""

START: Final[Mapping[Sender, State]] = {Sender.CLIENT: State.PREFIX, Sender.SERVER: State.WAITING}
"""The state in which each end begins."""

for _state in State:
    _state.is_open = _state in (State.OPEN, State.STARTED, State.NUMBERED, State.NAMED, State.READY)

KINDS: Final[Mapping[type, Kind]] = {
    StartApi: Kind.START_API,
    NextValidId: Kind.NEXT_VALID_ID,
    ManagedAccounts: Kind.ACCOUNTS,
}
"""The messages that matter to the states, and what each counts as."""


def kind_of(message: Any) -> Kind:
    """Return what a message counts as once the handshake is done."""
    kind = KINDS.get(type(message), Kind.MESSAGE)
    return Kind.MESSAGE if kind is Kind.ACCOUNTS and not message.accounts else kind


def after(sender: Sender, state: State, kind: Kind) -> State | None:
    """Return the state of an end that was in `state` and has sent this; None if it cannot send this there."""
    return TRANSITIONS[sender][state].get(kind)


class End:
    """One end of a connection, and its state."""

    __slots__ = ("_following", "is_final", "sender", "state")

    def __init__(self, sender: Sender) -> None:
        self.sender: Sender = sender
        self.enter(START[sender])

    def enter(self, state: State) -> None:
        """Change to this state."""
        self.state: State = state
        self._following = TRANSITIONS[self.sender][state]
        self.is_final: bool = state.is_open and all(following is state for following in self._following.values())
        """Whether this end may send messages, and none of them leads to another state."""

    def check(self, kind: Kind, what: type | None = None) -> State:
        """Return the state of this end after it has sent this. Raises `ProtocolError` if it cannot be sent now.

        The error names `what` is sent: the class of a message.
        """
        following = self._following.get(kind)
        if following is None:
            reason = f"no {self.sender.value} sends it" if self.state.is_open else "the connection is not open"
            raise ProtocolError(
                f"{what.__name__ if what else kind.name} cannot be sent: {reason} "
                f"(the {self.sender.value} is in state {self.state.name})"
            )
        return following


class ConnectionStates:
    """Both ends of one connection, as one of them knows them."""

    def __init__(self) -> None:
        self._client, self._server = End(Sender.CLIENT), End(Sender.SERVER)

    def __getitem__(self, sender: Sender) -> End:
        return self._client if sender is Sender.CLIENT else self._server

    def send(self, sender: Sender, kind: Kind) -> None:
        """Change the states as they are after an end has sent this. Raises `ProtocolError` if it cannot be sent now."""
        self[sender].enter(self[sender].check(kind))
        turn = TURNS.get((self._client.state, self._server.state))
        if turn is not None:
            for end, state in zip((self._client, self._server), turn, strict=True):
                end.enter(state)

    def close(self) -> None:
        """Close the connection, for both ends."""
        self._client.enter(State.CLOSED)
        self._server.enter(State.CLOSED)
