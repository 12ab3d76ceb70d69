"""Which exchanges show their order books, and which stand behind a consolidated quote.

The maps of exchanges are those of real replies: to reqSmartComponents of 2020, with the name that NASDAQ has had since,
and to reqMktDepthExchanges, as far as something of this gateway trades there.
"""

from collections.abc import Iterable
from functools import lru_cache

from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.model.unset import UNSET_INTEGER

from .instrument import Instrument

_STOCKS = ("ARCA", "BATS", "BEX", "IEX", "NYSE", "EBS", "IBIS", "TSE", "ASX", "MEXI")
_FUTURES = ("CME", "CBOT", "NYMEX", "COMEX")

DEPTH = (
    DepthMktDataDescription("IDEALPRO", "CASH", "", "Deep", 4),
    *(DepthMktDataDescription(exchange, "STK", "", "Deep", UNSET_INTEGER) for exchange in _STOCKS),
    DepthMktDataDescription("NASDAQ", "STK", "", "Deep2", UNSET_INTEGER),
    *(DepthMktDataDescription(exchange, "FUT", "", "Deep", UNSET_INTEGER) for exchange in _FUTURES),
)
"""Every exchange that shows its book, by security type; `Deep2` names the market makers in it."""

UNSERVED = {
    "OVERNIGHT": "the overnight session of US stocks",
    "IBEOS": "the overnight session of US stocks, at IBKR",
    "T24X": "trading of US stocks at night",
    "TPLUS0": "settlement on the day of the trade",
    "FOXRIVER": "a third party's algos",
    "QBALGO": "a third party's algos",
}
"""Destinations that IBKR lists and this gateway does not have, each with what it is for."""

_SERVICES = {(row.exchange, row.secType): row.serviceDataType for row in DEPTH}

_NASDAQ_LISTED = (
    "0 AMEX A,1 BEX B,2 NYSENAT C,3 FINRA D,4 ISE I,5 EDGEA J,6 DRCTEDGE K,7 CHX M,8 ARCA P,9 NASDAQ Q,10 IEX V,"
    "12 PSX X,13 BYX Y,14 BATS Z,15 NYSE N,16 LTSE L"
)
_NYSE_LISTED = (
    "0 AMEX A,1 BEX B,2 NYSENAT C,3 NYSE N,4 ISE I,5 EDGEA J,6 DRCTEDGE K,7 LTSE L,8 CHX M,9 ARCA P,10 NASDAQ T,"
    "11 IEX V,13 PSX X,14 BYX Y,15 BATS Z,17 FINRA D"
)

Component = tuple[int, str, str]
"""A bit in masks, an exchange, its letter."""


def _components(text: str) -> tuple[Component, ...]:
    rows = (row.split() for row in text.split(","))
    return tuple((int(bit), exchange, letter) for bit, exchange, letter in rows)


COMPONENTS = {"9c0001": _components(_NASDAQ_LISTED), "a60001": _components(_NYSE_LISTED)}
"""The exchanges behind a quote, by the code that TickReqParams tells."""

_US_STOCKS = frozenset(exchange for _, exchange, _ in COMPONENTS["9c0001"])


def served(exchanges: Iterable[str]) -> tuple[str, ...]:
    """Return those of an instrument's exchanges to which orders can be sent here."""
    return tuple(each for each in exchanges if each not in UNSERVED)


@lru_cache(maxsize=256)
def books(instrument: Instrument) -> tuple[str, ...]:
    """Return the exchanges that show their books of an instrument."""
    return tuple(each for each in instrument.kind.exchanges if (each, instrument.secType) in _SERVICES)


@lru_cache(maxsize=256)
def tops(instrument: Instrument) -> tuple[str, ...]:
    """Return the exchanges that show the best of their books and no more."""
    if instrument.secType != "STK":
        return ()
    known = set(books(instrument))
    return tuple(each for each in instrument.kind.exchanges if each in _US_STOCKS - known)


def names_makers(exchange: str, sec_type: str) -> bool:
    """Return whether each row of an exchange's book has the name of a market maker."""
    return _SERVICES.get((exchange, sec_type)) == "Deep2"
