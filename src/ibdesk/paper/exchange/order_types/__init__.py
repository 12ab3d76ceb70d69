"""The table of order types: every type that the exchange trades, each with the object that says how it behaves.

A family of types is a module of this package. What a type may say of itself is `..working.OrderType`.

Source: TWS API documentation, "Order Types"; what the paper gateway refuses, as seen in 2026.
"""

from ..products import EXCHANGE_TRADED, STOCKS
from ..working import OrderType
from .limit import Limit
from .market import Market
from .on_close import OnClose
from .snap import SnapToMarket, SnapToMidpoint, SnapToPrimary
from .stop import Stop
from .touched import Touched
from .trailing import Trailing

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
        OnClose("MOC", "MOC", products=STOCKS),
        OnClose("LOC", "LOC", limited=True, products=STOCKS),
        SnapToMidpoint("SNAP MID", "SNAPMID", limited=True, products=EXCHANGE_TRADED),
        SnapToMarket("SNAP MKT", "SNAPMKT", limited=True, products=EXCHANGE_TRADED),
        SnapToPrimary("SNAP PRIM", "SNAPREL", limited=True, products=EXCHANGE_TRADED),
    )
}

UNTRADED = frozenset(
    {
        "AUC",
        "BOX TOP",
        "MIDPRICE",
        "MKT PRT",
        "MTL",
        "PASSV REL",
        "PEG BENCH",
        "PEG BEST",
        "PEG MID",
        "PEG MKT",
        "PEG PRIM",
        "PEG STK",
        "REL",
        "REL + LMT",
        "REL + MKT",
        "STP PRT",
        "TRAIL LIT",
        "TRAIL LMT + MKT",
        "TRAIL MIT",
        "TRAIL REL + MKT",
        "VOL",
    }
)
"""IBKR knows these; this exchange does not trade them and answers as the paper gateway does for several of them."""
