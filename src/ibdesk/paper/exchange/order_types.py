"""Decides what kinds of orders there are and which of the order's fields each needs; must not know how they fare.

The table is the whole truth: an order type is a limit or not, waits for a trigger or not, waits for the close or not.

Source: TWS API documentation, "Order Types"; what the paper gateway refuses, as seen in 2026.
"""

from dataclasses import dataclass
from enum import Enum


class Trigger(Enum):
    """What wakes an order."""

    STOP = "the price runs away"
    TOUCH = "the price comes near"
    TRAIL = "the price turns"
    SNAP = "there is a quote, from which the limit is taken"


@dataclass(frozen=True)
class OrderType:
    """One kind of order. `code` is its name in the `orderTypes` of contract details."""

    name: str
    code: str
    limit: bool = False
    trigger: Trigger | None = None
    at_close: bool = False


ORDER_TYPES: dict[str, OrderType] = {
    kind.name: kind
    for kind in (
        OrderType("MKT", "MKT"),
        OrderType("LMT", "LMT", limit=True),
        OrderType("STP", "STP", trigger=Trigger.STOP),
        OrderType("STP LMT", "STPLMT", limit=True, trigger=Trigger.STOP),
        OrderType("TRAIL", "TRAIL", trigger=Trigger.TRAIL),
        OrderType("TRAIL LIMIT", "TRAILLMT", limit=True, trigger=Trigger.TRAIL),
        OrderType("MIT", "MIT", trigger=Trigger.TOUCH),
        OrderType("LIT", "LIT", limit=True, trigger=Trigger.TOUCH),
        OrderType("MOC", "MOC", at_close=True),
        OrderType("LOC", "LOC", limit=True, at_close=True),
        OrderType("SNAP MID", "SNAPMID", limit=True, trigger=Trigger.SNAP),
        OrderType("SNAP MKT", "SNAPMKT", limit=True, trigger=Trigger.SNAP),
        OrderType("SNAP PRIM", "SNAPREL", limit=True, trigger=Trigger.SNAP),
    )
}

REFUSED_TYPES = frozenset(
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

TIFS = frozenset({"DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "GTX"})
"""How long an order may be good."""

IMMEDIATE_TIFS = frozenset({"IOC", "FOK", "OPG"})
"""What is not filled at the first opportunity is cancelled."""

LISTED_TIFS = frozenset({"IOC", "FOK", "GTD", "OPG"})
"""Contract details name these among the order types where they may be used."""

AROUND_THE_CLOCK = frozenset({"FUT", "FOP", "CASH", "CRYPTO", "CMDTY"})
"""Security types that trade outside regular hours without being told to."""
