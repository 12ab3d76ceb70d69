"""Every exception that ibdesk itself raises.

::

    IBDeskError
    ├── ProtocolError (ConnectionError)     the peer broke the protocol; the connection cannot be used any more
    │   └── HandshakeError                  client and server could not agree on a version
    ├── DecodeError (ValueError)            one message could not be read; the connection goes on
    ├── EncodeError (ValueError)            one message could not be written; nothing was sent
    ├── JournalError                        the journal of orders cannot be used; nothing was sent
    ├── PriceFileError (ValueError)         a file of prices holds what cannot be meant
    ├── ScenarioError (ValueError)          a scenario of faults holds what cannot be meant
    ├── RequestError                        the server refused a request
    ├── RequestTimeout (TimeoutError)       the server did not answer a request in time
    └── SimulationError (RuntimeError)      a program did what cannot be done in simulated time
        └── SimulationDeadlock              everything waits, and nothing could ever happen any more

Each exception keeps its facts as attributes and builds its text from them; words from outside are made `printable` in
it. A lost connection raises Python's own ConnectionError, and an invalid argument ValueError.
"""

from collections.abc import Sequence
from typing import Any, Self

from ibdesk.printable import printable


class IBDeskError(Exception):
    """Base class of ibdesk's exceptions."""

    def __str__(self) -> str:
        return printable(self._text())

    def _text(self) -> str:
        return super().__str__()


class ProtocolError(IBDeskError, ConnectionError):
    """The peer sent bytes that do not follow the protocol, so the connection cannot go on."""


class HandshakeError(ProtocolError):
    """The handshake failed: client and server have no version in common, or the answer was not a handshake."""


class DecodeError(IBDeskError, ValueError):
    """A message from the peer could not be read.

    `message` is the name of the message, and `version` the server version, or 0 when it does not matter. `path` names
    the field, and `index` tells its place: in text the position, counted from 0 after the id, and in protobuf the tag.
    `text` says what is wrong with the field. `previous` shows the field that was read before it: when fields are
    shifted, the fault often begins there.
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
    """A message could not be written.

    `path` names the field at fault, `value` is what the field holds, and `text` tells why it cannot be sent. `path` is
    empty when a server of this `version` does not know the message at all.
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


class JournalError(IBDeskError):
    """The journal of orders cannot be used: not written, not read, or not by this program.

    `path` is its file, and `reason` tells why. An order that raises it was not sent.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def _text(self) -> str:
        return f"the journal {self.path}: {self.reason}"


class PriceFileError(IBDeskError, ValueError):
    """A file of prices cannot be used, because of one of its rows or as a whole.

    `path` is the file. `row` names the row: `line 17` of a CSV file, whose first line is 1, or `row 15` of a Parquet
    file, whose first row is 0 as in pandas; it is empty where the fault is none of a single row. `text` tells what is
    wrong, with the value.
    """

    def __init__(self, path: str, row: str, text: str) -> None:
        super().__init__(path, row, text)
        self.path = path
        self.row = row
        self.text = text

    def _text(self) -> str:
        return f"{self.path}, {self.row}: {self.text}" if self.row else f"{self.path}: {self.text}"


class ScenarioError(IBDeskError, ValueError):
    """A scenario of faults cannot be used.

    `path` is the file, empty for a text. `place` is the item at fault, such as `faults[2] (cut)`, whose first number is
    0, or a line. `text` tells the field, its value, and what is wrong.
    """

    def __init__(self, path: str, place: str, text: str) -> None:
        super().__init__(path, place, text)
        self.path = path
        self.place = place
        self.text = text

    def _text(self) -> str:
        where = ", ".join(filter(None, (self.path, self.place)))
        return f"{where}: {self.text}" if where else self.text


class RequestError(IBDeskError):
    """The server answered a request with an error.

    `reqId` is the id of the request, or the `orderId` of an order; `code` is IBKR's number for the error, which
    `ibdesk.codes` explains, and `message` is IBKR's text.
    """

    def __init__(self, reqId: int, code: int, message: str) -> None:
        super().__init__(reqId, code, message)
        self.reqId = reqId
        self.code = code
        self.message = message

    def _text(self) -> str:
        return f"[reqId {self.reqId}] API error: {self.code}: {self.message}"


class RequestTimeout(IBDeskError, TimeoutError):
    """The server did not answer within `seconds`. `request` is the call in words."""

    def __init__(self, request: str, seconds: float) -> None:
        # TimeoutError would take the first of two arguments for an errno, so it gets one.
        super().__init__(f"no answer to {request} within {seconds:g} s")
        self.request = request
        self.seconds = seconds

    def __reduce__(self) -> tuple[type[Self], tuple[str, float]]:
        return type(self), (self.request, self.seconds)


class SimulationError(IBDeskError, RuntimeError):
    """The program did something in a simulation that has no simulated time."""


class SimulationDeadlock(SimulationError):
    """All tasks of a simulation wait, and there is nothing left that could wake one.

    `tasks` has a line for each: its name, and where it waits.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        super().__init__(tuple(tasks))
        self.tasks: tuple[str, ...] = tuple(tasks)

    def _text(self) -> str:
        shown = [*self.tasks[:_SHOWN_TASKS], *(["..."] if len(self.tasks) > _SHOWN_TASKS else [])]
        return "nothing could ever happen any more: " + ("; ".join(shown) or "there is no task, timer or connection")


_SHOWN_TASKS = 20


def _subject(message: str, version: int) -> str:
    return f"{message} v{version}" if version else message
