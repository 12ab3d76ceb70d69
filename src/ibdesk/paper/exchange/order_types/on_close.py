"""Orders for the closing auction: market-on-close and limit-on-close."""

from ...refusals import Refusal, Unsupported
from ..hours import TradingHours
from ..working import OrderType


class OnClose(OrderType):
    """An order that the closing auction fills, whole or not at all; it is held until then."""

    at_close = True

    def check_time_in_force(self, tif: str) -> None:
        """Raise `Refusal` unless the order is good for the day."""
        if tif != "DAY":
            raise Refusal(113, "The Tif option should be set to DAY for MOC and LOC orders.")

    def check_hours(self, hours: TradingHours) -> None:
        """Raise `Refusal` where the instrument never closes."""
        if hours.regular_close is None:
            raise Unsupported
