"""The account at the market prices of the moment.

The ledger knows no market: it must be told what things are worth. Here that is done whenever somebody looks, for
everything at once, so that all views of one moment agree, and none depends on what was looked at before.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution

from .ledger import Ledger, Preview
from .market import Market, mark_price


class MarkedLedger:
    """The account of a gateway, at the market's prices. `now` tells the moment.

    The exchange consults it as `ibdesk.paper.exchange.risk.Risk`.
    """

    def __init__(self, market: Market, account: str, cash: float, now: Callable[[], datetime]) -> None:
        self._market = market
        self._ledger = Ledger(account, cash=cash)
        self._now = now
        self._marked: datetime | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger as it stands now. It is marked when somebody looks, and once for each moment."""
        now = self._now()
        if self._marked != now:
            held = self._held()
            self._mark_currencies(self._currencies(held), now)
            for contract in held:
                self._ledger.mark(contract, mark_price(self._market.quote(contract.conId, now)))
            self._marked = now
        return self._ledger

    def next_change(self, after: datetime, con_id: int | None = None) -> datetime | None:
        """Return the first moment after `after` (aware) at which prices may change what the account is worth.

        With a `con_id`, it is about the position in that contract alone. None if nothing is held that has a price.
        """
        held = [contract for contract in self._held() if con_id in (None, contract.conId)]
        currencies = {contract.currency for contract in held} if con_id else self._currencies(held)
        pairs = self._market.instruments.dollar_pairs
        priced = {contract.conId for contract in held} | {pairs[each].conId for each in currencies if each in pairs}
        return min((self._market.next_change(each, after) for each in priced), default=None)

    def _held(self) -> list[Contract]:
        return [holding.contract for holding in self._ledger.holdings.values() if holding.position]

    def _currencies(self, held: Iterable[Contract]) -> set[str]:
        return {*self._ledger.cash, *[contract.currency for contract in held]}

    def book(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book an execution of now, and return what it cost and earned."""
        self._mark_currencies(_moved(contract), self._now())
        self._marked = None
        return self._ledger.book(execution, contract)

    def rate(self, currency: str) -> float:
        """Return what one unit of a currency is worth now in US dollars. Raises LookupError where nothing tells."""
        self._mark_currencies([currency], self._now())
        return float(self._ledger.rate(currency) / self._ledger.rate("USD"))

    def preview(self, contract: Contract, action: str, quantity: float, price: float) -> Preview:
        """Return what an order would do to the account at the prices of now. NaN is no `price`.

        What is filled at once is filled at the other side's quote at best. What waits for another price is reckoned at
        what the contract is worth now: when it is filled, the contract is worth what was paid for it.
        """
        now = self._now()
        self._mark_currencies(_moved(contract), now)
        quote = self._market.quote(contract.conId, now)
        worth = mark_price(quote)
        if action == "BUY":
            offer = quote.ask if quote.ask > 0 else worth
            paid = min(offer, max(price, worth)) if price == price else offer
        else:
            bid = quote.bid if quote.bid > 0 else worth
            paid = max(bid, min(price, worth)) if price == price else bid
        return self.ledger.preview(contract, action, quantity, paid, worth)

    def margin_cushion(self) -> float:
        """Return the excess liquidity in percent of the net liquidation value."""
        return self.ledger.margin_cushion()

    def _mark_currencies(self, currencies: Iterable[str], now: datetime) -> None:
        pairs = self._market.instruments.dollar_pairs
        for currency in currencies:
            if pair := pairs.get(currency):
                price = mark_price(self._market.quote(pair.conId, now))
                self._ledger.mark_pair(pair.symbol, pair.currency, price)


def _moved(contract: Contract) -> list[str]:
    """Return the currencies that a trade moves."""
    return [contract.currency, contract.symbol] if contract.secType == "CASH" else [contract.currency]
