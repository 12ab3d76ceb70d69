"""The Interactive Brokers API for Python, with the broker in the box.

This module holds the public names and nothing else. They are those of ib_async, so that a program moves over by
changing its import. `ibdesk.paper` is the paper gateway.
"""

from typing import TYPE_CHECKING

from ibdesk.client.client import Client
from ibdesk.client.dropin.wrapper import Wrapper
from ibdesk.client.ib import IB, StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.reconnection import RESETS, QuietHours, Reconnect, ReconnectAttempt, ReconnectReport
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.display_groups import (
    DisplayGroup,
)
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.state.trade import Trade, TradeLogEntry
from ibdesk.errors import (
    DecodeError,
    EncodeError,
    IBDeskError,
    JournalError,
    ProtocolError,
    RequestError,
    RequestTimeout,
)
from ibdesk.events import Event
from ibdesk.extras import compat, util
from ibdesk.model.accounts import AccountValue, PnL, PnLSingle, PortfolioItem, Position, PositionMulti
from ibdesk.model.bars import (
    BarData,
    HistogramData,
    HistoricalSchedule,
    HistoricalSession,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    RealTimeBar,
)
from ibdesk.model.components import SoftDollarTier
from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    OrderCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
)
from ibdesk.model.config import (
    ApiConfig,
    ApiPrecautionsConfig,
    ApiSettingsConfig,
    Config,
    ConfigUpdate,
    LockAndExitConfig,
    MessageConfig,
    OrdersConfig,
    OrdersSmartRoutingConfig,
    UpdateConfigWarning,
)
from ibdesk.model.contract import (
    CFD,
    Bag,
    Bond,
    ComboLeg,
    Commodity,
    ContFuture,
    Contract,
    Crypto,
    DeltaNeutralContract,
    Forex,
    Future,
    FuturesOption,
    Index,
    MutualFund,
    Option,
    Stock,
    TagValue,
    Warrant,
)
from ibdesk.model.contract_details import ContractDescription, ContractDetails, ScanData
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter, Fill
from ibdesk.model.health import Farm, Health
from ibdesk.model.order import (
    BracketOrder,
    LimitOrder,
    MarketOrder,
    Order,
    OrderCancel,
    OrderComboLeg,
    OrderState,
    OrderStateNumeric,
    OrderStatus,
    StopLimitOrder,
    StopOrder,
)
from ibdesk.model.quotes import (
    Dividends,
    DOMLevel,
    FundamentalRatios,
    IBDefaults,
    MktDepthData,
    OptionComputation,
    TickAttrib,
    TickAttribBidAsk,
    TickAttribLast,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
    TickData,
)
from ibdesk.model.reference import (
    ConnectionStats,
    DepthMktDataDescription,
    FamilyCode,
    HistoricalNews,
    NewsArticle,
    NewsBulletin,
    NewsProvider,
    NewsTick,
    OptionChain,
    PriceIncrement,
    ScannerSubscription,
    SmartComponent,
    WshEventData,
)
from ibdesk.model.startup import StartupPart, StartupReport
from ibdesk.version import __version__, __version_info__

if TYPE_CHECKING:
    # Imported at run time when a program first asks for them: few programs do, and some take long to import.
    from ibdesk import connection as connection
    from ibdesk import contract as contract
    from ibdesk import decoder as decoder
    from ibdesk import flexreport as flexreport
    from ibdesk import ib as ib
    from ibdesk import ibcontroller as ibcontroller
    from ibdesk import objects as objects
    from ibdesk import order as order
    from ibdesk import ticker as ticker
    from ibdesk import version as version
    from ibdesk import wrapper as wrapper
    from ibdesk.client.dropin.callbacks import EWrapper
    from ibdesk.extras.flexreport import FlexError, FlexReport
    from ibdesk.extras.ibcontroller import IBC, Watchdog

compat.complete(__name__)

__all__ = [
    "CFD",
    "IB",
    "IBC",
    "RESETS",
    "AccountValue",
    "ApiConfig",
    "ApiPrecautionsConfig",
    "ApiSettingsConfig",
    "Bag",
    "BarData",
    "BarDataList",
    "Bond",
    "BracketOrder",
    "Client",
    "ComboLeg",
    "CommissionReport",
    "Commodity",
    "Config",
    "ConfigUpdate",
    "ConnectionStats",
    "ContFuture",
    "Contract",
    "ContractDescription",
    "ContractDetails",
    "Crypto",
    "DOMLevel",
    "DecodeError",
    "DeltaNeutralContract",
    "DepthMktDataDescription",
    "Difference",
    "DisplayGroup",
    "Dividends",
    "EWrapper",
    "EncodeError",
    "Event",
    "Execution",
    "ExecutionCondition",
    "ExecutionFilter",
    "FamilyCode",
    "Farm",
    "Fill",
    "FlexError",
    "FlexReport",
    "Forex",
    "FundamentalRatios",
    "Future",
    "FuturesOption",
    "Health",
    "HistogramData",
    "HistoricalNews",
    "HistoricalSchedule",
    "HistoricalSession",
    "HistoricalTick",
    "HistoricalTickBidAsk",
    "HistoricalTickLast",
    "IBDefaults",
    "IBDeskError",
    "Index",
    "JournalError",
    "LimitOrder",
    "LockAndExitConfig",
    "MarginCondition",
    "MarketOrder",
    "MessageConfig",
    "MktDepthData",
    "MutualFund",
    "NewsArticle",
    "NewsBulletin",
    "NewsProvider",
    "NewsTick",
    "Option",
    "OptionChain",
    "OptionComputation",
    "Order",
    "OrderCancel",
    "OrderComboLeg",
    "OrderCondition",
    "OrderState",
    "OrderStateNumeric",
    "OrderStatus",
    "OrdersConfig",
    "OrdersSmartRoutingConfig",
    "PercentChangeCondition",
    "PnL",
    "PnLSingle",
    "PortfolioItem",
    "Position",
    "PositionMulti",
    "PriceCondition",
    "PriceIncrement",
    "ProtocolError",
    "QuietHours",
    "RealTimeBar",
    "RealTimeBarList",
    "Reconnect",
    "ReconnectAttempt",
    "ReconnectReport",
    "RequestError",
    "RequestTimeout",
    "ScanData",
    "ScanDataList",
    "ScannerSubscription",
    "SmartComponent",
    "SoftDollarTier",
    "StartupFetch",
    "StartupFetchALL",
    "StartupFetchNONE",
    "StartupPart",
    "StartupReport",
    "Stock",
    "StopLimitOrder",
    "StopOrder",
    "TagValue",
    "TickAttrib",
    "TickAttribBidAsk",
    "TickAttribLast",
    "TickByTickAllLast",
    "TickByTickBidAsk",
    "TickByTickMidPoint",
    "TickData",
    "Ticker",
    "TimeCondition",
    "Trade",
    "TradeLogEntry",
    "UpdateConfigWarning",
    "VolumeCondition",
    "Warrant",
    "Watchdog",
    "Wrapper",
    "WshEventData",
    "__version__",
    "__version_info__",
    "util",
]
