"""Which instrument a symbol in a file, or in the name of a file, means."""

import re
from datetime import date
from pathlib import Path

from ibdesk.logs import logger
from ibdesk.model.contract import Contract

from ..instruments import Instrument, Instruments, options
from ..instruments.unlisted import stock
from .tables import CSV_ENDINGS, PARQUET_ENDINGS

_log = logger("ibdesk.paper")

# What vendors and people add to a symbol in the name of a file: aapl_us_d.csv of Stooq, AAPL_1min.csv, AAPL-trades.csv.
_ADDED = re.compile(
    r"[ _.-]+(us|uk|de|pl|jp|hk|d|daily|intraday|bars?|ohlcv?|trades?|quotes?|ticks?|bid_?ask|last|history|historical|"
    r"\d+ ?(s|secs?|seconds?|m|min|mins|minutes?|h|hours?|d|days?)?|1_day)$",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(C:)?(?P<base>[A-Z]{3})[./-]?(?P<quote>[A-Z]{3})(=X)?")
_OPTION = re.compile(r"(O:)?(?P<root>[A-Z]{1,6}) *(?P<terms>\d{6}[CP]\d{8})")
_INDEXES = {"^GSPC": "SPX", "^SPX": "SPX", "^NDX": "NDX", "^VIX": "VIX"}


def symbol_of(path: Path) -> str:
    """Return the symbol that the name of a file tells, in upper case."""
    name = path.name
    for ending in sorted((*CSV_ENDINGS, *PARQUET_ENDINGS), key=len, reverse=True):
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
            break
    while (shorter := _ADDED.sub("", name)) != name and shorter:
        name = shorter
    return name.upper()


class Symbols:
    """What symbols mean, as of `today`: instruments of the gateway's list, or stocks that are made for a symbol."""

    def __init__(self, today: date) -> None:
        self._instruments = Instruments(today, lambda each: each.pricing.anchor)
        self._made: dict[int, Instrument] = {}

    def instrument_of(self, symbol: str) -> Instrument:
        """Return the instrument that a symbol means. Raises ValueError where it means none.

        Yahoo writes `EURUSD=X`, `^GSPC` and `BRK-B`, Polygon `C:EURUSD`, `I:SPX` and `O:SPY261218C00600000`, Stooq
        `AAPL.US`, IB `EUR.USD`, `BRK B` and `ESZ6`.
        """
        name = symbol.upper()
        if not name:
            raise ValueError("no instrument has an empty symbol")
        if name in _INDEXES or name.startswith("I:"):
            return self._listed("IND", _INDEXES.get(name, name[2:]), symbol)
        if pair := _PAIR.fullmatch(name):
            return self._listed("CASH", f"{pair['base']}.{pair['quote']}", symbol)
        if option := _OPTION.fullmatch(name):
            return self._listed("OPT", f"{option['root']:6}{option['terms']}", symbol)
        stock_symbol = re.sub(r"[-./]([A-Z])$", r" \1", name.removesuffix(".US"))
        for kind in ("STK", "IND", "FUT"):
            if found := self._found(kind, stock_symbol):
                return found
        made = next((each for each in self._made.values() if each.symbol == stock_symbol), None)
        if made is None:
            made = stock(stock_symbol, self._made)
            self._made[made.conId] = made
            _log.info("%s is not in the list of instruments: it is a stock on NASDAQ, in US dollars", made.symbol)
        return made

    def _listed(self, kind: str, local_symbol: str, symbol: str) -> Instrument:
        found = self._found(kind, local_symbol)
        if found is None:
            raise ValueError(f"no instrument in the gateway's list has the symbol {symbol!r}")
        return found

    def _found(self, kind: str, local_symbol: str) -> Instrument | None:
        if kind == "OPT":
            known = options.by_local_symbol(local_symbol)
            return known[1] if known else None
        wanted = Contract(secType=kind, localSymbol=local_symbol)
        rows = self._instruments.search(wanted, include_expired=True)
        con_ids = [row.contract.conId for row in rows if row.contract]
        found = [each for con_id in con_ids if (each := self._instruments.by_con_id(con_id))]
        # Of a stock that is traded in several currencies, the dollar is meant.
        return min(found, key=lambda each: each.currency != "USD", default=None)
