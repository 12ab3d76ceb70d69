"""The description of the protocol: one class a message, one module a domain; importing it fills the catalogue."""

from . import accounts, connection, contracts, executions, history, market_data, orders

__all__ = ["accounts", "connection", "contracts", "executions", "history", "market_data", "orders"]
