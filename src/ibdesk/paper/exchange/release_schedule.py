"""When the quantity of an algo order is released to the market: in equal parts, at equal distances of time."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ..decimals import ZERO, exact

INTERVAL = timedelta(minutes=1)
"""The shortest time between two releases; our guess."""


@dataclass(frozen=True)
class ReleaseSchedule:
    """The releases of `quantity` from `begins` on, the last one interval before `ends`, each a multiple of `step`.

    There are as many as the step allows, and at most one a minute.
    """

    begins: datetime
    ends: datetime
    quantity: Decimal
    step: Decimal

    @property
    def releases(self) -> int:
        """How many there are."""
        span = self.ends.astimezone(UTC) - self.begins.astimezone(UTC)
        return max(1, min(-(-span // INTERVAL), int(self.quantity // self.step)))

    def released(self, now: datetime) -> Decimal:
        """Return how much has been released until now."""
        count = self.releases
        done = self._count_until(now)
        if done >= count:
            return self.quantity
        return self.quantity * done // count // self.step * self.step if done else ZERO

    def next_after(self, now: datetime) -> datetime | None:
        """Return the moment of the first release after now, in the zone of `begins`; None after the last."""
        done = self._count_until(now)
        return self._moment(done).astimezone(self.begins.tzinfo) if done < self.releases else None

    def _moment(self, index: int) -> datetime:
        begins = self.begins.astimezone(UTC)
        return begins + (self.ends.astimezone(UTC) - begins) * index / self.releases

    def _count_until(self, now: datetime) -> int:
        return bisect_right(range(self.releases), now.astimezone(UTC), key=self._moment)


def whole_step(size_increment: float) -> Decimal:
    """Return the smallest part of an order that is traded, for an instrument with such an increment."""
    return exact(size_increment) if size_increment > 0 else Decimal(1)
