"""What an order is told of another instrument from whose price it takes its own: an underlying, or a benchmark."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from .quotes import Prices


class Worth(NamedTuple):
    """What an option model says: the price, and the `delta`, how far it moves with one unit of the underlying."""

    price: float
    delta: float


OptionModel = Callable[[int, float, float, datetime], Worth]
"""What values an option, by conId, at a yearly volatility (0.2 is 20 %), a price of the underlying and a moment."""


def no_model(con_id: int, volatility: float, under_price: float, when: datetime) -> Worth:
    """Refuse to value an option: an exchange without a model is not asked.

    Raises ValueError.
    """
    raise ValueError("the exchange was given no option model")


class Reference(NamedTuple):
    """The instrument from whose price an order takes its own, as it stood at the moment `at`."""

    con_id: int
    prices: Prices
    at: datetime
    model: OptionModel

    @property
    def middle(self) -> Decimal | None:
        """The middle of bid and ask; the last price of what has neither, such as an index."""
        middle = self.prices.middle
        return self.prices.last if middle is None else middle
