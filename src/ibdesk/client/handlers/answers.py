"""How requests are answered: `ibdesk.session.conversations` says which message is a whole answer, a part or an end.

The caller gets the messages themselves, and makes a result of them. So a new request needs nothing here.
"""

from typing import Any

from ibdesk.client.effects import Add, Effects, Finish
from ibdesk.client.handlers import Handler
from ibdesk.session.conversations import ENDS, PARTS, WHOLE, answered_by


def table() -> dict[type, Handler]:
    """Return the handler of each message that does nothing but answer."""
    return {**dict.fromkeys(WHOLE, whole), **dict.fromkeys(PARTS, part), **dict.fromkeys(ENDS, end)}


def whole(message: Any) -> Effects:
    """Answer a request with one message."""
    return [effect for key in answered_by(message) for effect in (_add(key, message), Finish(key))]


def part(message: Any) -> Effects:
    """Add a message to an answer; more may follow."""
    return [_add(key, message) for key in answered_by(message)]


def end(message: Any) -> Effects:
    """Take an answer as complete."""
    return [Finish(key) for key in answered_by(message)]


def _add(key: Any, message: Any) -> Add:
    return Add(key, message, type(message).__name__)
