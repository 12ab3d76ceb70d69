"""IBKR's tick types, and which attribute of a ticker each of them sets.

A delayed tick sets the same attribute as the live tick of its kind.

Source: TWS API documentation, "Available Tick Types".
"""

BID_SIZE, BID, ASK, ASK_SIZE, LAST, LAST_SIZE = 0, 1, 2, 3, 4, 5
DELAYED_BID, DELAYED_ASK, DELAYED_LAST, DELAYED_BID_SIZE, DELAYED_ASK_SIZE, DELAYED_LAST_SIZE = 66, 67, 68, 69, 70, 71

PRICES = {
    6: "high",
    72: "high",
    7: "low",
    73: "low",
    9: "close",
    75: "close",
    14: "open",
    76: "open",
    15: "low13week",
    16: "high13week",
    17: "low26week",
    18: "high26week",
    19: "low52week",
    20: "high52week",
    35: "auctionPrice",
    37: "markPrice",
    50: "bidYield",
    103: "bidYield",
    51: "askYield",
    104: "askYield",
    52: "lastYield",
    57: "lastRthTrade",
    78: "creditmanMarkPrice",
    79: "creditmanSlowMarkPrice",
    92: "etfNavClose",
    93: "etfNavPriorClose",
    94: "etfNavBid",
    95: "etfNavAsk",
    96: "etfNavLast",
    97: "etfFrozenNavLast",
    98: "etfNavHigh",
    99: "etfNavLow",
    101: "estimatedIpoMidpoint",
    102: "finalIpoLast",
    105: "oddLotBid",
    106: "oddLotAsk",
}
"""Prices other than bid, ask and last."""

SIZES = {
    8: "volume",
    74: "volume",
    63: "volumeRate3Min",
    64: "volumeRate5Min",
    65: "volumeRate10Min",
    21: "avVolume",
    22: "openInterest",
    27: "callOpenInterest",
    28: "putOpenInterest",
    29: "callVolume",
    30: "putVolume",
    34: "auctionVolume",
    36: "auctionImbalance",
    61: "regulatoryImbalance",
    86: "futuresOpenInterest",
    87: "avOptionVolume",
    89: "shortableShares",
    107: "oddLotBidSize",
    108: "oddLotAskSize",
}
"""Sizes other than those of bid, ask and last."""

NUMBERS = {
    23: "histVolatility",
    24: "impliedVolatility",
    31: "indexFuturePremium",
    46: "shortable",
    49: "halted",
    54: "tradeCount",
    55: "tradeRate",
    56: "volumeRate",
    58: "rtHistVolatility",
    60: "bondFactorMultiplier",
    90: "delayedHalted",
}
"""Ticks that are just a number."""

SIGNED_NUMBERS = frozenset({31})
"""The numbers that may be negative."""

TEXTS = {
    25: "optionBidExch",
    26: "optionAskExch",
    32: "bidExchange",
    33: "askExchange",
    84: "lastExchange",
    85: "lastRegTime",
    91: "reutersMutualFunds",
    100: "socialMarketAnalytics",
    109: "oddLotBidExchange",
    110: "oddLotAskExchange",
}
"""Texts that are shown as they are."""

TIMES = {45: "lastTimestamp", 88: "delayedLastTimestamp"}
"""Times, as seconds since 1970 UTC."""

FUNDAMENTAL_RATIOS = 47
"""Fundamental ratios, as `TTMNPMGN=18.1;NLOW=80.6;...`."""

DIVIDENDS = 59
"""Dividends: sums of the past and of the next twelve months, date and amount of the next: `0.83,0.92,20130219,0.23`."""

TRADES = {48: "rtVolume", 77: "rtTradeVolume"}
"""A trade: price, size, milliseconds since 1970 UTC, volume and average price of the day, whether there was one buyer.

It comes as `701.28;1;1348075471534;67854;701.46918464;true`. The attribute here is set to the volume of the day.
"""
