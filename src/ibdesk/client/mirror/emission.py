"""What a change of the mirror wants to have emitted. Who called for the change emits it."""

from typing import Any, NamedTuple

from ibdesk.events import Event


class Emission(NamedTuple):
    """One emit that is due: the event, or the name of one of `IB`'s events, and its arguments."""

    event: Event[*tuple[Any, ...]] | str
    args: tuple[Any, ...]


Emissions = list[Emission]
"""What one message leads to, in the order in which it is to be emitted."""


def failure(event: Event[*tuple[Any, ...]], error: Exception) -> Emission:
    """Return what makes everybody who awaits an event get an error, because nothing will be emitted for now."""
    return Emission(event.error_event, (event, error))
