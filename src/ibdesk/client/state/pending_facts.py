"""A store for facts that arrive before what they are about, such as a commission before its execution."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_LIMIT = 1000


class PendingFacts(Generic[K, V]):
    """The newest value of each key. If there are more keys than `limit`, the oldest is forgotten."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._values: dict[K, V] = {}

    def put(self, key: K, value: V) -> None:
        """Keep a value. It replaces an earlier one with the same key."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._limit:
            del self._values[next(iter(self._values))]

    def take(self, key: K) -> V | None:
        """Remove and return the value of a key, None if there is none."""
        return self._values.pop(key, None)

    def __len__(self) -> int:
        return len(self._values)
