"""What is reported of an account: values, positions, profit and loss."""

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
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class PortfolioItem(NamedTuple):
    """A position with its market value and profit, in the currency of the contract."""

    contract: Contract
    position: float
    marketPrice: float
    marketValue: float
    averageCost: float
    unrealizedPNL: float
    realizedPNL: float
    account: str

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class Position(NamedTuple):
    """A position of an account, negative when short.

    `avgCost` is the average cost of one contract, including commission; for futures and options it includes the
    multiplier.
    """

    account: str
    contract: Contract
    position: float
    avgCost: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


class PositionMulti(NamedTuple):
    """A position of a model in an account. `avgCost` is as in `Position`."""

    account: str
    modelCode: str
    contract: Contract
    position: float
    avgCost: float

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


@dataclass
class PnL(Noun):
    """Profit and loss of an account, in its base currency. An amount is NaN until it is known."""

    account: str = ""
    modelCode: str = ""
    dailyPnL: float = nan
    unrealizedPnL: float = nan
    realizedPnL: float = nan


@dataclass
class PnLSingle(Noun):
    """Profit and loss of one position, in the base currency of the account. An amount is NaN until it is known."""

    account: str = ""
    modelCode: str = ""
    conId: int = 0
    dailyPnL: float = nan
    unrealizedPnL: float = nan
    realizedPnL: float = nan
    position: int = 0
    value: float = nan
