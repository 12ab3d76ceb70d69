"""The handlers of the gateway, grouped by domain: they answer requests and keep what clients have subscribed to."""

from .accounts import AccountHandlers
from .advisors import AdvisorHandlers
from .contracts import ContractHandlers
from .depth import DepthHandlers
from .display_groups import DisplayGroupHandlers
from .fundamentals import FundamentalsHandlers
from .history import HistoryHandlers
from .news import NewsHandlers
from .options import OptionHandlers
from .orders import OrderHandlers
from .past_data import PastDataHandlers
from .pnl import PnLHandlers
from .quotes import QuoteHandlers
from .real_time_bars import RealTimeBarHandlers
from .reference import ReferenceHandlers
from .scanner import ScannerHandlers
from .settings import SettingsHandlers
from .tick_data import TickHandlers

__all__ = [
    "AccountHandlers",
    "AdvisorHandlers",
    "ContractHandlers",
    "DepthHandlers",
    "DisplayGroupHandlers",
    "FundamentalsHandlers",
    "HistoryHandlers",
    "NewsHandlers",
    "OptionHandlers",
    "OrderHandlers",
    "PastDataHandlers",
    "PnLHandlers",
    "QuoteHandlers",
    "RealTimeBarHandlers",
    "ReferenceHandlers",
    "ScannerHandlers",
    "SettingsHandlers",
    "TickHandlers",
]
