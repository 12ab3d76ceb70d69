"""Decides what is reported of an account: values, positions, profit and loss; must not know how it is asked for."""

from dataclasses import dataclass
from math import nan
from typing import NamedTuple

from .contract import Contract
from .fields import Noun, Values, named_values


class AccountValue(NamedTuple):
    """One value of an account. `value` is text: a number, a word or a list, depending on `tag`."""

    account: str
    tag: str
    value: str
    currency: str
    modelCode: str

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


class PortfolioItem(NamedTuple):
    """A position with what it is worth, in the contract's currency."""

    contract: Contract
    position: float
    marketPrice: float
    marketValue: float
    averageCost: float
    unrealizedPNL: float
    realizedPNL: float
    account: str

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


class Position(NamedTuple):
    """A position: negative when short. `avgCost` is per unit of the contract, multiplier and commission included."""

    account: str
    contract: Contract
    position: float
    avgCost: float

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


class PositionMulti(NamedTuple):
    """A position of a model in an account. `avgCost` is as in `Position`."""

    account: str
    modelCode: str
    contract: Contract
    position: float
    avgCost: float

    def dict(self, plain: bool = False) -> Values:
        """The fields by name, as `Noun.dict` has them."""
        return named_values(self, plain)


@dataclass
class PnL(Noun):
    """Profit and loss of an account in its base currency; NaN as long as it is not known."""

    account: str = ""
    modelCode: str = ""
    dailyPnL: float = nan
    unrealizedPnL: float = nan
    realizedPnL: float = nan


@dataclass
class PnLSingle(Noun):
    """Profit and loss of one position, in the account's base currency; NaN as long as it is not known."""

    account: str = ""
    modelCode: str = ""
    conId: int = 0
    dailyPnL: float = nan
    unrealizedPnL: float = nan
    realizedPnL: float = nan
    position: int = 0
    value: float = nan
