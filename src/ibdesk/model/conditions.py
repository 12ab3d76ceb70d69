"""Conditions that hold an order back until they come true, or cancel it when they do.

`conjunction` joins a condition to the next one of the order: `a` is and, `o` is or. `isMore` is True for "at or above"
and False for "at or below". `exch` may be spelled `exchange`, as in the official client.

Source: TWS API documentation, "Order Conditioning".
"""

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .fields import Noun
from .times import formatIBDatetime


@dataclass
class OrderCondition(Noun):
    """What every kind of condition has: the number of its kind, and how it is joined to the next condition."""

    condType: int = 0
    conjunction: str = "a"

    @staticmethod
    def createClass(condType: int) -> "type[OrderCondition]":
        """Return the class of the conditions whose number is `condType`. Raises KeyError when there is none."""
        return _KINDS[condType]

    def And(self) -> Self:
        """Require both this condition and the next one, and return this condition."""
        self.conjunction = "a"
        return self

    def Or(self) -> Self:
        """Require this condition or the next one, and return this condition."""
        self.conjunction = "o"
        return self

    def __post_init__(self) -> None:
        # Published examples make a VolumeCondition(condType=4), which IBKR would take for a margin condition.
        self.condType = type(self).condType


if TYPE_CHECKING:

    @dataclass
    class _AtExchange:
        exchange: str = field(default="", kw_only=True)
        """Another name of `exch`."""
else:

    class _AtExchange:
        @property
        def exchange(self) -> str:
            """Another name of `exch`."""
            return self.exch

        @exchange.setter
        def exchange(self, value: str) -> None:
            self.exch = value


_Condition = TypeVar("_Condition", bound=OrderCondition)


def _takes_exchange(cls: type[_Condition]) -> type[_Condition]:
    """Let the class take `exchange` as another keyword for `exch`."""
    init = cls.__init__

    @functools.wraps(init)
    def __init__(self: _Condition, *args: Any, exchange: str | None = None, **kwargs: Any) -> None:
        if exchange is not None:
            kwargs["exch"] = exchange
        init(self, *args, **kwargs)

    cls.__init__ = __init__  # type: ignore[assignment, method-assign]
    return cls


@_takes_exchange
@dataclass
class PriceCondition(_AtExchange, OrderCondition):
    """The price of the contract `conId` at `exch` reaches `price`.

    `triggerMethod` chooses the price: 0 is the default of the instrument, 1 double bid or ask, 2 last, 3 double last, 4
    bid or ask, 7 last or bid or ask, 8 midpoint. "Double" wants two such prices in a row.
    """

    condType: int = 1
    conjunction: str = "a"
    isMore: bool = True
    price: float = 0.0
    conId: int = 0
    exch: str = ""
    triggerMethod: int = 0


@dataclass
class TimeCondition(OrderCondition):
    """The clock reaches `time`, which is `YYYYMMDD hh:mm:ss zone`.

    A `datetime` is accepted and turned into this form.
    """

    condType: int = 3
    conjunction: str = "a"
    isMore: bool = True
    time: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.time = formatIBDatetime(self.time)


@dataclass
class MarginCondition(OrderCondition):
    """The margin cushion of the account reaches `percent`."""

    condType: int = 4
    conjunction: str = "a"
    isMore: bool = True
    percent: int = 0


@_takes_exchange
@dataclass
class ExecutionCondition(_AtExchange, OrderCondition):
    """An order of the account in `symbol` (of the kind `secType`, at `exch`) is executed."""

    condType: int = 5
    conjunction: str = "a"
    secType: str = ""
    exch: str = ""
    symbol: str = ""


@_takes_exchange
@dataclass
class VolumeCondition(_AtExchange, OrderCondition):
    """The volume of the contract `conId` at `exch` reaches `volume` today."""

    condType: int = 6
    conjunction: str = "a"
    isMore: bool = True
    volume: int = 0
    conId: int = 0
    exch: str = ""


@_takes_exchange
@dataclass
class PercentChangeCondition(_AtExchange, OrderCondition):
    """The price of the contract `conId` at `exch` has changed by `changePercent` per cent since the last close."""

    condType: int = 7
    conjunction: str = "a"
    isMore: bool = True
    changePercent: float = 0.0
    conId: int = 0
    exch: str = ""


_KINDS: dict[int, type[OrderCondition]] = {
    kind.condType: kind
    for kind in (
        PriceCondition,
        TimeCondition,
        MarginCondition,
        ExecutionCondition,
        VolumeCondition,
        PercentChangeCondition,
    )
}
