"""Orders of which the client names an amount of money, `cashQty`, instead of a size.

The amount is in the currency of the contract: the second one of a forex pair. The size is what it buys, at the limit
or, for a market order, at the price of the quote; it is rounded down to what can be traded, since fractions of shares
cannot be ordered here. Clients are shown the size beside the amount.

Sources: TWS API documentation, "Forex Orders"; API release notes, 963-02; IBKR's table of message codes. That stocks
are rounded down, and that a size may not be named as well, is our guess.
"""

from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order

from ..decimals import exact
from ..refusals import Refusal
from .order_fields import counted
from .products import FOREX, STOCK
from .quotes import Prices
from .scale import is_scaled

TYPES = frozenset({"MKT", "LMT"})
PRODUCTS = frozenset({STOCK, FOREX})


def named_in_cash(order: Order) -> bool:
    """Return whether an order names an amount of money."""
    return counted(order.cashQty)


def may_be_cash(order: Order, contract: Contract) -> bool:
    """Return whether an order of this type, for this contract, may name an amount of money."""
    return order.orderType in TYPES and contract.secType in PRODUCTS and not (order.hedgeType or is_scaled(order))


def sized(order: Order, details: ContractDetails, prices: Prices) -> Order:
    """Return an order with the size that its amount of money buys. Raises `Refusal` if it has none."""
    if order.totalQuantity or order.cashQty < 0:
        raise refused(order)
    price = exact(order.lmtPrice) if order.orderType == "LMT" else _quoted(order, prices)
    if price is None or price <= 0:
        raise refused(order)
    step = exact((details.sizeIncrement or 0.01) if _is_forex(details) else 1.0)
    steps = (exact(order.cashQty) / price / step).to_integral_value(ROUND_FLOOR)
    return replace(order, totalQuantity=float(steps * step))


def refused(order: Order) -> Refusal:
    """Return the refusal of an amount of money."""
    return Refusal(10244, about=f"cashQty={order.cashQty}")


def _quoted(order: Order, prices: Prices) -> Decimal | None:
    return (prices.ask if order.action == "BUY" else prices.bid) or prices.last


def _is_forex(details: ContractDetails) -> bool:
    return details.contract is not None and details.contract.secType == FOREX
