"""The table of order types: every type that the exchange trades, each with the object that says how it behaves.

A family of types is a module of this package. What a type may say of itself is `..working.OrderType`.

Sources: TWS API documentation, "Order Types", which also says of REL that paper accounts have none; what IBKR's paper
gateway refuses, as seen in 2026.
"""

from ibdesk.model.order import Order

from ..products import EXCHANGE_TRADED, FUTURES, OPTIONS, STOCKS
from ..working import OrderType
from .limit import Limit
from .market import Market
from .market_to_limit import MarketToLimit
from .on_close import OnClose
from .pegged import Midprice, PassiveRelative, PeggedToMarket, PeggedToMidpoint, Relative
from .pegged_to_another import PeggedToBenchmark, PeggedToStock
from .protected import MarketWithProtection, StopWithProtection
from .snap import SnapToMarket, SnapToMidpoint, SnapToPrimary
from .stop import Stop
from .touched import Touched
from .trailing import Trailing, TrailingTouched
from .volatility import Volatility

ORDER_TYPES: dict[str, OrderType] = {
    order_type.name: order_type
    for order_type in (
        Market("MKT", "MKT"),
        Limit("LMT", "LMT", limited=True),
        Stop("STP", "STP"),
        Stop("STP LMT", "STPLMT", limited=True),
        Touched("MIT", "MIT"),
        Touched("LIT", "LIT", limited=True),
        Trailing("TRAIL", "TRAIL"),
        Trailing("TRAIL LIMIT", "TRAILLMT", limited=True),
        TrailingTouched("TRAIL MIT", "TRAILMIT"),
        TrailingTouched("TRAIL LIT", "TRAILLIT", limited=True),
        OnClose("MOC", "MOC", products=STOCKS),
        OnClose("LOC", "LOC", limited=True, products=STOCKS),
        SnapToMidpoint("SNAP MID", "SNAPMID", limited=True, products=EXCHANGE_TRADED),
        SnapToMarket("SNAP MKT", "SNAPMKT", limited=True, products=EXCHANGE_TRADED),
        SnapToPrimary("SNAP PRIM", "SNAPREL", limited=True, products=EXCHANGE_TRADED),
        MarketToLimit("MTL", "MTL", limited=True, products=EXCHANGE_TRADED),
        MarketToLimit("BOX TOP", "BOXTOP", limited=True, products=OPTIONS),
        MarketWithProtection("MKT PRT", "MKTPROT", limited=True, products=FUTURES, live_only=True),
        StopWithProtection("STP PRT", "STPPROT", limited=True, products=FUTURES, live_only=True),
        Relative("REL", "REL", limited=True, products=EXCHANGE_TRADED, live_only=True),
        Relative("PEG PRIM", "PEGPRI", limited=True, products=STOCKS, live_only=True),
        PassiveRelative("PASSV REL", "PASSVREL", limited=True, products=STOCKS),
        PeggedToMarket("PEG MKT", "PEGMKT", limited=True, products=STOCKS, live_only=True),
        PeggedToMidpoint("PEG MID", "PEGMID", limited=True, products=STOCKS, live_only=True),
        PeggedToStock("PEG STK", "RELSTK", limited=True, products=OPTIONS),
        Volatility("VOL", "VOLAT", limited=True, products=OPTIONS),
        PeggedToBenchmark("PEG BENCH", "PEGBENCH", limited=True, products=STOCKS | FUTURES),
        Midprice("MIDPRICE", "MIDPX", limited=True, products=STOCKS, live_only=True),
    )
}

UNTRADED = frozenset(
    {
        "AUC",
        "PEG BEST",
        "REL + LMT",
        "REL + MKT",
        "TRAIL LMT + MKT",
        "TRAIL REL + MKT",
    }
)
"""IBKR knows these; this exchange does not trade them and answers as the paper gateway does for several of them."""


FOLLOWING = frozenset(name for name, kind in ORDER_TYPES.items() if kind.has_reference)
"""The types whose orders follow the price of another instrument."""


def reference_of(order: Order, under_con_id: int) -> int:
    """Return the conId of the instrument that an order of one of the types `FOLLOWING` follows, 0 if there is none.

    `under_con_id` is the underlying of its contract.
    """
    return ORDER_TYPES[order.orderType].reference(order, under_con_id)
