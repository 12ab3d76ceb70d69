"""The table of order types: every type that the exchange trades, each with the object that says how it behaves.

A family of types is a module of this package. What a type may say of itself is `..working.OrderType`.

Sources: TWS API documentation, "Order Types", which also says of REL that paper accounts have none; what IBKR's paper
gateway refuses, as seen in 2026.
"""

from ..products import EXCHANGE_TRADED, FUTURES, OPTIONS, STOCKS
from ..working import OrderType
from .limit import Limit
from .market import Market
from .market_to_limit import MarketToLimit
from .on_close import OnClose
from .pegged import Midprice, PassiveRelative, PeggedToMarket, PeggedToMidpoint, Relative
from .protected import MarketWithProtection, StopWithProtection
from .snap import SnapToMarket, SnapToMidpoint, SnapToPrimary
from .stop import Stop
from .touched import Touched
from .trailing import Trailing, TrailingTouched

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
        Midprice("MIDPRICE", "MIDPX", limited=True, products=STOCKS, live_only=True),
    )
}

UNTRADED = frozenset(
    {
        "AUC",
        "PEG BENCH",
        "PEG BEST",
        "PEG STK",
        "REL + LMT",
        "REL + MKT",
        "TRAIL LMT + MKT",
        "TRAIL REL + MKT",
        "VOL",
    }
)
"""IBKR knows these; this exchange does not trade them and answers as the paper gateway does for several of them."""
