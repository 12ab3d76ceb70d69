"""Decides what an order can wait for: the conditions that hold it back until they come true, or cancel it then.

It must not know orders. `conjunction` joins a condition of an order to the next one: `a` and, `o` or.
`isMore` is True for "at or above", False for "at or below". `exch` may be spelled `exchange`, as the official
client has it.

Source: TWS API documentation, "Order Conditioning".
"""

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .fields import Noun
from .times import formatIBDatetime


@dataclass
class OrderCondition(Noun):
    """What every kind of condition has: its number, and how it is joined to the next condition."""

    condType: int = 0
    conjunction: str = "a"

    @staticmethod
    def createClass(condType: int) -> "type[OrderCondition]":
        """The class of the conditions with this number.

        Raises KeyError when there is none.
        """
        return _KINDS[condType]

    def And(self) -> Self:
        """Both this condition and the next one must be true."""
        self.conjunction = "a"
        return self

    def Or(self) -> Self:
        """This condition or the next one must be true."""
        self.conjunction = "o"
        return self

    def __post_init__(self) -> None:
        # Published examples build VolumeCondition(condType=4), which IBKR would take for a margin condition.
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
    """The price of contract `conId` at `exch` reaches `price`.

    `triggerMethod` says which price: 0 the usual one of the instrument, 1 double bid or ask, 2 last, 3 double
    last, 4 bid or ask, 7 last or bid or ask, 8 midpoint.
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
    """The clock reaches `time`: `YYYYMMDD hh:mm:ss zone`. A `datetime` is taken too, and turned into that."""

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
    """An order of the account for `symbol`, of `secType` at `exch`, is executed."""

    condType: int = 5
    conjunction: str = "a"
    secType: str = ""
    exch: str = ""
    symbol: str = ""


@_takes_exchange
@dataclass
class VolumeCondition(_AtExchange, OrderCondition):
    """The volume of the day of contract `conId` at `exch` reaches `volume`."""

    condType: int = 6
    conjunction: str = "a"
    isMore: bool = True
    volume: int = 0
    conId: int = 0
    exch: str = ""


@_takes_exchange
@dataclass
class PercentChangeCondition(_AtExchange, OrderCondition):
    """The price of contract `conId` at `exch` has changed by `changePercent` since the last close."""

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
