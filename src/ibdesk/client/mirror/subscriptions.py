"""Decides when a subscription that several callers share begins and ends; it must not know what it brings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class _Shared(Generic[V]):
    reqId: int
    value: V
    followers: int = 1


class Subscriptions(Generic[K, V]):
    """Subscriptions of one kind, each with the value that it keeps up to date. Who asks again shares the first one."""

    def __init__(self) -> None:
        self._open: dict[K, _Shared[V]] = {}

    def __iter__(self) -> Iterator[V]:
        return iter([shared.value for shared in self._open.values()])

    def join(self, key: K) -> V | None:
        """Follow what is subscribed already. None when it is not, and then `begin` is to be called."""
        shared = self._open.get(key)
        if shared is None:
            return None
        shared.followers += 1
        return shared.value

    def begin(self, key: K, reqId: int, value: V) -> V:
        """A subscription was asked for."""
        self._open[key] = _Shared(reqId, value)
        return value

    def leave(self, key: K) -> int | None:
        """Follow no more. Returns the reqId to cancel when nobody else does. Raises KeyError for what is not there."""
        shared = self._open[key]
        shared.followers -= 1
        if shared.followers:
            return None
        del self._open[key]
        return shared.reqId

    def at(self, reqId: int) -> V | None:
        """The value of the subscription with this id."""
        return next((shared.value for shared in self._open.values() if shared.reqId == reqId), None)

    def end(self, reqId: int) -> None:
        """The server ended a subscription, or refused it."""
        self._open = {key: shared for key, shared in self._open.items() if shared.reqId != reqId}
