"""The account at the market prices of the moment.

The ledger knows no market: it must be told what things are worth. Here that is done whenever somebody looks, for
everything that has changed since, so that all views of one moment agree, and none depends on what was looked at before.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from heapq import heappop, heappush

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution

from .instruments import Instrument
from .ledger import Holding, Ledger, Preview
from .market import Market, Quote, mark_price


class MarkedLedger:
    """The account of a gateway, at the market's prices. `now` tells the moment.

    The exchange consults it as `ibdesk.paper.exchange.risk.Risk`.
    """

    def __init__(self, market: Market, account: str, cash: float, now: Callable[[], datetime]) -> None:
        self._market = market
        self._ledger = Ledger(account, cash=cash)
        self._now = now
        self._marked: datetime = now()
        # What has a price that matters, by conId: currencies of which there are balances, and what is held. Of each
        # there is one entry in the heap, the moment of its next change.
        self._pairs: dict[int, Instrument] = {}
        self._followed: set[int] = set()
        self._changes: list[tuple[datetime, int]] = []

    @property
    def ledger(self) -> Ledger:
        """The ledger as it stands now. It is marked when somebody looks, with the prices that have changed."""
        now = self._now()
        if now < self._marked:
            self._begin_anew()
        self._marked = now
        while self._changes and self._changes[0][0] <= now:
            _, con_id = heappop(self._changes)
            self._mark(con_id)
        return self._ledger

    @property
    def holdings(self) -> list[Holding]:
        """The positions, without a look at what they are worth."""
        return [holding for holding in self._ledger.holdings.values() if holding.position]

    def holding(self, con_id: int) -> Holding:
        """Return the position in a contract, without a look at what it is worth. Raises KeyError if there was none."""
        return self._ledger.holdings[con_id]

    def next_change(self, con_id: int | None = None) -> datetime | None:
        """Return the first moment after now at which prices may change what the account is worth.

        With a `con_id`, it is about the position in that contract alone. None if nothing is held that has a price.
        """
        ledger = self.ledger
        if con_id is None:
            while self._changes and not self._matters(self._changes[0][1]):
                self._followed.remove(heappop(self._changes)[1])
            return self._changes[0][0] if self._changes else None
        held = ledger.holdings.get(con_id)
        if held is None or not held.position:
            return None
        pair = self._market.instruments.dollar_pairs.get(held.contract.currency)
        priced = {con_id, pair.conId} if pair else {con_id}
        return min(self._market.next_change(each, self._marked) for each in priced)

    def _begin_anew(self) -> None:
        """Mark everything: the prices of a later moment say nothing of this one."""
        self._marked = self._now()
        self._changes.clear()
        for con_id in list(self._followed):
            self._mark(con_id)

    def _follow(self, con_id: int) -> None:
        if con_id not in self._followed:
            self._followed.add(con_id)
            self._mark(con_id)

    def _matters(self, con_id: int) -> bool:
        holding = self._ledger.holdings.get(con_id)
        return con_id in self._pairs or (holding is not None and bool(holding.position))

    def _mark(self, con_id: int) -> None:
        """Mark a pair of currencies or what is held, and note when its price changes next."""
        if not self._matters(con_id):
            self._followed.remove(con_id)
            return
        quote, change = self._market.quote_until(con_id, self._marked)
        heappush(self._changes, (change, con_id))
        if pair := self._pairs.get(con_id):
            self._ledger.mark_pair(pair.symbol, pair.currency, mark_price(quote))
        if (holding := self._ledger.holdings.get(con_id)) and holding.position:
            self._mark_position(holding.contract, quote)

    def _mark_position(self, contract: Contract, quote: Quote) -> None:
        # What has ended is quoted no more.
        fixed = self._market.fixed_price(contract.conId, self._marked) if quote.bid <= 0 else None
        if fixed is None:
            self._ledger.mark(contract, mark_price(quote))
        else:
            self._ledger.fix(contract, fixed)

    def book(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book an execution of now, and return what it cost and earned."""
        return self._enter(execution, contract, Ledger.book)

    def settle(self, execution: Execution, contract: Contract) -> CommissionReport:
        """Book what a position gets or gives now without a trade, which is free, and return what it earned."""
        return self._enter(execution, contract, Ledger.settle)

    def _enter(
        self,
        execution: Execution,
        contract: Contract,
        book: Callable[[Ledger, Execution, Contract], CommissionReport],
    ) -> CommissionReport:
        ledger, pairs = self.ledger, self._market.instruments.dollar_pairs
        for currency in _moved(contract):
            if (pair := pairs.get(currency)) and pair.conId not in self._pairs:
                self._pairs[pair.conId] = pair
                self._follow(pair.conId)
        report = book(ledger, execution, contract)
        # What is opened has the price of the trade until it is marked.
        if contract.conId in self._followed:
            self._mark_position(contract, self._market.quote(contract.conId, self._marked))
        self._follow(contract.conId)
        return report

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
