"""The outcome of one call of the exchange, while it is collected."""

from dataclasses import dataclass, field
from datetime import datetime

from .facts import Fact, OrderError, OrderKey
from .working import WorkingOrder


@dataclass
class Outcome:
    """One call of the exchange: its moment, and what has to be reported so far."""

    now: datetime
    facts: list[Fact] = field(default_factory=list)

    def tell(self, entry: WorkingOrder) -> None:
        """Report an order and its status, as gateways do at every change."""
        self.facts += [entry.echoed(), entry.reported()]

    def error(self, key: OrderKey, code: int, text: str) -> None:
        """Report a refusal, a warning or a notice."""
        self.facts.append(OrderError(key, code, text))
