"""What each message from the server changes in the client's state, and which effects it has; a module for each domain.

A handler takes a message and returns effects, or None for none.
"""

from collections.abc import Callable
from typing import Any

from ibdesk.client.effects import Effects

Handler = Callable[[Any], Effects | None]
