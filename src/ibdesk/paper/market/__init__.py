"""Where the paper gateway's prices come from: quotes, history, and the greeks of options."""

from .bars import Bar
from .combination_quotes import combined_quote
from .market import Market
from .pricing import Greeks
from .quotes import Quote, mark_price
from .requests import (
    BarSize,
    Duration,
    no_series,
    parse_bar_size,
    parse_duration,
    parse_end,
    parse_moment,
    parse_period,
    parse_what,
)
from .source import PriceSource
from .tape_prices import TapePrices, is_tape, tape_prices
from .ticks import BidAsk, MidPoint, Tick, Trade

__all__ = [
    "Bar",
    "BarSize",
    "BidAsk",
    "Duration",
    "Greeks",
    "Market",
    "MidPoint",
    "PriceSource",
    "Quote",
    "TapePrices",
    "Tick",
    "Trade",
    "combined_quote",
    "is_tape",
    "mark_price",
    "no_series",
    "parse_bar_size",
    "parse_duration",
    "parse_end",
    "parse_moment",
    "parse_period",
    "parse_what",
    "tape_prices",
]
