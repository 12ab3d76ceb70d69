"""Which instruments a contract describes, by IB's rules.

The rules are those that IB documents and that captures of real replies show: what is given must match, what is not
given is open; each listing comes on SMART first and then on each of its exchanges.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails

from ..like import Like
from ..refusals import Ambiguous, Invalid, NoDefinition, Refusal
from . import futures, options
from .combinations import COMBINATION
from .details import details_of
from .endings import ending_of
from .instrument import Instrument
from .listings import OptionClass, load

_OPEN_ENDED = ("FUT", "CONTFUT", "FUT+CONTFUT")
_SEC_TYPES = re.compile(
    r"STK|OPT|FUT|CONTFUT|FUT\+CONTFUT|FOP|IND|CASH|CFD|BOND|CMDTY|CRYPTO|FUND|WAR|IOPT|BAG|NEWS|EVENT|EC"
)
_ALIASES = {"ISLAND": "NASDAQ"}
_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P", "": "", "0": "", "?": ""}
_EXPIRY = re.compile(r"(\d{6}|\d{8}([ -]\d\d:\d\d:\d\d.*)?)?$")
_KEPT = timedelta(days=731)

Price = Callable[[Instrument], float]


@dataclass(frozen=True, slots=True)
class OptionParameters:
    """The options of one trading class on one exchange: a line of the answer to reqSecDefOptParams."""

    exchange: str
    underlyingConId: int
    tradingClass: str
    multiplier: str
    expirations: tuple[str, ...]
    strikes: tuple[float, ...]


def _exchange_name(exchange: str) -> str:
    # Listings are also written with a market segment, as in NASDAQ.NMS.
    name = exchange.split(".")[0]
    return _ALIASES.get(name, name)


def _same_number(given: str, known: str) -> bool:
    try:
        return float(given) == float(known or 0)
    except ValueError:
        return False


def _expiry_matches(given: str, instrument: Instrument) -> bool:
    if len(given) == 6:
        return given == instrument.contractMonth
    return given[:8] == instrument.lastTradeDate


def _matches(wanted: Contract, known: Instrument) -> bool:
    right = _RIGHTS.get(wanted.right, wanted.right)
    expiry = wanted.lastTradeDateOrContractMonth
    return (
        (not wanted.symbol or wanted.symbol == known.symbol)
        and (not wanted.secType or known.secType in wanted.secType.replace("CONTFUT", "FUT").split("+"))
        and (not wanted.currency or wanted.currency == known.currency)
        and (not wanted.localSymbol or wanted.localSymbol == known.localSymbol)
        and (not wanted.tradingClass or wanted.tradingClass == known.tradingClass)
        and (not wanted.primaryExchange or _exchange_name(wanted.primaryExchange) == known.primaryExchange)
        and (not wanted.multiplier or _same_number(wanted.multiplier, known.multiplier))
        and (not expiry or _expiry_matches(expiry, known))
        and (not right or right == known.right)
        and (not wanted.strike or wanted.strike == known.strike)
        and (not wanted.secIdType or _security_id_matches(wanted, known))
    )


def _security_id_matches(wanted: Contract, known: Instrument) -> bool:
    # A CUSIP is the middle of the ISIN, less country and check digit.
    known_id = {"ISIN": known.isin, "CUSIP": known.isin[2:11]}.get(wanted.secIdType, "")
    return bool(known_id) and wanted.secId == known_id


class Instruments:
    """The contract database of one gateway, as of `today` (which may be moved on by assignment).

    `price_of` gives the price near which the options on an instrument are offered. It is asked when they are. `like` is
    the kind of account whose gateway is imitated.
    """

    def __init__(self, today: date, price_of: Price, like: Like = Like.PAPER) -> None:
        self.today = today
        self.like = like
        self._price_of = price_of
        self._listed = {instrument.conId: instrument for instrument in load().instruments}
        pairs = [instrument for instrument in self._listed.values() if instrument.secType == "CASH"]
        self.dollar_pairs: Mapping[str, Instrument] = {
            each.currency if each.symbol == "USD" else each.symbol: each for each in pairs
        }
        """A currency -> its pair with the US dollar, where that is listed."""

    def add(self, instrument: Instrument) -> None:
        """List an instrument, unless it is known already."""
        if self.by_con_id(instrument.conId) is None:
            self._listed[instrument.conId] = instrument

    def by_con_id(self, conId: int) -> Instrument | None:
        """Return the instrument with a conId, whether it still trades or not."""
        return self._listed.get(conId) or futures.by_con_id(conId) or options.by_con_id(conId)

    def alive(self, conId: int) -> Instrument | None:
        """Return the instrument with a conId, None where there is none that can still be traded."""
        known = self.by_con_id(conId)
        return known if known and self._alive(known, include_expired=False) else None

    def option(self, contract: Contract) -> Instrument | None:
        """Return the option with the terms of a contract, whether it is still offered or not; None where none has them.

        The local symbol alone, or symbol, expiry, strike and right, are enough.
        """
        if contract.localSymbol:
            named = options.by_local_symbol(contract.localSymbol)
            return named[1] if named else None
        return options.by_terms(
            contract.symbol,
            contract.tradingClass,
            contract.lastTradeDateOrContractMonth[:8],
            contract.strike,
            _RIGHTS.get(contract.right, ""),
        )

    def market_rule(self, rule: int) -> tuple[tuple[float, float], ...]:
        """Return the price steps of a market rule, as (lowEdge, increment). Raises KeyError for an unknown rule."""
        return load().market_rules[rule]

    def search(self, contract: Contract, include_expired: bool = False) -> list[ContractDetails]:
        """Return every row that matches `contract`, in IB's order.

        Raises `Invalid` or `Refusal` for a contract that TWS refuses to look up.
        """
        self._check(contract, "bO")
        if contract.secType == COMBINATION:
            cause = "'BAG' isn't supported for contract data request. Please enter a valid security type"
            raise Invalid("bO", cause)
        return self._search(contract, include_expired or contract.includeExpired)

    def _search(self, contract: Contract, include_expired: bool) -> list[ContractDetails]:
        found = self._instruments(contract, include_expired)
        rows = [details_of(each, exchange, self.today, self.like) for each, exchange in self._rows(contract, found)]
        if "CONTFUT" not in contract.secType:
            return rows
        leads = {futures.lead(klass, self.today).conId for klass in load().futures}
        continuous = [_continuous(row) for row in rows if row.contract and row.contract.conId in leads]
        return continuous + rows if contract.secType == "FUT+CONTFUT" else continuous

    def resolve(self, contract: Contract, tag: str = "bQ") -> ContractDetails:
        """Return the one row that market data, history or an order needs; `tag` names the request in refusals.

        Raises `NoDefinition`, `Ambiguous`, or `Invalid` for a missing field.
        """
        self._check(contract, tag)
        dated = contract.secType in ("FUT", "OPT", "FOP") and not contract.conId
        if dated and not (contract.localSymbol or contract.lastTradeDateOrContractMonth):
            raise Invalid(tag, "Please enter a local symbol or an expiry")
        if not contract.exchange:
            raise Invalid(tag, "Please enter exchange")
        rows = self._search(contract, contract.includeExpired)
        if not rows:
            raise NoDefinition
        if len(rows) > 1:
            raise Ambiguous(contract.symbol or contract.localSymbol, _missing(contract, rows))
        return rows[0]

    def option_chain(
        self, symbol: str, futFopExchange: str, secType: str, conId: int, tag: str = "cp"
    ) -> list[OptionParameters]:
        """Return the answer to reqSecDefOptParams: one line for each trading class and exchange.

        Raises `Invalid` for a `secType` that nothing is written on, `NoDefinition` for an unknown
        underlying.
        """
        if secType not in ("STK", "IND", "FUT"):
            raise Invalid(tag, f"Invalid security type - {secType}")
        # Symbol, type and conId must all be those of one instrument.
        under = self.by_con_id(conId)
        if under is None or under.symbol != symbol or under.secType != secType:
            raise NoDefinition
        return [
            OptionParameters(
                exchange,
                conId,
                chain.klass.tradingClass,
                "100",
                tuple(f"{day:%Y%m%d}" for day in chain.expiries),
                chain.strikes,
            )
            for chain in map(self._chain, load().options)
            if chain.klass.underlying is under
            for exchange in chain.klass.kind.exchanges
            if futFopExchange in ("", exchange)
        ]

    @staticmethod
    def _check(contract: Contract, tag: str) -> None:
        known_otherwise = contract.conId or contract.secIdType
        if not _SEC_TYPES.fullmatch(contract.secType) and (contract.secType or not known_otherwise):
            raise Invalid(tag, "Please enter a valid security type")
        if not _EXPIRY.match(contract.lastTradeDateOrContractMonth):
            raise Refusal(
                10330,
                "The expiry date/time format is invalid.\nThe correct format is yyyyMM, yyyyMMdd, yyyyMMdd HH:mm:ss "
                "(operator or instrument time zone) or yyyyMMdd-HH:mm:ss (UTC time zone).",
            )

    def _instruments(self, contract: Contract, include_expired: bool) -> list[Instrument]:
        if contract.conId:
            known = self.by_con_id(contract.conId)
            candidates: Iterable[Instrument] = [known] if known and self._alive(known, include_expired) else []
        elif contract.secType in _OPEN_ENDED:
            candidates = self._futures(include_expired)
        elif contract.secType == "OPT":
            candidates = self._options(contract)
        else:
            candidates = self._listed.values()
        return [instrument for instrument in candidates if _matches(contract, instrument)]

    def _alive(self, known: Instrument, include_expired: bool) -> bool:
        ending = ending_of(known)
        if ending is None:
            return True
        # Those that have ended can be looked up of futures only.
        kept = _KEPT if include_expired and known.option is None else timedelta(0)
        return ending.last_day >= self.today - kept

    def _futures(self, include_expired: bool) -> Iterator[Instrument]:
        for klass in load().futures:
            if include_expired:
                yield from futures.expired(klass, self.today)
            yield from futures.listed(klass, self.today)

    def _chain(self, klass: OptionClass) -> options.Chain:
        return options.chain(klass, self.today, self._price_of(klass.underlying))

    def _options(self, contract: Contract) -> Iterator[Instrument]:
        if contract.localSymbol:
            named = options.by_local_symbol(contract.localSymbol)
            if named:
                klass, option = named
                assert option.option is not None
                chain = self._chain(klass)
                if option.option.expires in chain.expiries and option.strike in chain.strikes:
                    yield option
            return
        expiry = contract.lastTradeDateOrContractMonth[:8]
        right = _RIGHTS.get(contract.right, contract.right)
        for klass in load().options:
            # Chains are long: those that cannot match are not made.
            if klass.underlying.symbol != contract.symbol or contract.tradingClass not in ("", klass.tradingClass):
                continue
            chain = self._chain(klass)
            strikes = [k for k in chain.strikes if not contract.strike or k == contract.strike]
            for day in (day for day in chain.expiries if f"{day:%Y%m%d}".startswith(expiry)):
                for strike in strikes:
                    yield from (options.contract(klass, day, strike, r) for r in "CP" if not right or r == right)

    @staticmethod
    def _rows(contract: Contract, found: list[Instrument]) -> list[tuple[Instrument, str]]:
        exchange = _exchange_name(contract.exchange)
        # A whole chain on each of its 17 exchanges would be a hundred thousand rows.
        only_first = contract.conId or (contract.secType == "OPT" and len(found) > 1)
        if exchange:
            return [(each, exchange) for each in found if exchange in each.kind.exchanges]
        if only_first:
            return [(each, each.kind.exchanges[0]) for each in found]
        smart = [(each, "SMART") for each in found if each.kind.smart]
        return smart + [(each, name) for each in found for name in each.kind.exchanges if name != "SMART"]


def _continuous(row: ContractDetails) -> ContractDetails:
    fields = {**vars(row.contract), "secType": "CONTFUT"}
    return ContractDetails(**{**vars(row), "contract": Contract.create(**fields)})


def _missing(contract: Contract, rows: list[ContractDetails]) -> str:
    found = [row.contract for row in rows if row.contract]
    if not contract.currency and len({each.currency for each in found}) > 1:
        return "currency"
    if len({(each.multiplier, each.tradingClass) for each in found}) > 1:
        return "multiplier or trading class"
    return ""
