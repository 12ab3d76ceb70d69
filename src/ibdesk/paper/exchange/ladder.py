"""The components of a scale order: a size at each of a row of prices, of which one is at the market at a time.

The first is at `start` and of the size `first`, each following one further from the market by `increment` (negative for
purchases) and of the size `size`, until the order is used up. The one at the market is the first that is not filled. A
component that is given back after its profit was taken is at the market again, before those further away.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from ..decimals import ZERO


@dataclass
class Ladder:
    """How far a scale order has got.

    `waiting` is what is not at the market: in components that have not begun, and in those of `begun` that are there no
    longer, or not yet. `working` is what is left of the component at the market, the number `level`. `lent` is what
    profit takers may give back.
    """

    start: Decimal
    increment: Decimal
    first: Decimal
    size: Decimal
    waiting: Decimal
    profit: Decimal | None = None
    restores: bool = False
    level: int = 0
    working: Decimal = ZERO
    lent: Decimal = ZERO
    begun: dict[int, Decimal] = field(default_factory=dict)
    _sizes: dict[int, Decimal] = field(default_factory=dict)
    _next: int = 0

    def __post_init__(self) -> None:
        self._go_on()

    @property
    def price(self) -> Decimal:
        """The price of the component at the market."""
        return self.start + self.level * self.increment

    def take(self, size: Decimal) -> Decimal | None:
        """Take a fill. Return the size of the component if this was its last one."""
        self.working -= size
        if self.working:
            return None
        complete = self._sizes.pop(self.level)
        self._go_on()
        return complete

    def give_back(self, level: int, size: Decimal) -> None:
        """Restore a component, in whole or in part: it goes to the market, or waits for one that is nearer."""
        self.begun[level] = self.begun.get(level, ZERO) + size
        self._sizes[level] = self._sizes.get(level, ZERO) + size
        self.waiting += size
        if self.working:
            self.begun[self.level] = self.begun.get(self.level, ZERO) + self.working
            self.waiting += self.working
        self._go_on()

    def _go_on(self) -> None:
        """Put the first component that is not filled at the market."""
        self.working = ZERO
        if not self.waiting:
            return
        if not self.begun:
            left = min(self.size if self._next else self.first, self.waiting)
            self.begun[self._next] = self._sizes[self._next] = left
            self._next += 1
        self.level = min(self.begun)
        self.working = self.begun.pop(self.level)
        self.waiting -= self.working
