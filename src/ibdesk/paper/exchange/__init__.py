"""Decides what becomes of orders at the paper gateway, from quotes and the time that it is told; must not know clients,
accounts' books or where prices come from.
"""

from .exchange import Exchange
from .facts import CompletedOrder, Executed, Fact, OrderEchoed, OrderError, OrderKey, StatusChanged
from .fitness import misfit
from .quotes import Quote
from .register import HIGHEST_PERM_ID
from .risk import MarginPreview, Risk
from .sessions import ALWAYS_OPEN, Session, SessionOf, always_open, published_hours

__all__ = [
    "ALWAYS_OPEN",
    "HIGHEST_PERM_ID",
    "CompletedOrder",
    "Exchange",
    "Executed",
    "Fact",
    "MarginPreview",
    "OrderEchoed",
    "OrderError",
    "OrderKey",
    "Quote",
    "Risk",
    "Session",
    "SessionOf",
    "StatusChanged",
    "always_open",
    "misfit",
    "published_hours",
]
