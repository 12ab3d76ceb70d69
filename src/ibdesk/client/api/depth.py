"""How market depth is subscribed and ended, and who offers it; not what a book is made of."""

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.quotes import DEPTH
from ibdesk.client.mirror.ticker import Ticker
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
        quotes, options = self.session.quotes, mktDepthOptions or []
        terms = (numRows, isSmartDepth, options)
        if shared := quotes.join(contract, DEPTH, terms):
            return shared
        reqId = self.client.next_id()
        request = ReqMktDepth(reqId, contract, numRows, isSmartDepth, options)
        if other := quotes.book(quotes.own_ticker(contract)):
            quotes.end_request(other[0])
            self.client.send_message(CancelMktDepth(*other))
        self.client.send_message(request)
        return quotes.start_book(reqId, contract, numRows, isSmartDepth, terms)

    @call_on_loop
    def cancelMktDepth(self, contract: Contract, isSmartDepth: bool = False) -> None:
        """End the subscription to the market depth of a contract; it is logged when there is none.

        The book becomes empty. `isSmartDepth` need not be told: the subscription knows.
        """
        quotes = self.session.quotes
        book = quotes.book(quotes.subscribed(contract, DEPTH))
        if book is None:
            _log.warning("cancelMktDepth: No reqId found for contract %s", contract)
        elif quotes.end_ticker(contract, DEPTH):
            self.client.send_message(CancelMktDepth(*book))

    async def reqMktDepthExchangesAsync(self) -> list[DepthMktDataDescription]:
        """Every exchange that offers market depth, once a security type."""
        exchanges: list[DepthMktDataDescription] = await in_time(self, ReqMktDepthExchanges(), LOOKUP)
        return exchanges

    reqMktDepthExchanges = blocking(reqMktDepthExchangesAsync)
