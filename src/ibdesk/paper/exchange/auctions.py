"""The auctions with which the regular trading of stocks begins and ends: each order is filled whole, at one price.

Exchanges take orders for an auction, and changes of them, until some minutes before it.

Sources: Nasdaq, "Opening and Closing Crosses"; NYSE, "Opening and Closing Auctions Fact Sheet". The words of a refusal
are our guess.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.model.order import Order

from ..refusals import Refusal
from .hours import TradingHours
from .liquidity import Liquidity
from .working import OrderType, WorkingOrder


class _CutOffs(NamedTuple):
    """How long before an auction an exchange takes the last orders, and the last changes and cancellations."""

    orders: timedelta
    changes: timedelta


def _minutes(orders: int, changes: int) -> _CutOffs:
    return _CutOffs(timedelta(minutes=orders), timedelta(minutes=changes))


_OPENING = {"NASDAQ": _minutes(2, 5)}
_CLOSING = {"NASDAQ": _minutes(5, 10)}
_OTHERS_OPENING, _OTHERS_CLOSING = _minutes(0, 0), _minutes(10, 10)
"""Those of NYSE, for all other exchanges."""


def check_cut_off(order: Order, kind: OrderType, contract: Contract, hours: TradingHours, now: datetime) -> None:
    """Raise `Refusal` if the exchange takes no more such orders for the auction that they are for."""
    if (found := _auction(order, kind, contract, hours)) is None:
        return
    begins, cut_offs = found
    ends = begins - cut_offs.orders
    if now >= ends:
        raise Refusal(
            201,
            f"Order rejected - reason:The exchange takes orders for the auction at {begins:%H:%M} "
            f"until {ends:%H:%M:%S} only.",
        )


def is_locked(entry: WorkingOrder, hours: TradingHours, now: datetime) -> bool:
    """Return whether the exchange lets nobody change or cancel the order any more before its auction."""
    found = _auction(entry.order, entry.kind, entry.contract, hours)
    return found is not None and entry.transmitted and now >= found[0] - found[1].changes


def _auction(
    order: Order, kind: OrderType, contract: Contract, hours: TradingHours
) -> tuple[datetime, _CutOffs] | None:
    """Return when the auction is held that an order is for, and the cut-offs before it; None if it is for none."""
    venue = contract.primaryExchange
    if order.tif == "OPG" and hours.next_regular is not None:
        return hours.next_regular, _OPENING.get(venue, _OTHERS_OPENING)
    if kind.at_close and hours.regular_close is not None:
        return hours.regular_close, _CLOSING.get(venue, _OTHERS_CLOSING)
    return None


def opening_price(liquidity: Liquidity) -> Decimal | None:
    """Return the price of the opening auction, from the first quote of regular trading; None when it has no price.

    It is the first trade, or the middle between bid and ask where the quote comes without one.
    """
    prices = liquidity.prices
    return liquidity.fresh_print or prices.middle or prices.last


def closing_price(liquidity: Liquidity) -> Decimal | None:
    """Return the price of the closing auction, None when the last quote has no price."""
    prices = liquidity.prices
    return prices.last or prices.middle
