"""How market depth is subscribed and ended, and who offers it; not what a book is made of."""

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
    """Subscribe to market depth."""

    @call_on_loop
    def reqMktDepth(
        self,
        contract: Contract,
        numRows: int = 5,
        isSmartDepth: bool = False,
        mktDepthOptions: list[TagValue] | None = None,
    ) -> Ticker:
        """Subscribe to the book of a contract: of one exchange, or of many with `isSmartDepth`.

        They are in the ticker's `domBids` and `domAsks`, the best first, and each change is in its `domTicks`. A ticker
        has one book: another subscription to the contract at its exchange takes its place, and the same one is counted.

        * `numRows`: how many rows of each side.
        * `isSmartDepth`: the books of several exchanges in one, with `exchange="SMART"`; `marketMaker` of a row is the
          exchange. Without it the contract names an exchange that `reqMktDepthExchanges` has.
        * `mktDepthOptions`: for IBKR's own use.

        It needs a subscription to the exchange's depth (level II). An account may have 3 books at a time; with 400
        lines of data or more, more of them, 60 at most.

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
            self.client.send_message(other.cancel)
        cancel = CancelMktDepth(reqId, isSmartDepth)
        return tickers.subscribe(self.dispatcher, Kind.DEPTH, contract, request, cancel, terms, (request,))

    @call_on_loop
    def cancelMktDepth(self, contract: Contract, isSmartDepth: bool = False) -> None:
        """End the subscription to the market depth of a contract; it is logged when there is none.

        The book becomes empty. `isSmartDepth` need not be told: the subscription knows.
        """
        subscription = self.dispatcher.state.quotes.subscribed(contract, Kind.DEPTH)
        if subscription is None:
            _log.warning("cancelMktDepth: No reqId found for contract %s", contract)
        else:
            tickers.unsubscribe(self.dispatcher, subscription)

    async def reqMktDepthExchangesAsync(self) -> list[DepthMktDataDescription]:
        """Every exchange that offers market depth, once a security type."""
        answer = await in_time(self, ReqMktDepthExchanges(), LOOKUP)
        return [exchange for message in answer for exchange in message.depthMktDataDescriptions]

    reqMktDepthExchanges = blocking(reqMktDepthExchangesAsync)
