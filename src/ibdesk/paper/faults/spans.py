"""Which faults came, and which of them go on now."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from .kinds import Fault


@dataclass(slots=True)
class Occurrence:
    """A fault that came.

    `number` is its place in the scenario, from 0 on, and `moment` (in UTC) when it began. `hits` counts what it hit:
    connections, messages or requests.
    """

    number: int
    fault: Fault
    moment: datetime
    hits: int = 0

    @property
    def kind(self) -> str:
        """The kind of the fault."""
        return self.fault.kind


@dataclass(eq=False, slots=True)
class Span:
    """A fault that goes on. `client` is the only client that it is about; None for all. `random` is its own chance."""

    fault: Any
    client: int | None
    random: Random
    occurrence: Occurrence

    def hit(self) -> None:
        """Count something that the fault has hit."""
        self.occurrence.hits += 1

    def concerns(self, name: str) -> bool:
        """Return whether a message of this name is hit, which may be left to chance."""
        fault = self.fault
        return fault.message in (None, name) and (fault.share >= 1 or self.random.random() < fault.share)


class Spans:
    """The faults that go on now."""

    def __init__(self) -> None:
        self._active: dict[type[Fault], list[Span]] = {}

    def __bool__(self) -> bool:
        return bool(self._active)

    def begin(self, span: Span) -> None:
        """Let a fault go on."""
        self._active.setdefault(type(span.fault), []).append(span)

    def end(self, span: Span) -> None:
        """Let a fault go on no more."""
        active = self._active[type(span.fault)]
        active.remove(span)
        if not active:
            del self._active[type(span.fault)]

    def of(self, kind: type[Fault], client_id: int | None, direction: str) -> list[Span]:
        """Return the faults of a kind that hit a client in a direction."""
        active = self._active.get(kind)
        if not active:
            return []
        return [
            span
            for span in active
            if (span.client is None or span.client == client_id)
            and getattr(span.fault, "direction", direction) in ("both", direction)
        ]
