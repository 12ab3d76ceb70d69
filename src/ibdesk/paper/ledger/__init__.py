"""Decides what the accounts of the paper gateway hold and are worth; must not know orders, the market or the clock."""

from .ledger import Ledger, Preview, Totals
from .values import account_summary, account_values

__all__ = ["Ledger", "Preview", "Totals", "account_summary", "account_values"]
