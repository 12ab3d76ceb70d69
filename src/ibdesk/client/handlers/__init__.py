"""The handlers of the server's messages, a module for each domain.

A handler takes a message, changes the client's state, and returns effects (see `ibdesk.client.effects`), or None if
there are none.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ibdesk.client.effects import Effect

Handler = Callable[[Any], Iterable[Effect] | None]
