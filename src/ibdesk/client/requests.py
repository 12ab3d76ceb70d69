"""`Requests`: the requests that the server has not answered yet, and who waits for their answers.

Every wait ends: with the result, with the error that the server sent, or with ConnectionError when the connection ends.
Requests for positions, open orders and the like carry no reqId. Callers that make the same one at once share an
answer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ibdesk.model.contract import Contract
from ibdesk.session.conversations import Key


@dataclass(slots=True)
class Request:
    """A request that is not answered yet. Answers are added to `results`, which the callers get in the end."""

    key: Key
    call: str
    """The method that returns an empty result if the server refuses, such as `reqContractDetails`.

    It is empty if the method raises instead.
    """
    future: asyncio.Future[Any]
    contract: Contract | None = None
    results: Any = field(default_factory=list)
    waiters: int = 0


class Requests:
    """The unanswered requests of one connection, by reqId, or by what `key_of` gives without one."""

    def __init__(self, new_future: Callable[[], asyncio.Future[Any]]) -> None:
        """Begin without any request. `new_future` makes a future on the event loop of the callers."""
        self._new_future = new_future
        self._open: dict[Key, Request] = {}
        self.late: Counter[str] = Counter()
        """How many answers came for which nobody waited any more, by the name of the message."""

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def all(self) -> list[Request]:
        """Return the unanswered requests, oldest first."""
        return list(self._open.values())

    def get(self, key: Key) -> Request | None:
        """Return the unanswered request with this key, if there is one."""
        return self._open.get(key)

    def oldest(self, *keys: Key) -> Request | None:
        """Return the unanswered request with one of these keys that was sent first, as the server answers in order."""
        return next((request for key, request in self._open.items() if key in keys), None)

    def keyed_by(self, kind: type) -> list[Key]:
        """Return the keys of the unanswered requests of one class that have no reqId."""
        return [key for key in self._open if key is kind or (isinstance(key, tuple) and key[0] is kind)]

    def __len__(self) -> int:
        return len(self._open)

    def start(self, key: Key, call: str, contract: Contract | None = None, results: Any = None) -> tuple[Request, bool]:
        """Return the request with this key, and whether it is new. A new one is still to be sent.

        It is not new when somebody else waits for the answer to the same request already.
        """
        found = self._open.get(key)
        if found is not None:
            return found, False
        request = Request(key, call, self._new_future(), contract, [] if results is None else results)
        self._open[key] = request
        return request, True

    async def wait(self, request: Request) -> Any:
        """Wait for the answer. When all who wait for it have been cancelled, the request is forgotten."""
        request.waiters += 1
        try:
            return await asyncio.shield(request.future)
        finally:
            request.waiters -= 1
            if not request.waiters:
                self.drop(request)

    def drop(self, request: Request) -> None:
        """Forget a request, as nobody waits for its answer any more."""
        request.future.cancel()
        if self._open.get(request.key) is request:
            del self._open[request.key]

    def add(self, key: Key, result: Any, message: str) -> bool:
        """Add a part to an answer. Return False, and count it as late, when nobody waits for it."""
        request = self._open.get(key)
        if request is None:
            self.late[message] += 1
            return False
        request.results.append(result)
        return True

    def finish(self, key: Key, result: Any = None) -> None:
        """Take the answer as complete: whoever waits gets `result`, or else what was added."""
        request = self._open.pop(key, None)
        if request is not None and not request.future.done():
            request.future.set_result(request.results if result is None else result)

    def fail(self, key: Key | None, error: Exception) -> None:
        """Raise an error wherever this request is waited for."""
        request = self._open.pop(key, None) if key is not None else None
        if request is not None and not request.future.done():
            request.future.set_exception(error)

    def fail_all(self, error: ConnectionError) -> None:
        """Raise an error wherever a request is waited for, as the connection has ended."""
        for key in list(self._open):
            request = self._open.pop(key)
            if not request.future.done():
                request.future.set_exception(error)
                request.future.exception()  # asyncio logs an exception that nobody has retrieved
