"""If-touched orders: a price that comes near wakes the order, as a market order or as a limit order."""

from .stop import Stop


class Touched(Stop):
    """An order that waits like a stop order, but for the price to come from the other side."""

    def rising(self, buys: bool) -> bool:
        """Return whether a rising price wakes the order: for sales."""
        return not buys
