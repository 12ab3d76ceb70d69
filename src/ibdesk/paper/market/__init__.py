"""Where the paper gateway's prices come from: decides quotes, history and option greeks; must not know orders."""

from .bars import Bar
from .market import Market
from .pricing import Greeks
from .quotes import Quote
from .requests import BarSize, Duration, parse_bar_size, parse_duration, parse_end, parse_what

__all__ = [
    "Bar",
    "BarSize",
    "Duration",
    "Greeks",
    "Market",
    "Quote",
    "parse_bar_size",
    "parse_duration",
    "parse_end",
    "parse_what",
]
