"""What type checkers make of ibdesk's modules of ib_async's names: nothing here runs, mypy and pyright must agree.

Pyright is strict here. Names that are wrong, and must be errors, stand in `public_api.py`.
"""

# pyright: strict

from typing import assert_type

import ibdesk
import ibdesk.client
import ibdesk.connection
import ibdesk.contract
import ibdesk.decoder
import ibdesk.flexreport
import ibdesk.ib
import ibdesk.ibcontroller
import ibdesk.objects
import ibdesk.order
import ibdesk.ticker
import ibdesk.util
import ibdesk.version
import ibdesk.wrapper
from ibdesk import IB, Event, order, util
from ibdesk.client import Client
from ibdesk.connection import Connection
from ibdesk.contract import (
    CFD,
    Bag,
    Bond,
    ComboLeg,
    Commodity,
    ContFuture,
    Contract,
    ContractDescription,
    ContractDetails,
    Crypto,
    DeltaNeutralContract,
    Forex,
    Future,
    FuturesOption,
    Index,
    MutualFund,
    Option,
    ScanData,
    Stock,
    TagValue,
    TradingSession,
    Warrant,
)
from ibdesk.decoder import Decoder
from ibdesk.flexreport import FLEXREPORT_URL, FlexError, FlexReport
from ibdesk.ib import IB as SameIB
from ibdesk.ib import StartupFetch, StartupFetchALL, StartupFetchNONE
from ibdesk.ibcontroller import IBC, Watchdog
from ibdesk.objects import (
    AccountValue,
    BarData,
    BarDataList,
    CommissionReport,
    ConnectionStats,
    DepthMktDataDescription,
    Dividends,
    DOMLevel,
    DynamicObject,
    EfpData,
    Execution,
    ExecutionFilter,
    FamilyCode,
    Fill,
    FundamentalRatios,
    HistogramData,
    HistoricalNews,
    HistoricalSchedule,
    HistoricalSession,
    HistoricalTick,
    HistoricalTickBidAsk,
    HistoricalTickLast,
    IBDefaults,
    MktDepthData,
    NewsArticle,
    NewsBulletin,
    NewsProvider,
    NewsTick,
    OptionChain,
    OptionComputation,
    PnL,
    PnLSingle,
    PortfolioItem,
    Position,
    PriceIncrement,
    RealTimeBar,
    RealTimeBarList,
    ScanDataList,
    ScannerSubscription,
    SmartComponent,
    SoftDollarTier,
    TickAttrib,
    TickAttribBidAsk,
    TickAttribLast,
    TickByTickAllLast,
    TickByTickBidAsk,
    TickByTickMidPoint,
    TickData,
    TradeLogEntry,
    WshEventData,
)
from ibdesk.order import (
    BracketOrder,
    ExecutionCondition,
    LimitOrder,
    MarginCondition,
    MarketOrder,
    Order,
    OrderComboLeg,
    OrderCondition,
    OrderState,
    OrderStateNumeric,
    OrderStatus,
    PercentChangeCondition,
    PriceCondition,
    StopLimitOrder,
    StopOrder,
    TimeCondition,
    Trade,
    VolumeCondition,
)
from ibdesk.ticker import (
    Bar,
    BarList,
    Midpoints,
    TickBars,
    Ticker,
    TickerUpdateEvent,
    Tickfilter,
    TimeBars,
    VolumeBars,
)
from ibdesk.util import UNSET_DOUBLE, dataclassAsDict, df, logToConsole, startLoop
from ibdesk.version import __version__, __version_info__
from ibdesk.wrapper import RequestError, Wrapper

# --- the same classes by each name ------------------------------------------------------------------------------------

INSTRUMENTS: list[type[Contract]] = [
    *(CFD, Bag, Bond, Commodity, ContFuture, Crypto, Forex, Future, FuturesOption, Index, MutualFund, Option, Stock),
    Warrant,
]
CONDITIONS: list[type[OrderCondition]] = [
    *(ExecutionCondition, MarginCondition, PercentChangeCondition, PriceCondition, TimeCondition, VolumeCondition),
]
ORDERS: list[type[Order]] = [LimitOrder, MarketOrder, StopLimitOrder, StopOrder]
OTHERS: list[type] = [
    *(AccountValue, Bar, BarData, BarDataList, BarList, BracketOrder, Client, ComboLeg, CommissionReport, Connection),
    *(ConnectionStats, ContractDescription, ContractDetails, DOMLevel, Decoder, DeltaNeutralContract, Dividends),
    *(DepthMktDataDescription, DynamicObject, EfpData, Execution, ExecutionFilter, FamilyCode, Fill, FlexError),
    *(FundamentalRatios, HistogramData, HistoricalNews, HistoricalSchedule, HistoricalSession, HistoricalTick, IBC),
    *(HistoricalTickBidAsk, HistoricalTickLast, IBDefaults, Midpoints, MktDepthData, NewsArticle, NewsBulletin),
    *(NewsProvider, NewsTick, OptionChain, OptionComputation, OrderComboLeg, OrderState, OrderStateNumeric, PnL),
    *(OrderStatus, PnLSingle, PortfolioItem, Position, PriceIncrement, RealTimeBar, RealTimeBarList, RequestError),
    *(ScanData, ScanDataList, ScannerSubscription, SmartComponent, SoftDollarTier, TagValue, TickAttrib, TickData),
    *(TickAttribBidAsk, TickAttribLast, TickByTickAllLast, TickByTickBidAsk, TickByTickMidPoint, TickerUpdateEvent),
    *(
        TickBars,
        Tickfilter,
        TimeBars,
        Trade,
        TradeLogEntry,
        TradingSession,
        VolumeBars,
        Watchdog,
        Wrapper,
        WshEventData,
    ),
]


def one_class_each(stock: Stock, limit: LimitOrder, ticker: Ticker, trade: Trade, client: Client) -> None:
    assert_type(stock, ibdesk.Stock)
    assert_type(stock, ibdesk.contract.Stock)
    assert_type(limit, ibdesk.LimitOrder)
    assert_type(limit, ibdesk.order.LimitOrder)
    assert_type(limit, order.LimitOrder)
    assert_type(ticker, ibdesk.ticker.Ticker)
    assert_type(trade, ibdesk.Trade)
    assert_type(client, ibdesk.client.Client)
    assert_type(client, ibdesk.Client)
    assert_type(SameIB(), IB)
    assert_type(ibdesk.ib.IB(), IB)
    assert_type(ibdesk.wrapper.Wrapper, type[ibdesk.Wrapper])
    assert_type(ibdesk.connection.Connection().hasData, Event[bytes])
    assert_type(ibdesk.decoder.Decoder, type[Decoder])
    assert_type(ibdesk.flexreport.FlexReport, type[ibdesk.FlexReport])
    assert_type(ibdesk.ibcontroller.IBC, type[ibdesk.IBC])
    assert_type(ibdesk.objects.BarData().close, float)


def values_and_functions(report: FlexReport) -> None:
    assert_type(StartupFetchALL | StartupFetchNONE, StartupFetch)
    assert_type(report.topics(), set[str])
    assert_type(__version_info__, tuple[int, int, int])
    texts: list[str] = [FLEXREPORT_URL, __version__, ibdesk.version.__version__]
    assert_type(texts[0].upper(), str)
    assert_type(UNSET_DOUBLE, float)
    assert_type(util.UNSET_DOUBLE, float)
    assert_type(ibdesk.util.isNan(1.0), bool)
    df([Stock("AMD")])
    dataclassAsDict(Stock("AMD"))
    startLoop()
    logToConsole()
