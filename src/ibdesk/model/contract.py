"""Instruments: `Contract`, its kinds, and when two contracts are the same."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from .components import ComboLeg as ComboLeg
from .components import DeltaNeutralContract as DeltaNeutralContract
from .components import TagValue as TagValue
from .fields import (
    Noun,
    call_repr,
    dataclassAsDict,
    dataclassAsTuple,
    dataclassNonDefaults,
    same,
    shown,
)
from .signatures import SpelledOut

if TYPE_CHECKING:
    from typing import Self, Unpack

    from .keywords import ContFutureFields, ContractFields, FutureFields, OptionFields, StockFields


@dataclass(repr=False, eq=False)
class Contract(Noun):
    """An instrument, described as far as the user knows it, or completely once it is qualified.

    The kinds below (`Stock`, `Option` ...) fill in `secType` and take the usual fields by position.
    `Contract(conId=270639)` is enough to look up the rest. `lastTradeDateOrContractMonth` is `YYYYMM` for a contract
    month or `YYYYMMDD` for a day; `lastTradeDate` is set by servers of version 182 and newer. `right` is `P`, `PUT`,
    `C` or `CALL`. When `exchange` is `SMART`, `primaryExchange` tells listings with the same symbol apart.

    Contracts are equal when their `key` is equal. They hash by `conId`, so only a qualified contract can be hashed.
    """

    secType: str = ""
    conId: int = 0
    symbol: str = ""
    lastTradeDateOrContractMonth: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primaryExchange: str = ""
    currency: str = ""
    localSymbol: str = ""
    tradingClass: str = ""
    includeExpired: bool = False
    secIdType: str = ""
    secId: str = ""
    description: str = ""
    issuerId: str = ""
    comboLegsDescrip: str = ""
    comboLegs: list[ComboLeg] = field(default_factory=list)
    deltaNeutralContract: DeltaNeutralContract | None = None
    lastTradeDate: str = ""

    _own_sec_type: ClassVar[str] = ""
    __signature__: ClassVar[SpelledOut] = SpelledOut("secType")

    if TYPE_CHECKING:

        def update(self, *srcObjs: object, **kwargs: Unpack[ContractFields]) -> Self: ...  # type: ignore[override]

    @staticmethod
    def create(**kwargs: "Unpack[ContractFields]") -> "Contract":
        """Return a contract of the class that belongs to the given `secType`."""
        kind = _KINDS.get(kwargs.get("secType", ""), Contract)
        if kwargs.get("secType") == kind._own_sec_type:
            del kwargs["secType"]
        return kind(**kwargs)

    @staticmethod
    def recreate(c: "Contract") -> "Contract":
        """Return a copy of `c` in the class that belongs to its `secType`."""
        kind = _KINDS.get(c.secType, Contract)
        copy = kind.__new__(kind)
        copy.__dict__ = dataclassAsDict(c)
        return copy

    def isHashable(self) -> bool:
        """Return whether the contract has a `conId` to hash by.

        A `Bag` is hashed by its legs and needs none.
        """
        try:
            return bool(self.conId) and bool(self.conId == self.conId)
        except (TypeError, ValueError, ArithmeticError):  # such as pandas.NA, or a whole column of numbers
            return False

    def key(self) -> "int | tuple[Any, ...]":
        """Return a hashable value that tells this instrument from all others. An unqualified contract has one, too.

        Where there is a `conId` it is the key, whatever the other fields hold, since conIds are unique. Two kinds of
        contracts share their conId with another: a continuous future has the conId of its front month, so its key is
        the negative of it; all combinations have the same conId, so their key is made of the legs. The key of an
        unqualified contract holds all fields and changes when the contract is qualified.
        """
        if self.secType == "BAG":
            legs = sorted(self.comboLegs, key=attrgetter("conId"))
            return ("BAG", self.symbol, self.exchange, *map(dataclassAsTuple, legs))
        if self.isHashable():
            return -self.conId if self.secType == "CONTFUT" else self.conId
        values = dataclassAsDict(self)
        values["comboLegs"] = tuple(map(dataclassAsTuple, self.comboLegs))
        if self.deltaNeutralContract is not None:
            values["deltaNeutralContract"] = dataclassAsTuple(self.deltaNeutralContract)
        return tuple(values.values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contract):
            return NotImplemented
        return self is other or same(self.key(), other.key())

    def __hash__(self) -> int:
        if self.secType != "BAG" and not self.isHashable():
            raise ValueError(f"{self} has no conId to hash by: qualify it first, or use its key()")
        return hash(self.key())

    def __repr__(self) -> str:
        return call_repr(self, self._repr_arguments())

    def _repr_arguments(self) -> dict[str, Any]:
        arguments = dataclassNonDefaults(self)
        if same(self.secType, self._own_sec_type):
            arguments.pop("secType", None)
        return arguments


class _BySymbol(Contract):
    def __init__(
        self,
        symbol: str = "",
        exchange: str = "",
        currency: str = "",
        **kwargs: "Unpack[StockFields]",
    ) -> None:
        Contract.__init__(self, self._own_sec_type, symbol=symbol, exchange=exchange, currency=currency, **kwargs)


class Stock(_BySymbol):
    """A stock or an exchange-traded fund."""

    _own_sec_type = "STK"


class Index(_BySymbol):
    """An index. It has prices but cannot be traded."""

    _own_sec_type = "IND"


class CFD(_BySymbol):
    """A contract for difference."""

    _own_sec_type = "CFD"


class Commodity(_BySymbol):
    """A commodity, such as London gold (XAUUSD)."""

    _own_sec_type = "CMDTY"


class Crypto(_BySymbol):
    """A cryptocurrency, such as `Crypto("BTC", "PAXOS", "USD")`."""

    _own_sec_type = "CRYPTO"


class Forex(Contract):
    """A pair of currencies: `Forex("EURUSD")` is `symbol` EUR priced in `currency` USD.

    Raises ValueError when `pair` does not have six letters.
    """

    _own_sec_type = "CASH"

    def __init__(
        self,
        pair: str = "",
        exchange: str = "IDEALPRO",
        symbol: str = "",
        currency: str = "",
        **kwargs: "Unpack[StockFields]",
    ) -> None:
        if len(pair) not in (0, 6):
            raise ValueError(f"a currency pair has six letters, like 'EURUSD'; this is {pair!r}")
        Contract.__init__(
            self, "CASH", symbol=symbol or pair[:3], exchange=exchange, currency=currency or pair[3:], **kwargs
        )

    def pair(self) -> str:
        """Return both currencies together, such as `EURUSD`."""
        return self.symbol + self.currency

    def __repr__(self) -> str:
        arguments = self._repr_arguments()
        symbol, currency = arguments.get("symbol"), arguments.get("currency")
        if not isinstance(symbol, str) or not isinstance(currency, str):
            return call_repr(self, arguments)
        del arguments["symbol"], arguments["currency"]
        return call_repr(self, arguments, first=shown(symbol + currency))


class _AnyOption(Contract):
    def __init__(
        self,
        symbol: str = "",
        lastTradeDateOrContractMonth: str = "",
        strike: float = 0.0,
        right: str = "",
        exchange: str = "",
        multiplier: str = "",
        currency: str = "",
        **kwargs: "Unpack[OptionFields]",
    ) -> None:
        # The positions are ib_async's, which are not those of the dataclass's fields.
        Contract.__init__(
            self,
            self._own_sec_type,
            symbol=symbol,
            lastTradeDateOrContractMonth=lastTradeDateOrContractMonth,
            strike=strike,
            right=right,
            exchange=exchange,
            multiplier=multiplier,
            currency=currency,
            **kwargs,
        )


class Option(_AnyOption):
    """An option on a stock or an index."""

    _own_sec_type = "OPT"


class FuturesOption(_AnyOption):
    """An option on a future."""

    _own_sec_type = "FOP"


class Future(Contract):
    """A future."""

    _own_sec_type = "FUT"

    def __init__(
        self,
        symbol: str = "",
        lastTradeDateOrContractMonth: str = "",
        exchange: str = "",
        localSymbol: str = "",
        multiplier: str = "",
        currency: str = "",
        **kwargs: "Unpack[FutureFields]",
    ) -> None:
        # The positions are ib_async's, which differ from those of an option.
        Contract.__init__(
            self,
            "FUT",
            symbol=symbol,
            lastTradeDateOrContractMonth=lastTradeDateOrContractMonth,
            exchange=exchange,
            localSymbol=localSymbol,
            multiplier=multiplier,
            currency=currency,
            **kwargs,
        )


class ContFuture(Contract):
    """The front months of a future joined to one series. It has historical data only and cannot be traded."""

    _own_sec_type = "CONTFUT"

    def __init__(
        self,
        symbol: str = "",
        exchange: str = "",
        localSymbol: str = "",
        multiplier: str = "",
        currency: str = "",
        **kwargs: "Unpack[ContFutureFields]",
    ) -> None:
        Contract.__init__(
            self,
            "CONTFUT",
            symbol=symbol,
            exchange=exchange,
            localSymbol=localSymbol,
            multiplier=multiplier,
            currency=currency,
            **kwargs,
        )


class _ByKeyword(Contract):
    __signature__: ClassVar[SpelledOut] = SpelledOut()

    def __init__(self, **kwargs: "Unpack[ContractFields]") -> None:
        kwargs.setdefault("secType", self._own_sec_type)
        Contract.__init__(self, **kwargs)


class Bond(_ByKeyword):
    """A bond, usually named by `secIdType` and `secId`, or by its CUSIP as `symbol`."""

    _own_sec_type = "BOND"


class MutualFund(_ByKeyword):
    """A mutual fund."""

    _own_sec_type = "FUND"


class Warrant(_ByKeyword):
    """A warrant, or a structured product with `secType="IOPT"`."""

    _own_sec_type = "WAR"


class Bag(_ByKeyword):
    """A combination of the contracts in `comboLegs`."""

    _own_sec_type = "BAG"


_KINDS: dict[str, type[Contract]] = {
    "STK": Stock,
    "OPT": Option,
    "FUT": Future,
    "CONTFUT": ContFuture,
    "CASH": Forex,
    "IND": Index,
    "CFD": CFD,
    "BOND": Bond,
    "CMDTY": Commodity,
    "FOP": FuturesOption,
    "FUND": MutualFund,
    "WAR": Warrant,
    "IOPT": Warrant,
    "BAG": Bag,
    "CRYPTO": Crypto,
}
