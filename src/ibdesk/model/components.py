"""The small records that contracts and orders are composed of."""

from dataclasses import dataclass
from typing import NamedTuple

from .fields import Noun, Values, named_values
from .unset import UNSET_DOUBLE


class TagValue(NamedTuple):
    """A named text: a parameter of an algorithm, a security id, an option of a request."""

    tag: str
    value: str

    def dict(self, plain: bool = False) -> Values:
        """Return the fields by name, as `Noun.dict` does."""
        return named_values(self, plain)


@dataclass
class ComboLeg(Noun):
    """One leg of a combination (`Bag`).

    `ratio` is the number of contracts of this leg in one unit of the combination. `openClose` is 0 for the same as the
    combination, 1 open, 2 close, 3 unknown.
    """

    conId: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""
    openClose: int = 0
    shortSaleSlot: int = 0
    designatedLocation: str = ""
    exemptCode: int = -1


@dataclass
class DeltaNeutralContract(Noun):
    """The underlying of a delta-neutral combination, with the delta and the price at which it is hedged."""

    conId: int = 0
    delta: float = 0.0
    price: float = 0.0


@dataclass
class OrderComboLeg(Noun):
    """The price of one leg of a combination."""

    price: float = UNSET_DOUBLE


@dataclass
class SoftDollarTier(Noun):
    """A soft dollar tier: a way in which commissions pay for research. It is false when it is empty."""

    name: str = ""
    val: str = ""
    displayName: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.val or self.displayName)
