"""Who waits for the answer to which request, and what they get; not what is asked, nor how it travels.

Every wait ends: with the result, with the error that the server gave, or with ConnectionError when the link is lost.
Two callers that ask the same thing without a reqId (positions, open orders ...) share one conversation.
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
    """A request that is under way. `results` is what its answers are added to, and what the waiter gets."""

    key: Key
    call: str
    """What returns empty when the server refuses, such as `reqContractDetails`; empty for what raises."""
    future: asyncio.Future[Any]
    contract: Contract | None = None
    results: Any = field(default_factory=list)
    waiters: int = 0


class Requests:
    """The requests under way, by key."""

    def __init__(self, new_future: Callable[[], asyncio.Future[Any]]) -> None:
        """`new_future` makes a future on the loop that waits."""
        self._new_future = new_future
        self._open: dict[Key, Request] = {}
        self.late: Counter[str] = Counter()
        """Answers to requests that nobody waits for any more, by message name."""

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def all(self) -> list[Request]:
        """Return the requests under way, oldest first."""
        return list(self._open.values())

    def get(self, key: Key) -> Request | None:
        """The request under way with this key, if there is one."""
        return self._open.get(key)

    def oldest(self, *keys: Key) -> Request | None:
        """Of the requests under way with these keys, the one that was sent first: so they are answered."""
        return next((request for key, request in self._open.items() if key in keys), None)

    def keyed_by(self, kind: type) -> list[Key]:
        """The keys of the requests of one class that have no reqId."""
        return [key for key in self._open if key is kind or (isinstance(key, tuple) and key[0] is kind)]

    def __len__(self) -> int:
        return len(self._open)

    def start(self, key: Key, call: str, contract: Contract | None = None, results: Any = None) -> tuple[Request, bool]:
        """Begin a request. Returns it, and whether it is new: one without reqId may be under way already."""
        found = self._open.get(key)
        if found is not None:
            return found, False
        request = Request(key, call, self._new_future(), contract, [] if results is None else results)
        self._open[key] = request
        return request, True

    async def wait(self, request: Request) -> Any:
        """Wait for the answer. When the last one who waits is cancelled, the request is forgotten."""
        request.waiters += 1
        try:
            return await asyncio.shield(request.future)
        finally:
            request.waiters -= 1
            if not request.waiters:
                self.drop(request)

    def drop(self, request: Request) -> None:
        """Nobody waits for the answer any more."""
        request.future.cancel()
        if self._open.get(request.key) is request:
            del self._open[request.key]

    def add(self, key: Key, result: Any, message: str) -> bool:
        """Add an answer. False, and counted as late, when nobody waits for it."""
        request = self._open.get(key)
        if request is None:
            self.late[message] += 1
            return False
        request.results.append(result)
        return True

    def finish(self, key: Key, result: Any = None) -> None:
        """The answer is complete: give the waiter `result`, or what was added."""
        request = self._open.pop(key, None)
        if request is not None and not request.future.done():
            request.future.set_result(request.results if result is None else result)

    def fail(self, key: Key | None, error: Exception) -> None:
        """The answer is an error: give it to the waiter."""
        request = self._open.pop(key, None) if key is not None else None
        if request is not None and not request.future.done():
            request.future.set_exception(error)

    def lose(self, error: ConnectionError) -> None:
        """The connection is lost: end every wait."""
        for key in list(self._open):
            request = self._open.pop(key)
            if not request.future.done():
                request.future.set_exception(error)
                request.future.exception()  # seen: a caller that has gone away leaves no complaint behind
