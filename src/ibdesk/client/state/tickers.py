"""Decides which ticker a contract means, one for each instrument at each exchange; it must not know what is in one."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from operator import attrgetter

from ibdesk.client.state.ticker import Ticker
from ibdesk.model.contract import Contract

_STAYS = attrgetter("conId", "symbol", "strike", "currency", "exchange", "localSymbol", "tradingClass")
"""What a contract keeps when the rest of it is filled in."""


class Tickers:
    """The tickers of one connection, by contract and exchange.

    The quotes of two exchanges are not to be mixed: the bid of the one beside the ask of the other is no market.
    """

    def __init__(self) -> None:
        self._known: defaultdict[Hashable, dict[str, Ticker]] = defaultdict(dict)
        """By the key of the contract, and its exchange."""
        self._asked: dict[Ticker, Contract] = {}
        """Each ticker, with its contract as it was when it was asked for: its owner may change it."""
        self._by_object: dict[int, Ticker] = {}
        """By the identity of its contract, for as long as it is the ticker's."""
        self._unqualified: set[Ticker] = set()
        """Those whose contract had no conId when they were asked for, and has none yet."""

    def __iter__(self) -> Iterator[Ticker]:
        return iter(self._asked)

    def __contains__(self, ticker: Ticker) -> bool:
        return ticker in self._asked

    def add(self, ticker: Ticker, contract: Contract) -> None:
        """There is a ticker for a contract at its exchange, which had none."""
        other = self._by_object.get(id(contract))
        if other is not None and other.contract is contract:  # it has been changed, and is used for something else
            other.contract = self._asked[other]
        self._by_object[id(contract)] = ticker
        self._known[contract.key()][contract.exchange] = ticker
        self._asked[ticker] = Contract.recreate(contract)
        if not contract.conId:
            self._unqualified.add(ticker)

    def at(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract at its exchange, also when it was asked for before it was qualified."""
        self._note_qualified()
        found = self._at_exchanges(contract).get(contract.exchange)
        if found is None:
            found = self._by_object.get(id(contract))
            if found is not None and not self._is_still_of(found, contract):
                return None
        return found

    def meant_by(self, contract: Contract) -> Iterator[Ticker]:
        """The tickers that a contract may mean, the best first. One that names no exchange means any.

        Positions name the exchange that lists a stock, not the one where its quotes were asked for. So where there is
        no ticker at the exchange that is named, the only one that there is is meant.
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

    def _note_qualified(self) -> None:
        """Know those whose contracts have been qualified by what they are now, too."""
        for ticker in [one for one in self._unqualified if one.contract is not None and one.contract.conId]:
            self._unqualified.discard(ticker)
            contract = ticker.contract
            if contract is not None and self._is_still_of(ticker, contract):
                self._known[contract.key()].setdefault(contract.exchange, ticker)

    def _is_still_of(self, ticker: Ticker, contract: Contract) -> bool:
        return ticker.contract is contract and _has_become(self._asked[ticker], contract)


def _has_become(asked: Contract, contract: Contract) -> bool:
    """Is this the contract that was asked for, with what was left open filled in?"""
    return (
        all(was == now for was, now in zip(_STAYS(asked), _STAYS(contract), strict=True) if was)
        and contract.lastTradeDateOrContractMonth.startswith(asked.lastTradeDateOrContractMonth)
        and contract.right.startswith(asked.right[:1])
    )
