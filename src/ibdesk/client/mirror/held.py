"""Decides what happens to a fact that comes before the thing it is about: it is kept a while; not what it means."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_LIMIT = 1000


class Held(Generic[K, V]):
    """The newest value of each key, of which the oldest keys are forgotten when there are too many."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._values: dict[K, V] = {}

    def put(self, key: K, value: V) -> None:
        """Keep a value; one that was kept before is forgotten."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._limit:
            del self._values[next(iter(self._values))]

    def take(self, key: K) -> V | None:
        """Give a value away, if there is one."""
        return self._values.pop(key, None)

    def __len__(self) -> int:
        return len(self._values)
