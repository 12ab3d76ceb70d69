"""The Interactive Brokers API for Python, with the broker in the box: the public names, and nothing else.

They are those of ib_async, so that a program moves over by changing its import. `ibdesk.paper` is the paper gateway.
"""

import sys

from ibdesk.client.client import Client
from ibdesk.client.events import Event
from ibdesk.client.ib import IB, StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.client.mirror.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.client.mirror.ticker import Ticker
from ibdesk.client.mirror.trade import Trade, TradeLogEntry
from ibdesk.errors import DecodeError, EncodeError, IBDeskError, ProtocolError, RequestError, RequestTimeout
from ibdesk.extras import util
from ibdesk.model.accounts import AccountValue, PnL, PnLSingle, PortfolioItem, Position
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
from ibdesk.model.conditions import (
    ExecutionCondition,
    MarginCondition,
    OrderCondition,
    PercentChangeCondition,
    PriceCondition,
    TimeCondition,
    VolumeCondition,
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
from ibdesk.model.contract_details import ContractDescription, ContractDetails
from ibdesk.model.executions import CommissionReport, Execution, ExecutionFilter, Fill
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
from ibdesk.model.quotes import IBDefaults, OptionComputation, TickAttrib, TickAttribBidAsk, TickAttribLast, TickData
from ibdesk.model.reference import SoftDollarTier

__version__ = "0.1.0"
__version_info__ = (0, 1, 0)

# Programs written for ib_async import this module by its path.
sys.modules[f"{__name__}.util"] = util

__all__ = [
    "CFD",
    "IB",
    "AccountValue",
    "Bag",
    "BarData",
    "BarDataList",
    "Bond",
    "BracketOrder",
    "Client",
    "ComboLeg",
    "CommissionReport",
    "Commodity",
    "ContFuture",
    "Contract",
    "ContractDescription",
    "ContractDetails",
    "Crypto",
    "DecodeError",
    "DeltaNeutralContract",
    "EncodeError",
    "Event",
    "Execution",
    "ExecutionCondition",
    "ExecutionFilter",
    "Fill",
    "Forex",
    "Future",
    "FuturesOption",
    "HistogramData",
    "HistoricalSchedule",
    "HistoricalSession",
    "HistoricalTick",
    "HistoricalTickBidAsk",
    "HistoricalTickLast",
    "IBDefaults",
    "IBDeskError",
    "Index",
    "LimitOrder",
    "MarginCondition",
    "MarketOrder",
    "MutualFund",
    "Option",
    "OptionComputation",
    "Order",
    "OrderCancel",
    "OrderComboLeg",
    "OrderCondition",
    "OrderState",
    "OrderStateNumeric",
    "OrderStatus",
    "PercentChangeCondition",
    "PnL",
    "PnLSingle",
    "PortfolioItem",
    "Position",
    "PriceCondition",
    "ProtocolError",
    "RealTimeBar",
    "RealTimeBarList",
    "RequestError",
    "RequestTimeout",
    "ScanDataList",
    "SoftDollarTier",
    "StartupFetch",
    "StartupFetchALL",
    "StartupFetchNONE",
    "Stock",
    "StopLimitOrder",
    "StopOrder",
    "TagValue",
    "TickAttrib",
    "TickAttribBidAsk",
    "TickAttribLast",
    "TickData",
    "Ticker",
    "TimeCondition",
    "Trade",
    "TradeLogEntry",
    "VolumeCondition",
    "Warrant",
    "__version__",
    "__version_info__",
    "util",
]
