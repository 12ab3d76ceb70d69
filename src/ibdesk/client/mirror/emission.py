"""Decides how a reducer says what is to be emitted; it must not know who emits or listens."""

from typing import Any, NamedTuple

from ibdesk.events import Event


class Emission(NamedTuple):
    """One emit that is to come: an event, or the name of one of `IB`'s events, and its arguments."""

    event: Event[*tuple[Any, ...]] | str
    args: tuple[Any, ...]


Emissions = list[Emission]
"""What one message leads to, in the order in which it is to be emitted."""


def failure(event: Event[*tuple[Any, ...]], error: Exception) -> Emission:
    """The event has nothing to emit for now, because of an error: whoever awaits it gets that."""
    return Emission(event.error_event, (event, error))
