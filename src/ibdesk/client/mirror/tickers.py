"""Decides which ticker a contract means, one for each instrument at each exchange; it must not know what is in one."""

from collections.abc import Hashable, Iterator
from operator import attrgetter

from ibdesk.client.mirror.ticker import Ticker
from ibdesk.model.contract import Contract

_STAYS = attrgetter("conId", "symbol", "strike", "currency", "exchange", "localSymbol", "tradingClass")
"""What a contract keeps when the rest of it is filled in."""


class Tickers:
    """The tickers of one connection, by contract and exchange.

    The quotes of two exchanges are not to be mixed: the bid of the one beside the ask of the other is no market.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, Ticker] = {}
        self._asked: dict[Ticker, Contract] = {}
        """Each ticker, with its contract as it was when it was asked for: its owner may change it."""

    def __iter__(self) -> Iterator[Ticker]:
        return iter(self._asked)

    def add(self, ticker: Ticker, contract: Contract) -> None:
        """There is a ticker for a contract at its exchange, which had none."""
        for other, asked in self._asked.items():
            if other.contract is contract:  # it has been changed, and is used again for something else
                other.contract = asked
        self._known[_place(contract)] = ticker
        self._asked[ticker] = Contract.recreate(contract)

    def at(self, contract: Contract) -> Ticker | None:
        """The ticker of a contract at its exchange, also when it was asked for before it was qualified."""
        found = self._known.get(_place(contract))
        if found is None:
            found = next((one for one, asked in self._asked.items() if _has_become(one, asked, contract)), None)
        return found

    def meant_by(self, contract: Contract) -> Iterator[Ticker]:
        """The tickers that a contract may mean, the best first. One that names no exchange means any."""
        own = self.at(contract)
        if own is not None:
            yield own
        for one in self._asked:
            if one is not own and one.contract == contract and "" in (one.contract.exchange, contract.exchange):
                yield one


def _place(contract: Contract) -> Hashable:
    return contract.key(), contract.exchange


def _has_become(ticker: Ticker, asked: Contract, contract: Contract) -> bool:
    """Is this the contract of the ticker, with what was left open when it was asked for filled in?"""
    if ticker.contract is not contract and (
        ticker.contract != contract or ticker.contract.exchange != contract.exchange
    ):
        return False
    return (
        all(was == now for was, now in zip(_STAYS(asked), _STAYS(contract), strict=True) if was)
        and contract.lastTradeDateOrContractMonth.startswith(asked.lastTradeDateOrContractMonth)
        and contract.right.startswith(asked.right[:1])
    )
