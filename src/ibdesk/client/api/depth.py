"""Methods of `IB` that subscribe to market depth, and tell which exchanges offer it."""

from ibdesk.client.api import tickers
from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind
from ibdesk.logs import logger
from ibdesk.model.contract import Contract, TagValue
from ibdesk.model.reference import DepthMktDataDescription
from ibdesk.wire.messages.depth import CancelMktDepth, ReqMktDepth, ReqMktDepthExchanges

_log = logger("ibdesk.ib")


class Depth(ApiGroup):
    """Market depth, which is also called level II data or the order book."""

    @call_on_loop
    def reqMktDepth(
        self,
        contract: Contract,
        numRows: int = 5,
        isSmartDepth: bool = False,
        mktDepthOptions: list[TagValue] | None = None,
    ) -> Ticker:
        """Subscribe to the order book of a contract: at one exchange, or with `isSmartDepth` at several.

        The rows are in the ticker's `domBids` and `domAsks`, the best first, and each change is in its `domTicks`. A
        ticker has one book. Another subscription to the same contract at the same exchange replaces it. If the same
        subscription is made twice, it ends when it has been cancelled twice.

        * `numRows`: the number of rows on each side.
        * `isSmartDepth`: combine the books of several exchanges, for a contract with `exchange="SMART"`. The
          `marketMaker` of a row is then the exchange. Without it, the contract must name an exchange that
          `reqMktDepthExchanges` returns.
        * `mktDepthOptions`: for IBKR's own use.

        The account must subscribe to the exchange's market depth (level II). It may have 3 books at a time, and more
        with 400 market data lines or more, but at most 60.

        Source: TWS API documentation, "Market Depth (Level II)".
        """
        options = mktDepthOptions or []
        terms = (numRows, isSmartDepth, options)
        if ticker := tickers.shared(self.dispatcher, Kind.DEPTH, contract, terms):
            return ticker
        reqId, quotes = self.client.next_id(), self.dispatcher.state.quotes
        request = ReqMktDepth(reqId, contract, numRows, isSmartDepth, options)
        own = quotes.own_ticker(contract)
        for other in self.client.subscriptions.about(Kind.DEPTH, own) if own else ():
            quotes.end(other)
            self.dispatcher.cancel(other)
        cancel = CancelMktDepth(reqId, isSmartDepth)
        return tickers.subscribe(self.dispatcher, Kind.DEPTH, contract, request, cancel, terms, (request,))

    @call_on_loop
    def cancelMktDepth(self, contract: Contract, isSmartDepth: bool = False) -> None:
        """End the subscription to the market depth of a contract. If there is none, that is logged.

        The book becomes empty. `isSmartDepth` makes no difference, since the subscription has it.
        """
        subscription = self.dispatcher.state.quotes.subscribed(contract, Kind.DEPTH)
        if subscription is None:
            _log.warning("cancelMktDepth: No reqId found for contract %s", contract)
        else:
            tickers.unsubscribe(self.dispatcher, subscription)

    async def reqMktDepthExchangesAsync(self) -> list[DepthMktDataDescription]:
        """Return the exchanges that offer market depth, with an entry for each security type."""
        answer = await in_time(self, ReqMktDepthExchanges(), LOOKUP)
        return [exchange for message in answer for exchange in message.depthMktDataDescriptions]

    reqMktDepthExchanges = blocking(reqMktDepthExchangesAsync)
