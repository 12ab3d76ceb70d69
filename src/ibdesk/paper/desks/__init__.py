"""The desks of the gateway, one a domain: each turns requests into replies and keeps what its clients subscribed to."""

from .accounts import AccountDesk
from .contracts import ContractDesk
from .history import HistoryDesk
from .orders import OrderDesk
from .quotes import QuoteDesk

__all__ = ["AccountDesk", "ContractDesk", "HistoryDesk", "OrderDesk", "QuoteDesk"]
