"""What the numbers and words in the fields of messages stand for.

Sources: IBKR's TWS API documentation ("Available Tick Types", "Order Status", "Market Depth", "Tick-by-Tick Data",
"Options"), and the enumerations of the official clients.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ibdesk import codes
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER, UNSET_LONG

_TICK_TYPE_NAMES = """
BID_SIZE BID ASK ASK_SIZE LAST LAST_SIZE HIGH LOW VOLUME CLOSE BID_OPTION_COMPUTATION ASK_OPTION_COMPUTATION
LAST_OPTION_COMPUTATION MODEL_OPTION OPEN LOW_13_WEEK HIGH_13_WEEK LOW_26_WEEK HIGH_26_WEEK LOW_52_WEEK
HIGH_52_WEEK AVG_VOLUME OPEN_INTEREST OPTION_HISTORICAL_VOL OPTION_IMPLIED_VOL OPTION_BID_EXCH OPTION_ASK_EXCH
OPTION_CALL_OPEN_INTEREST OPTION_PUT_OPEN_INTEREST OPTION_CALL_VOLUME OPTION_PUT_VOLUME INDEX_FUTURE_PREMIUM
BID_EXCH ASK_EXCH AUCTION_VOLUME AUCTION_PRICE AUCTION_IMBALANCE MARK_PRICE BID_EFP_COMPUTATION
ASK_EFP_COMPUTATION LAST_EFP_COMPUTATION OPEN_EFP_COMPUTATION HIGH_EFP_COMPUTATION LOW_EFP_COMPUTATION
CLOSE_EFP_COMPUTATION LAST_TIMESTAMP SHORTABLE FUNDAMENTAL_RATIOS RT_VOLUME HALTED BID_YIELD ASK_YIELD
LAST_YIELD CUST_OPTION_COMPUTATION TRADE_COUNT TRADE_RATE VOLUME_RATE LAST_RTH_TRADE RT_HISTORICAL_VOL
IB_DIVIDENDS BOND_FACTOR_MULTIPLIER REGULATORY_IMBALANCE NEWS_TICK SHORT_TERM_VOLUME_3_MIN
SHORT_TERM_VOLUME_5_MIN SHORT_TERM_VOLUME_10_MIN DELAYED_BID DELAYED_ASK DELAYED_LAST DELAYED_BID_SIZE
DELAYED_ASK_SIZE DELAYED_LAST_SIZE DELAYED_HIGH DELAYED_LOW DELAYED_VOLUME DELAYED_CLOSE DELAYED_OPEN
RT_TRD_VOLUME CREDITMAN_MARK_PRICE CREDITMAN_SLOW_MARK_PRICE DELAYED_BID_OPTION DELAYED_ASK_OPTION
DELAYED_LAST_OPTION DELAYED_MODEL_OPTION LAST_EXCH LAST_REG_TIME FUTURES_OPEN_INTEREST AVG_OPT_VOLUME
DELAYED_LAST_TIMESTAMP SHORTABLE_SHARES DELAYED_HALTED REUTERS_2_MUTUAL_FUNDS ETF_NAV_CLOSE ETF_NAV_PRIOR_CLOSE
ETF_NAV_BID ETF_NAV_ASK ETF_NAV_LAST ETF_FROZEN_NAV_LAST ETF_NAV_HIGH ETF_NAV_LOW SOCIAL_MARKET_ANALYTICS
ESTIMATED_IPO_MIDPOINT FINAL_IPO_LAST DELAYED_YIELD_BID DELAYED_YIELD_ASK ODD_LOT_BID ODD_LOT_ASK
ODD_LOT_BID_SIZE ODD_LOT_ASK_SIZE ODD_LOT_BID_EXCH ODD_LOT_ASK_EXCH
"""

TICK_TYPES = tuple(_TICK_TYPE_NAMES.split())
"""The names of the tick types. The index of a name is its number (TWS API documentation, "Available Tick Types")."""

ORDER_STATUSES = {
    "PendingSubmit": "sent; the destination has not accepted it yet",
    "PendingCancel": "its cancellation is sent; it may still be executed",
    "PreSubmitted": "held by IBKR until its time or condition comes",
    "Submitted": "working",
    "ApiPending": "not sent yet",
    "ApiCancelled": "cancelled before the destination accepted it",
    "Cancelled": "cancelled",
    "Filled": "executed in full",
    "Inactive": "not working: refused, held, or ended",
}
"""What each order status means (TWS API documentation, "Order Status")."""

MARKET_DATA_TYPES = {1: "live", 2: "frozen", 3: "delayed", 4: "delayed and frozen"}

_TICK_BY_TICK_TYPES = {1: "Last", 2: "AllLast", 3: "BidAsk", 4: "MidPoint"}

MEANINGS: Mapping[str, Mapping[Any, str]] = {
    "status": ORDER_STATUSES,
    "marketDataType": MARKET_DATA_TYPES,
    "TickByTick.tickType": _TICK_BY_TICK_TYPES,
    "operation": {0: "insert", 1: "update", 2: "delete"},
    "side": {0: "ask", 1: "bid", "BOT": "bought", "SLD": "sold"},
    "tickAttrib": {0: "based on returns", 1: "based on prices"},
    "exerciseAction": {1: "exercise", 2: "let lapse"},
    "faDataType": {1: "groups", 2: "profiles", 3: "aliases"},
    "logLevel": {1: "system", 2: "error", 3: "warning", 4: "information", 5: "detail"},
    "msgType": {1: "news", 2: "an exchange is not available", 3: "an exchange is available again"},
    "articleType": {0: "text or HTML", 1: "binary, in base64"},
    "formatDate": {1: "dates and times as text", 2: "seconds since 1970"},
    "ocaType": {
        1: "cancel the others, with block",
        2: "reduce the others, with block",
        3: "reduce the others, without block",
    },
    "triggerMethod": {
        0: "default",
        1: "double bid or ask",
        2: "last",
        3: "double last",
        4: "bid or ask",
        7: "last or bid or ask",
        8: "midpoint",
    },
    "origin": {0: "customer", 1: "firm"},
    "shortSaleSlot": {1: "held by the clearing broker", 2: "from elsewhere: see designatedLocation"},
    "auctionStrategy": {1: "match", 2: "improvement", 3: "transparent"},
    "volatilityType": {1: "daily", 2: "annual"},
    "referencePriceType": {1: "average of the best bid and ask", 2: "best bid or ask"},
    "condType": {1: "price", 3: "time", 4: "margin", 5: "execution", 6: "volume", 7: "percent change"},
    "conjunction": {"a": "and", "o": "or"},
    "lastLiquidity": {1: "added liquidity", 2: "removed liquidity", 3: "liquidity was routed out"},
    "openClose": {"O": "open", "C": "close"},
    "right": {"C": "call", "CALL": "call", "P": "put", "PUT": "put"},
    "secType": {
        "STK": "stock or ETF",
        "OPT": "option",
        "FUT": "future",
        "CONTFUT": "continuous future",
        "IND": "index",
        "FOP": "option on a future",
        "CASH": "currency pair",
        "BAG": "combination",
        "WAR": "warrant",
        "BOND": "bond",
        "CMDTY": "commodity",
        "NEWS": "news",
        "FUND": "mutual fund",
        "CFD": "contract for difference",
        "CRYPTO": "cryptocurrency",
    },
    "tif": {
        "DAY": "until the end of the day",
        "GTC": "until it is cancelled",
        "IOC": "what can be filled at once",
        "GTD": "until goodTillDate",
        "OPG": "at the opening",
        "FOK": "all at once or nothing",
        "DTC": "until the end of the day, then deactivated",
        "AUC": "in the auction",
    },
    "orderType": {
        "MKT": "market",
        "LMT": "limit",
        "STP": "stop",
        "STP LMT": "stop limit",
        "TRAIL": "trailing stop",
        "TRAIL LIMIT": "trailing stop limit",
        "MIT": "market if touched",
        "LIT": "limit if touched",
        "MOC": "market on close",
        "LOC": "limit on close",
        "REL": "relative, pegged to primary",
        "MIDPRICE": "midprice",
        "VOL": "volatility",
    },
}
"""Field, or message and field -> value -> meaning."""


def _tick_type(value: Any) -> str:
    return TICK_TYPES[value] if 0 <= value < len(TICK_TYPES) else ""


_COMPUTED: Mapping[str, Callable[[Any], str]] = {
    "tickType": _tick_type,
    "errorCode": lambda value: str(codes.find(value).text),
}


def meaning(path: str, value: Any, message: str = "") -> str:
    """Return what the value of a field stands for, such as `BID` for tick type 1, or "" where that is not known.

    `path` names the field and `message` the message that it is in: a few fields mean something else in one message.
    """
    if type(value) in (int, float) and value in (UNSET_INTEGER, UNSET_LONG, UNSET_DOUBLE):
        return "unset"
    name = path.rpartition(".")[2]
    known = MEANINGS.get(f"{message}.{name}") or MEANINGS.get(name)
    if known is not None and isinstance(value, int | float | str):
        return known.get(value, "")
    compute = _COMPUTED.get(name)
    return compute(value) if compute and isinstance(value, int) else ""
