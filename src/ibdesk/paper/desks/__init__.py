"""The desks of the gateway, one a domain: each turns requests into replies and keeps what its clients subscribed to."""

from .accounts import AccountDesk
from .advisors import AdvisorDesk
from .companies import CompanyDesk
from .contracts import ContractDesk
from .depth import DepthDesk
from .display_groups import DisplayGroupDesk
from .history import HistoryDesk
from .news import NewsDesk
from .options import OptionDesk
from .orders import OrderDesk
from .past_data import PastDataDesk
from .profit import ProfitDesk
from .quotes import QuoteDesk
from .real_time_bars import RealTimeBarDesk
from .reference import ReferenceDesk
from .scanner import ScannerDesk
from .settings import SettingsDesk
from .tick_data import TickDesk

__all__ = [
    "AccountDesk",
    "AdvisorDesk",
    "CompanyDesk",
    "ContractDesk",
    "DepthDesk",
    "DisplayGroupDesk",
    "HistoryDesk",
    "NewsDesk",
    "OptionDesk",
    "OrderDesk",
    "PastDataDesk",
    "ProfitDesk",
    "QuoteDesk",
    "RealTimeBarDesk",
    "ReferenceDesk",
    "ScannerDesk",
    "SettingsDesk",
    "TickDesk",
]
