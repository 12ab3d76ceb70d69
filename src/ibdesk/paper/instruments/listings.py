"""The list of instruments that comes with the package, in `listings.json`.

The conIds of the list are IB's, but for those from 2,145,000,000 on, which are ours, and so are the market rules from
9900 on. It was made from published facts; anchors and volumes are only plausible.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from .exchanges import served
from .instrument import Instrument, Kind, Pricing


@dataclass(frozen=True, slots=True, eq=False)
class FutureClass:
    """A future of which contracts exist for every month in `months` (IB's letters), the next `listed` at a time.

    `expires` names a rule of `.futures`. `known` has the real conIds, by contract month. Local symbols begin
    with `tradingClass`.
    """

    symbol: str
    kind: Kind
    multiplier: str
    longName: str
    walk: str
    volatility: float
    anchor: float
    carry: float
    volume: int
    months: str
    listed: int
    expires: str
    lastTradeTime: str
    known: dict[str, int]
    tradingClass: str
    underConId: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class OptionClass:
    """A trading class of options on `underlying`.

    `strikes` holds (step, width), finest first, each a multiple of the finest: the multiples of each step that lie
    within that fraction of the price are strikes. `expiries` names a rule of `.options`.
    """

    tradingClass: str
    underlying: Instrument
    kind: Kind
    strikes: tuple[tuple[float, float], ...]
    expiries: str
    volume: int

    @property
    def step(self) -> float:
        """All strikes are multiples of it."""
        return self.strikes[0][0]


@dataclass(frozen=True, slots=True)
class Listings:
    """Everything in the list. The order of each part is part of it: conIds made by us count in it."""

    instruments: tuple[Instrument, ...]
    futures: tuple[FutureClass, ...]
    options: tuple[OptionClass, ...]
    market_rules: dict[int, tuple[tuple[float, float], ...]]


def _kind(row: dict[str, Any]) -> Kind:
    tuples = {name: tuple(row[name]) for name in ("marketRules", "sizes", "spread")}
    return Kind(**{**row, **tuples, "exchanges": served(row["exchanges"])})


def _future(row: dict[str, Any], kinds: dict[str, Kind], walks: dict[str, float]) -> FutureClass:
    named = {"tradingClass": row["symbol"], **row}
    return FutureClass(**{**named, "kind": kinds[row["kind"]], "volatility": walks[row["walk"]]})


def _option(row: dict[str, Any], kinds: dict[str, Kind], instruments: dict[int, Instrument]) -> OptionClass:
    strikes = tuple((float(step), width) for step, width in row["strikes"])
    found = {"kind": kinds[row["kind"]], "underlying": instruments[row["underlying"]], "strikes": strikes}
    return OptionClass(**{**row, **found})


def _instrument(row: dict[str, Any], kinds: dict[str, Kind], walks: dict[str, float]) -> Instrument:
    walk = row.pop("walk")
    pricing = Pricing(walk, walks[walk], row.pop("anchor"), row.pop("volume"), row.pop("beta", 1.0))
    return Instrument(kind=kinds[row.pop("kind")], pricing=pricing, **row)


@cache
def load() -> Listings:
    """Return the list that comes with the package."""
    package = resources.files(__name__.rpartition(".")[0])
    data = json.loads(package.joinpath("listings.json").read_text(encoding="utf-8"))
    walks: dict[str, float] = data["walks"]
    kinds = {name: _kind(row) for name, row in data["kinds"].items()}
    instruments = tuple(_instrument(row, kinds, walks) for row in data["listings"])
    by_con_id = {instrument.conId: instrument for instrument in instruments}
    return Listings(
        instruments,
        tuple(_future(row, kinds, walks) for row in data["futures"]),
        tuple(_option(row, kinds, by_con_id) for row in data["options"]),
        {int(rule): tuple((low, step) for low, step in steps) for rule, steps in data["marketRules"].items()},
    )
