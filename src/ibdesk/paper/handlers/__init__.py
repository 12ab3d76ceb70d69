"""The handlers of the gateway, grouped by domain: they answer requests and keep what clients have subscribed to."""

from .accounts import AccountHandlers
from .advisors import AdvisorHandlers
from .contracts import ContractHandlers
from .depth import DepthHandlers
from .display_groups import DisplayGroupHandlers
from .fundamentals import FundamentalsHandlers
from .group import Concerns, Handler, HandlerGroup
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

GROUPS: tuple[type[HandlerGroup], ...] = (
    QuoteHandlers,
    HistoryHandlers,
    RealTimeBarHandlers,
    TickHandlers,
    DepthHandlers,
    PnLHandlers,
    ScannerHandlers,
    NewsHandlers,
    DisplayGroupHandlers,
    ContractHandlers,
    OptionHandlers,
    ReferenceHandlers,
    FundamentalsHandlers,
    AdvisorHandlers,
    PastDataHandlers,
)
"""The groups that need the broker alone, in the order in which they tell what has changed."""

__all__ = ["GROUPS", "AccountHandlers", "Concerns", "Handler", "HandlerGroup", "OrderHandlers", "SettingsHandlers"]
