"""The exchange of the paper gateway: orders, quotes and the time go in, what became of the orders comes out.

It is pure: it has no clock and no randomness of its own, so that the same calls always give the same facts.
"""

from .exchange import Exchange
from .executions import DAYS_KEPT
from .facts import CompletedOrder, Executed, Fact, OrderEchoed, OrderError, OrderKey, StatusChanged
from .fitness import misfit
from .hours import ALWAYS_OPEN, HoursOf, TradingHours, always_open
from .offers import offered
from .order_index import HIGHEST_PERM_ID
from .order_types import FOLLOWING, reference_of
from .price_steps import Steps
from .quotes import Quote
from .references import Worth
from .risk import MarginPreview, Risk
from .settlements import NOT_CARRIED_OUT, Cause, Instruction, Leg, Settlement
from .validation import CONTRACT_EXPIRED

__all__ = [
    "ALWAYS_OPEN",
    "CONTRACT_EXPIRED",
    "DAYS_KEPT",
    "FOLLOWING",
    "HIGHEST_PERM_ID",
    "NOT_CARRIED_OUT",
    "Cause",
    "CompletedOrder",
    "Exchange",
    "Executed",
    "Fact",
    "HoursOf",
    "Instruction",
    "Leg",
    "MarginPreview",
    "OrderEchoed",
    "OrderError",
    "OrderKey",
    "Quote",
    "Risk",
    "Settlement",
    "StatusChanged",
    "Steps",
    "TradingHours",
    "Worth",
    "always_open",
    "misfit",
    "offered",
    "reference_of",
]
