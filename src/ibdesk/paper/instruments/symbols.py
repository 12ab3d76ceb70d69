"""What a search by symbol or by company finds."""

from typing import NamedTuple

from .instrument import Instrument
from .listings import load

MOST = 16
"""As many rows as TWS gives at most."""


class Match(NamedTuple):
    """An instrument that was found, and the sorts of instruments that are written on it."""

    instrument: Instrument
    derivatives: list[str]


def matching(pattern: str) -> list[Match]:
    """Return what has a symbol that begins with `pattern`, the very symbol first, or a name that contains it."""
    wanted = pattern.strip().upper()
    if not wanted:
        return []
    ranked = [(_rank(wanted, each), each) for each in load().instruments]
    found = sorted((rank, number) for number, (rank, _) in enumerate(ranked) if rank is not None)
    return [Match(each, _derivatives(each)) for each in (ranked[number][1] for _, number in found[:MOST])]


def _rank(wanted: str, instrument: Instrument) -> int | None:
    if instrument.symbol == wanted:
        return 0
    if instrument.symbol.startswith(wanted):
        return 1
    return 2 if wanted in instrument.longName.upper() else None


def _derivatives(instrument: Instrument) -> list[str]:
    listings = load()
    found = [klass.kind.secType for klass in listings.options if klass.underlying is instrument]
    found += [klass.kind.secType for klass in listings.futures if klass.underConId == instrument.conId]
    return sorted(set(found))
