"""The volatility order: an option order whose limit is the price of the option at a volatility, by the option model.

The limit is shown, as the price that TWS has reckoned. What has been filled may be hedged at once, by an order for the
underlying that the exchange makes: as much of that as the delta of the option model says.

Sources: TWS User's Guide, "Volatility Order Ticket" and "Dynamic Management for Volatility Orders"; TWS API
documentation, "Order" class reference and "Message Codes". Our guess is that volatility is annual and the price of the
underlying the average where the order does not say; that a year has 252 days of a daily volatility; that the limit is
rounded in favor of the order; that each execution is hedged by itself, in whole shares.
"""

from collections.abc import Container, Iterable
from decimal import Decimal
from math import sqrt
from typing import ClassVar

from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order

from ...decimals import exact
from ...refusals import Refusal, Unsupported
from ..order_fields import counted, given
from ..price_steps import in_favor
from ..products import STOCK
from ..quotes import Prices
from ..references import Reference, Worth
from ..stock_range import STOCK_RANGE, check_range, is_outside
from ..working import Attached, WorkingOrder
from .moving_limit import MovingLimit

DAILY, ANNUAL = 1, 2
AVERAGE, BID_OR_ASK = 1, 2
_DAYS_A_YEAR = 252
_DIGITS = 6
_NO_HEDGE = ("", "None")


class Volatility(MovingLimit):
    """An order that takes its limit from a volatility in percent and from the price of the underlying.

    With `continuousUpdate` the limit goes along with the underlying; otherwise the order keeps the one that it takes
    when it first goes to the market.
    """

    takes: ClassVar[frozenset[str]] = STOCK_RANGE | {
        "volatility",
        "volatilityType",
        "continuousUpdate",
        "referencePriceType",
        "deltaNeutralOrderType",
        "deltaNeutralAuxPrice",
        "deltaNeutralConId",
    }
    limit_is_named = False
    has_reference = True

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for a volatility, a way to reckon with it or a hedge that is none."""
        if not (given(order.volatility) and order.volatility > 0):
            raise Refusal(371)
        if counted(order.volatilityType) and order.volatilityType not in (DAILY, ANNUAL):
            raise Refusal(367)
        if counted(order.referencePriceType) and order.referencePriceType not in (AVERAGE, BID_OR_ASK):
            raise Refusal(368)
        check_range(order)
        _check_hedge(order)

    def check_reference(self, order: Order, details: ContractDetails, other: ContractDetails | None) -> None:
        """Raise `Refusal` for a hedge in anything but the stock that the option is on."""
        hedged = order.deltaNeutralOrderType not in _NO_HEDGE
        if hedged and (details.underSecType != STOCK or order.deltaNeutralConId not in (0, details.underConId)):
            raise Refusal(10010)

    def complete(self, order: Order) -> None:
        """Show how the order is reckoned where it does not say."""
        order.volatilityType = order.volatilityType or ANNUAL
        order.referencePriceType = order.referencePriceType or AVERAGE

    def reference(self, order: Order, under_con_id: int) -> int:
        """Return the underlying."""
        return under_con_id

    def out_of_range(self, entry: WorkingOrder) -> bool:
        """Return whether the underlying has left the range."""
        return entry.reference is not None and is_outside(entry.order, _under_price(entry, entry.reference))

    def follows(self, entry: WorkingOrder) -> bool:
        """Return whether the order still waits for its limit."""
        return not entry.triggered

    def wakes(self, entry: WorkingOrder, now: Prices, before: Prices) -> bool:
        """Return whether the underlying gives the order its first limit, or another one that it is to take."""
        return self._takes_limit(entry) and super().wakes(entry, now, before)

    def enter(self, entry: WorkingOrder, prices: Prices) -> None:
        """Take the limit, and show it."""
        if self._takes_limit(entry) and (limit := self.limit_at(entry, prices)) is not None:
            entry.set_limit(limit)

    def _takes_limit(self, entry: WorkingOrder) -> bool:
        return not entry.triggered or bool(entry.order.continuousUpdate)

    def limit_at(self, entry: WorkingOrder, prices: Prices) -> Decimal | None:
        """Return what the option is worth at the volatility, None while the underlying has no price."""
        worth = _worth(entry)
        return worth and in_favor(exact(round(worth.price, _DIGITS)), entry.steps, entry.buys)

    def after_fill(self, entry: WorkingOrder, size: Decimal) -> Iterable[Attached]:
        """Return the hedge of so many options, if the order wants one."""
        order, worth = entry.order, _worth(entry)
        if order.deltaNeutralOrderType in _NO_HEDGE or worth is None:
            return ()
        shares = round(size * exact(float(entry.contract.multiplier)) * exact(round(worth.delta, _DIGITS)))
        if not shares:
            return ()
        hedge = Order(
            action="SELL" if entry.buys == (shares > 0) else "BUY",
            totalQuantity=float(abs(shares)),
            orderType=order.deltaNeutralOrderType,
        )
        if given(order.deltaNeutralAuxPrice):
            hedge.lmtPrice = order.deltaNeutralAuxPrice
        return (Attached(hedge, entry.details.underConId),)


def _under_price(entry: WorkingOrder, reference: Reference) -> Decimal | None:
    """Return the price of the underlying with which an order is reckoned: the average, or that of one side.

    That is the bid for those who buy a call or sell a put, and the ask for the others.
    """
    if entry.order.referencePriceType == BID_OR_ASK:
        rises = entry.buys == entry.contract.right.startswith("C")
        side = reference.prices.bid if rises else reference.prices.ask
        return reference.middle if side is None else side
    return reference.middle


def _worth(entry: WorkingOrder) -> Worth | None:
    reference = entry.reference
    price = _under_price(entry, reference) if reference else None
    if reference is None or price is None:
        return None
    yearly = entry.order.volatility / 100 * (sqrt(_DAYS_A_YEAR) if entry.order.volatilityType == DAILY else 1)
    return reference.model(entry.contract.conId, yearly, float(price), reference.at)


def _check_hedge(order: Order) -> None:
    kind, price = order.deltaNeutralOrderType, order.deltaNeutralAuxPrice
    priced = counted(price)
    if kind == "REL":
        raise Unsupported  # as paper accounts refuse such orders
    if kind not in (*_NO_HEDGE, "MKT", "LMT"):
        raise Refusal(380)
    if kind == "LMT" and not priced:
        raise Refusal(378)
    if kind != "LMT" and priced:
        raise Refusal(379)
    if priced and (price < 0 or round(price, 2) != price):
        raise Refusal(377)
