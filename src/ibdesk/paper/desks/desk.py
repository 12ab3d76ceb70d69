"""What the desks have in common to the front desk: how they are asked; must not know any of them."""

from collections.abc import Callable
from typing import Any

from ..client import Client

Handler = Callable[[Client, Any], None]
"""Answers one request of a client. Raises `Refusal` for one that is answered by an error."""
