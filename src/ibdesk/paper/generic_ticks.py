"""The generic tick list of a request for market data: what it asks for, and the ticks that it brings.

The ids that TWS builds of 2026 know are legal. Those of which this gateway has no data (auctions, funds ...) are
accepted and bring no ticks, as at IBKR where there are no data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ibdesk import codes
from ibdesk.wire.messages.market_data import TickGeneric, TickPrice, TickSize, TickString
from ibdesk.wire.scalars import number_text

from .instruments import Instrument, Invalid, Refusal
from .market import Bar, Market, Quote, mark_price
from .news_feed import PROVIDERS, REPORTED

TAG = "bQ"
NO_TOP_OF_BOOK = "mdoff"
NEWS = "292"
REFUSED_NEWS = 10094

_NOT_DIVIDENDS = frozenset({"CASH", "CRYPTO", "CMDTY", "BOND", "WAR", "IOPT", "FUND"})
_SHORT_TERM_VOLUME = frozenset({"STK", "CFD", "OPT", "FOP", "WAR", "FUT", "BOND", "IOPT", "CRYPTO"})

LEGAL: dict[str, str] = {
    "100": "Option Volume",
    "101": "Option Open Interest",
    "105": "Average Opt Volume",
    "106": "impvolat",
    "162": "Index Future Premium",
    "165": "Misc. Stats",
    "221/220": "Creditman Mark Price",
    "225": "Auction",
    "232/221": "Pl Price",
    "233": "RTVolume",
    "236": "inventory",
    "258/47": "Fundamentals",
    "292": "Wide_news",
    "293": "TradeCount",
    "294": "TradeRate",
    "295": "VolumeRate",
    "318": "LastRTHTrade",
    "375": "RTTrdVolume",
    "411": "rthistvol",
    "456/59": "IBDividends",
    "460": "Bond Factor Multiplier",
    "577": "EtfNavLast(navlast)",
    "586": "IPOHLMPRC",
    "587": "Pl Price Delayed",
    "588": "Futures Open Interest",
    "595": "Short-Term Volume X Mins",
    "614": "EtfNavMisc(high/low)",
    "619": "Creditman Slow Mark Price",
    "623": "EtfFrozenNavLast(fznavlast)",
}
"""Number, with its other number, -> name, in the order in which the refusal names them."""

_NO_DERIVATIVES = (
    "Derivative contracts cannot be used to subscribe to news, please use the underlying (Stocks, Cash, News Topics, "
    "and certain Indexes are supported)."
)
_UNLISTED = frozenset({"104"})


def parse(text: str, sec_type: str) -> frozenset[str]:
    """Return the ids in a list, `mdoff` among them. Raises `Invalid` when one is not legal for this security type."""
    if not text.strip():
        return frozenset()
    legal = [number for number in LEGAL if _applies(number, sec_type)]
    known = _UNLISTED.union(*(number.split("/") for number in legal))
    wanted = {part.partition(":")[0].strip().lower() for part in text.split(",")}
    if not wanted - {NO_TOP_OF_BOOK} or not wanted <= known | {NO_TOP_OF_BOOK}:
        names = ",".join(f"{number}({LEGAL[number]})" for number in legal)
        raise Invalid(TAG, f"Incorrect generic tick list of {text}.  Legal ones for ({sec_type}) are: {names}")
    return frozenset(wanted)


def news_sources(text: str, sec_type: str) -> frozenset[str]:
    """Return the news services that a legal list asks for with `292` or `292:BRFG+DJNL`: all where it names none.

    Raises `Refusal` for a service that is not known, and for instruments of which there are no news.
    """
    wanted = dict((name.strip(), names) for name, _, names in (part.partition(":") for part in text.split(",")))
    if NEWS not in wanted:
        return frozenset()
    if sec_type not in REPORTED:
        raise Refusal(REFUSED_NEWS, codes.text(REFUSED_NEWS, detail=_NO_DERIVATIVES))
    named = {name.strip() for name in wanted[NEWS].split("+") if name.strip()}
    for name in sorted(named - PROVIDERS.keys()):
        detail = f"Source code unchecked in API news Settings: {name}"
        raise Refusal(REFUSED_NEWS, codes.text(REFUSED_NEWS, detail=detail))
    return frozenset(named or PROVIDERS)


def _applies(number: str, sec_type: str) -> bool:
    if number == "162":
        return sec_type == "IND"
    if number == "456/59":
        return sec_type not in _NOT_DIVIDENDS
    return number != "595" or sec_type in _SHORT_TERM_VOLUME


@dataclass(frozen=True, slots=True)
class Scene:
    """What generic ticks are made of: an instrument, the market, and the moment that is shown."""

    instrument: Instrument
    market: Market
    moment: datetime


def generic_ticks(
    reqId: int, wanted: frozenset[str], scene: Scene, quote: Quote, before: Quote | None
) -> Iterator[Any]:
    """Yield the messages for the change from `before`, None for none, to `quote`."""
    if before is None:
        yield from _once(reqId, wanted, scene)
    mark = mark_price(quote)
    if wanted & {"220", "221", "232"} and mark == mark and (before is None or mark != mark_price(before)):
        yield TickPrice(reqId, 37, mark, 0, 0)
    traded = quote.lastTime is not None and (before is None or quote.volume != before.volume)
    if traded and scene.instrument.secType not in ("CASH", "IND", "CRYPTO"):
        for number, kind in (("233", 48), ("375", 77)):
            if number in wanted:
                yield TickString(reqId, kind, _trade(scene, quote))


def _once(reqId: int, wanted: frozenset[str], scene: Scene) -> Iterator[Any]:
    instrument = scene.instrument
    if instrument.secType in ("STK", "IND"):
        volatility = round(instrument.pricing.volatility * abs(instrument.pricing.beta), 6)
        if "104" in wanted:
            yield TickGeneric(reqId, 23, volatility)
        if "106" in wanted:
            yield TickGeneric(reqId, 24, volatility)
    if instrument.secType == "STK":
        if "236" in wanted:
            yield TickGeneric(reqId, 46, 3.0)
            yield TickSize(reqId, 89, instrument.pricing.volume // 10)
        if wanted & {"456", "59"}:
            # No stock of this gateway pays a dividend, so that its books and prices agree.
            yield TickString(reqId, 59, ",,,")
    if "165" in wanted and instrument.secType != "CASH":
        yield from _misc_stats(reqId, scene)


def _misc_stats(reqId: int, scene: Scene) -> Iterator[Any]:
    days = _history(scene)
    if not days:
        return
    for kind, weeks in ((15, 13), (17, 26), (19, 52)):
        stretch = days[-5 * weeks :]
        yield TickPrice(reqId, kind, min(day.low for day in stretch), 0, 0)
        yield TickPrice(reqId, kind + 1, max(day.high for day in stretch), 0, 0)
    if traded := [day.volume for day in days[-90:] if day.volume > 0]:
        yield TickSize(reqId, 21, sum(traded) // len(traded))


def _history(scene: Scene) -> list[Bar]:
    try:
        return scene.market.bars(scene.instrument.conId, scene.moment, "1 Y", "1 day", "TRADES", True)
    except Refusal:  # of prices that have only just begun
        return []


def _trade(scene: Scene, quote: Quote) -> str:
    """Return price, size, milliseconds, volume and average price of the day, and whether one market maker did it."""
    assert quote.lastTime is not None
    try:
        day = scene.market.current_bar(scene.instrument.conId, scene.moment, "1 day", "TRADES", False)
    except Refusal:
        day = None
    average = day.average if day else quote.last
    milliseconds = int(quote.lastTime.timestamp() * 1000)
    return f"{number_text(quote.last)};{quote.lastSize};{milliseconds};{quote.volume};{average:.8f};true"
