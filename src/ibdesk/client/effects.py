"""Effects: what the handler of a message wants done, such as emitting an event or answering a request.

A handler changes the client's state itself, and returns an effect for everything else. The `Dispatcher` carries the
effects out, in their order. So a handler can be tested without a connection, and shows plainly what it leads to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ibdesk.client.subscriptions import Subscription
from ibdesk.errors import RequestError
from ibdesk.events import Event
from ibdesk.session.conversations import Key


class Emit(NamedTuple):
    """Emit an event: the one that is given, or the one of this name that the `IB` has."""

    event: Event[*tuple[Any, ...]] | str
    args: tuple[Any, ...]


class Add(NamedTuple):
    """Add a part to the answer to a request. If nobody waits for that any more, it is counted as late."""

    key: Key
    result: Any
    told_by: str
    """The name of the message that brought the part."""


class Finish(NamedTuple):
    """Complete the answer to a request: its callers get `result`, or else the parts that were added.

    Nothing happens if nobody waits for it.
    """

    key: Key
    result: Any = None


class Fail(NamedTuple):
    """Raise an error in the calls that wait for a request. Nothing happens if nobody waits for it."""

    key: Key
    error: Exception


class Late(NamedTuple):
    """Count a message that answers a request for which nobody waits any more."""

    told_by: str


class Send(NamedTuple):
    """Send a message to the server."""

    message: Any


class Reserve(NamedTuple):
    """Use no id below `lowest` for a new order, since lower ones have been used, perhaps by another program."""

    lowest: int


class AskAboutOrders(NamedTuple):
    """Ask the server about the orders whose status is in doubt; with `also_positions`, about positions as well."""

    also_positions: bool = False


class Remember(NamedTuple):
    """Keep what is known now, to be compared with what the server says when the link is up again."""


class Report(NamedTuple):
    """Log a difference between client and server, and emit `differenceEvent`."""

    difference: Any


class LinkTold(NamedTuple):
    """Take note that the server has told how its link to IBKR, or to one of the data farms, stands."""

    code: int
    text: str


class Arrived(NamedTuple):
    """Take note that something has come for a subscription to bars that was interrupted."""

    subscription: Subscription


class AskAgain(NamedTuple):
    """Ask for a subscription again, which the server has ended or refused with an error."""

    subscription: Subscription
    error: RequestError


Effect = (
    Emit
    | Add
    | Finish
    | Fail
    | Late
    | Send
    | Reserve
    | AskAboutOrders
    | Remember
    | Report
    | LinkTold
    | Arrived
    | AskAgain
)
Effects = Sequence[Effect]
"""Effects, in the order in which they are to be carried out."""

Emissions = list[Emit | Report | AskAboutOrders]
"""What a change of the state causes, in the order in which it is to be carried out: events, nearly always."""


def failure(event: Event[*tuple[Any, ...]], error: Exception) -> Emit:
    """Return the effect that raises an error wherever an event is awaited which cannot be emitted any more."""
    return Emit(event.error_event, (event, error))
