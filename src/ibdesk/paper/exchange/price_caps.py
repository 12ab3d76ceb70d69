"""Limits that are too far through the market: IBKR does not send such orders to an exchange, and cancels them.

Orders that are post-only are cancelled where they would be filled at once.

Stock orders may be 10 % beyond the best price of the other side, option orders 20 %, and all orders two spreads. For
other products IBKR tells no number; those here are our guess.

Sources: IBKR knowledge base, "Order price relative to the market"; TWS API documentation, "Considerations for Automated
Systems", which has the text; IBKR's customer service on its "Reference Price Filter", as quoted by customers.
"""

from decimal import Decimal

from ..decimals import ZERO, exact
from .products import FOREX, FUTURE, OPTION, STOCK
from .quotes import Prices
from .working import WorkingOrder

MOST = {STOCK: exact(0.10), OPTION: exact(0.20), FUTURE: exact(0.10), FOREX: exact(0.10)}
"""How far a limit may be beyond the best price of the other side, as a part of that."""

SPREADS = 2


POST_ONLY = "The order is post-only, and would have been filled at once"
"""Our guess of what is told then."""


def through_the_market(entry: WorkingOrder, prices: Prices) -> str:
    """Return why an order is cancelled whose limit is too far through the market, in IBKR's words; "" when it is not.

    Where only one side is quoted, nothing tells the market.
    """
    if entry.order.postOnly and _would_take(entry, prices):
        return POST_ONLY
    if not entry.kind.takes_field("lmtPrice") or prices.ask is None or prices.bid is None:
        return ""
    market = prices.ask if entry.buys else prices.bid
    beyond = entry.limit - market if entry.buys else market - entry.limit
    allowed: Decimal = max(market * MOST.get(entry.contract.secType, ZERO), SPREADS * (prices.ask - prices.bid))
    if beyond <= allowed:
        return ""
    return (
        "In accordance with our regulatory obligations as a broker, we cannot accept your order at the limit price "
        f"{entry.limit} you selected because it is too far through the market. Please submit your order using a limit "
        f"price that is closer to the current market price {market}."
    )


def _would_take(entry: WorkingOrder, prices: Prices) -> bool:
    best = prices.ask if entry.buys else prices.bid
    return best is not None and (entry.limit >= best if entry.buys else entry.limit <= best)
