"""Stocks that are not in the list: of a symbol alone, for prices that come from elsewhere."""

import re
from collections.abc import Container

from .instrument import Instrument, Pricing
from .listings import load

_SYMBOL = re.compile(r"[A-Z]{1,5}( [A-Z]{1,2})?")
_FIRST_CON_ID, _CON_IDS = 2_074_000_000, 26_000_000
"""The conIds between those of options and those of futures."""


def stock(symbol: str, taken: Container[int]) -> Instrument:
    """Return a stock in US dollars on NASDAQ, with a conId of ours that is not `taken`.

    Raises ValueError for what is no symbol of a stock: up to five letters, and those of its class (`BRK B`).
    """
    if not _SYMBOL.fullmatch(symbol):
        raise ValueError(f"no instrument has the symbol {symbol!r}, and it is not that of a stock")
    con_id = _FIRST_CON_ID + int.from_bytes(symbol.encode()) % _CON_IDS
    while con_id in taken:
        con_id += 1
    like = next(each for each in load().instruments if each.tradingClass == "NMS")
    return Instrument(
        conId=con_id,
        symbol=symbol,
        currency=like.currency,
        kind=like.kind,
        pricing=Pricing(walk=symbol, volatility=0.3, anchor=100.0, volume=1_000_000),
        localSymbol=symbol,
        tradingClass=like.tradingClass,
        primaryExchange=like.primaryExchange,
        longName=symbol,
    )
