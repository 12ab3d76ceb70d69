"""The tickers of a connection, one for each instrument at each exchange, and which of them a contract means."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from operator import attrgetter

from ibdesk.client.state.ticker import Ticker
from ibdesk.model.contract import Contract

_STAYS = attrgetter("conId", "symbol", "strike", "currency", "exchange", "localSymbol", "tradingClass")
"""The fields that keep their value when a contract is qualified, unless they were empty."""

_WITHOUT_STRIKE = frozenset({"STK", "CASH", "FUT", "CONTFUT", "IND", "CFD", "CRYPTO", "CMDTY", "BOND", "FUND", "BAG"})
"""The types of instruments that have no strike."""

_Place = tuple[str, float]


class Tickers:
    """The tickers of one connection, by contract and exchange.

    Each exchange has its own ticker, because a bid of one exchange and an ask of another are not one market. A program
    may change a contract after it has asked for its quotes: `qualifyContracts` fills it in, and some programs use the
    same object for another instrument. So the contract is also kept as it was when it was asked for.
    """

    def __init__(self) -> None:
        self._known: defaultdict[Hashable, dict[str, Ticker]] = defaultdict(dict)
        """By the key of the contract, and by its exchange."""
        self._asked: dict[Ticker, Contract] = {}
        """Each ticker, with a copy of its contract as it was when it was asked for."""
        self._by_object: dict[int, Ticker] = {}
        """By the `id` of the contract object, as long as the ticker has that object."""
        self._unqualified: defaultdict[_Place, dict[Ticker, None]] = defaultdict(dict)
        """The tickers whose contract had no conId when it was asked for, and had none when this was last looked at.

        They are kept by the symbol and the strike that were asked for, so that few have to be looked at.
        """

    def __iter__(self) -> Iterator[Ticker]:
        return iter(self._asked)

    def __contains__(self, ticker: Ticker) -> bool:
        return ticker in self._asked

    def add(self, ticker: Ticker, contract: Contract) -> None:
        """Add a ticker for a contract at its exchange, which has none yet."""
        other = self._by_object.get(id(contract))
        if other is not None and other.contract is contract:  # the object is now used for another instrument
            other.contract = self._asked[other]
        self._by_object[id(contract)] = ticker
        self._known[contract.key()][contract.exchange] = ticker
        self._asked[ticker] = Contract.recreate(contract)
        if not contract.conId:
            self._unqualified[contract.symbol, contract.strike][ticker] = None

    def at(self, contract: Contract) -> Ticker | None:
        """Return the ticker of a contract at its exchange, even if it was asked for before it was qualified."""
        if contract.conId and self._unqualified:  # only these can be found by what this notes
            self._note_qualified(contract)
        found = self._at_exchanges(contract).get(contract.exchange)
        if found is None:
            found = self._by_object.get(id(contract))
            if found is not None and not self._is_still_of(found, contract):
                return None
        return found

    def meant_by(self, contract: Contract) -> Iterator[Ticker]:
        """Return the tickers that a contract may mean, the best first.

        A contract without an exchange means the tickers at every exchange. A contract of a position names the exchange
        that lists the stock, which may not be the one whose quotes were asked for. So if there is no ticker at the
        named exchange and only one elsewhere, that one is meant.
        """
        own = self.at(contract)
        if own is not None:
            yield own
        known = self._at_exchanges(contract)
        for exchange, one in known.items():
            if one is not own and ("" in (exchange, contract.exchange) or (own is None and len(known) == 1)):
                yield one

    def _at_exchanges(self, contract: Contract) -> dict[str, Ticker]:
        return self._known.get(contract.key(), {})

    def _note_qualified(self, wanted: Contract) -> None:
        """Find tickers by their qualified contracts too, once these have been qualified: those that may be `wanted`."""
        for place in self._places(wanted):
            for ticker in [one for one in self._unqualified[place] if one.contract is not None and one.contract.conId]:
                del self._unqualified[place][ticker]
                contract = ticker.contract
                if contract is not None and self._is_still_of(ticker, contract):
                    self._known[contract.key()].setdefault(contract.exchange, ticker)
            if not self._unqualified[place]:
                del self._unqualified[place]

    def _places(self, wanted: Contract) -> Collection[_Place]:
        """Return where to look for tickers that `wanted` may mean: all places if it leaves its symbol or strike out."""
        if not wanted.symbol or (not wanted.strike and wanted.secType not in _WITHOUT_STRIKE):
            return list(self._unqualified)
        symbols, strikes = (wanted.symbol, ""), (wanted.strike, 0.0)
        return {(symbol, strike) for symbol in symbols for strike in strikes} & self._unqualified.keys()

    def _is_still_of(self, ticker: Ticker, contract: Contract) -> bool:
        return ticker.contract is contract and _has_become(self._asked[ticker], contract)


def _has_become(asked: Contract, contract: Contract) -> bool:
    """Return whether a contract is the one that was asked for, perhaps with empty fields filled in."""
    return (
        all(was == now for was, now in zip(_STAYS(asked), _STAYS(contract), strict=True) if was)
        and contract.lastTradeDateOrContractMonth.startswith(asked.lastTradeDateOrContractMonth)
        and contract.right.startswith(asked.right[:1])
    )
