"""What the handler of a message wants done: to whom something is emitted, who is answered, what is sent.

A handler changes the state that the client keeps, and returns effects for all that reaches beyond it. The `Dispatcher`
carries them out, in their order. So a handler can be tried without a connection, and reads as what it leads to.
"""

from typing import Any, NamedTuple

from ibdesk.events import Event
from ibdesk.session.conversations import Key


class Emit(NamedTuple):
    """Emit an event, which is given itself or by the name that it has at the `IB`."""

    event: Event[*tuple[Any, ...]] | str
    args: tuple[Any, ...]


class Add(NamedTuple):
    """Add something to the answer to a request. It is counted as late when nobody waits for it."""

    key: Key
    result: Any
    told_by: str
    """The name of the message that brought it."""


class Finish(NamedTuple):
    """Give whoever waits for a request what was added to its answer, or another result. Nobody need wait."""

    key: Key
    result: Any = None


class Fail(NamedTuple):
    """Have the request raise an error where it is waited for. Nobody need wait."""

    key: Key
    error: Exception


class Late(NamedTuple):
    """Count an answer for which nobody waits any more."""

    told_by: str


class Send(NamedTuple):
    """Send a message to the server."""

    message: Any


class Reserve(NamedTuple):
    """Give out no number below this one: the server or another program has used it for an order."""

    lowest: int


class AskAboutOrders(NamedTuple):
    """Ask the server how the orders in doubt stand; with `also_positions`, about positions as well."""

    also_positions: bool = False


Effect = Emit | Add | Finish | Fail | Late | Send | Reserve | AskAboutOrders
Effects = list[Any]
"""Any of the above, in the order in which they are carried out."""

Emissions = list[Emit]
"""What a change of the state has emitted, in this order."""


def failure(event: Event[*tuple[Any, ...]], error: Exception) -> Emit:
    """Give an error to whoever awaits an event, which has nothing to emit because of it."""
    return Emit(event.error_event, (event, error))
