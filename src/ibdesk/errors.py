"""Every exception that ibdesk raises of its own; it must not know who raises them.

::

    IBDeskError
    ├── ProtocolError (ConnectionError)     the peer does not speak the protocol; the connection is of no more use
    │   └── HandshakeError                  the two never agreed to begin
    ├── DecodeError (ValueError)            one message could not be read; the connection goes on
    ├── EncodeError (ValueError)            one message could not be written; nothing was sent
    ├── RequestError                        the server refused a request
    └── RequestTimeout (TimeoutError)       the server did not answer a request in time

Each carries the facts as attributes and makes its text of them, in which words from outside are `printable`. A lost
connection is Python's own ConnectionError, and an argument that makes no sense is a ValueError.
"""

from typing import Any, Self

from ibdesk.printable import printable


class IBDeskError(Exception):
    """What all of these have in common."""

    def __str__(self) -> str:
        return printable(self._text())

    def _text(self) -> str:
        return super().__str__()


class ProtocolError(IBDeskError, ConnectionError):
    """The peer sent what is not the protocol, so the connection cannot go on."""


class HandshakeError(ProtocolError):
    """The connection did not get through its handshake: no common version, or an answer that is none."""


class DecodeError(IBDeskError, ValueError):
    """A message from the peer could not be read.

    `message` is its name and `version` the server version, 0 when it does not matter. `path` names the field and
    `index` its place: the position in text, counted from 0 after the id, or the tag in protobuf. `text` says
    what is wrong with it, and `previous` shows the field read before it, where the reader first goes astray.
    """

    def __init__(
        self,
        message: str,
        version: int = 0,
        path: str = "",
        index: int | None = None,
        text: str = "",
        previous: str = "",
    ) -> None:
        super().__init__(message, version, path, index, text, previous)
        self.message = message
        self.version = version
        self.path = path
        self.index = index
        self.text = text
        self.previous = previous

    def _text(self) -> str:
        place = f"{self.path} (field {self.index})" if self.path and self.index is not None else self.path
        fault = f"{_subject(self.message, self.version)}: {f'{place} {self.text}'.strip()}"
        return f"{fault}; previous: {self.previous}" if self.previous else fault


class EncodeError(IBDeskError, ValueError):
    """A message could not be written. `path` names the field at fault, `value` is what it holds, `text` why not.

    Without a `path` it is the whole message that the server's `version` does not know.
    """

    def __init__(self, message: str, version: int, path: str, value: Any, text: str) -> None:
        super().__init__(message, version, path, value, text)
        self.message = message
        self.version = version
        self.path = path
        self.value = value
        self.text = text

    def _text(self) -> str:
        field = f" {self.path}={self.value!r}:" if self.path else ""
        return f"{_subject(self.message, self.version)}:{field} {self.text}"


class RequestError(IBDeskError):
    """The server answered a request with an error.

    `reqId` is the id of the request (of an order, its `orderId`), `code` IBKR's number of the error, which
    `ibdesk.codes` explains, and `message` IBKR's words.
    """

    def __init__(self, reqId: int, code: int, message: str) -> None:
        super().__init__(reqId, code, message)
        self.reqId = reqId
        self.code = code
        self.message = message

    def _text(self) -> str:
        return f"[reqId {self.reqId}] API error: {self.code}: {self.message}"


class RequestTimeout(IBDeskError, TimeoutError):
    """The answer to `request`, the call in words, did not come within `seconds`."""

    def __init__(self, request: str, seconds: float) -> None:
        # One argument: TimeoutError takes the first of two for an errno.
        super().__init__(f"no answer to {request} within {seconds:g} s")
        self.request = request
        self.seconds = seconds

    def __reduce__(self) -> tuple[type[Self], tuple[str, float]]:
        return type(self), (self.request, self.seconds)


def _subject(message: str, version: int) -> str:
    return f"{message} v{version}" if version else message
