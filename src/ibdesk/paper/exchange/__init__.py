"""Decides what becomes of orders at the paper gateway, from quotes and the time that it is told; must not know clients,
accounts' books or where prices come from.
"""

from .exchange import Exchange
from .facts import CompletedOrder, Executed, Fact, OrderEchoed, OrderError, OrderKey, StatusChanged
from .fitness import misfit
from .hours import ALWAYS_OPEN, HoursOf, TradingHours, always_open
from .order_index import HIGHEST_PERM_ID
from .quotes import Quote
from .risk import MarginPreview, Risk

__all__ = [
    "ALWAYS_OPEN",
    "HIGHEST_PERM_ID",
    "CompletedOrder",
    "Exchange",
    "Executed",
    "Fact",
    "HoursOf",
    "MarginPreview",
    "OrderEchoed",
    "OrderError",
    "OrderKey",
    "Quote",
    "Risk",
    "StatusChanged",
    "TradingHours",
    "always_open",
    "misfit",
]
