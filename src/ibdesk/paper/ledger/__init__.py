"""The books of an account: what it holds, what that is worth, and what its trades cost and earn."""

from .holdings import Holding
from .ledger import Ledger, Preview, Totals
from .values import account_summary, account_values

__all__ = ["Holding", "Ledger", "Preview", "Totals", "account_summary", "account_values"]
