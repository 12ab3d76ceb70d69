"""The handlers of messages that do nothing but answer a request, in one message or in several.

Which messages these are, and which request they answer, is in `ibdesk.session.conversations`. The caller gets the
messages themselves and makes a result of them. So a new request needs no handler.
"""

from typing import Any

from ibdesk.client.effects import Add, Effects, Finish
from ibdesk.client.handlers import Handler
from ibdesk.session.conversations import ENDS, PARTS, WHOLE, answered_by


def table() -> dict[type, Handler]:
    """Return the handler for each class of message that does nothing but answer a request."""
    return {**dict.fromkeys(WHOLE, whole), **dict.fromkeys(PARTS, part), **dict.fromkeys(ENDS, end)}


def whole(message: Any) -> Effects:
    """Answer a request with this message alone."""
    return [effect for key in answered_by(message) for effect in (_add(key, message), Finish(key))]


def part(message: Any) -> Effects:
    """Add a message to an answer, to which more may follow."""
    return [_add(key, message) for key in answered_by(message)]


def end(message: Any) -> Effects:
    """Complete an answer."""
    return [Finish(key) for key in answered_by(message)]


def _add(key: Any, message: Any) -> Add:
    return Add(key, message, type(message).__name__)
