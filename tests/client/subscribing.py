"""Subscriptions to quotes without a connection: what the methods of an `IB` do, but for the messages."""

from typing import Any

from ibdesk.client.state.quotes import Quotes
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.contract import Contract
from ibdesk.wire.messages.depth import CancelMktDepth, ReqMktDepth
from ibdesk.wire.messages.market_data import CancelMktData, ReqMktData


def start(quotes: Quotes, reqId: int, contract: Contract, kind: str, terms: Any = None) -> Ticker:
    """Subscribe under this id, and return the ticker that is filled."""
    request, cancel = ReqMktData(reqId, contract), CancelMktData(reqId)
    return _start(quotes, contract, kind, request, cancel, terms)


def start_book(quotes: Quotes, reqId: int, contract: Contract, rows: int, is_smart: bool) -> Ticker:
    """The same for market depth."""
    request, cancel = ReqMktDepth(reqId, contract, rows, is_smart), CancelMktDepth(reqId, is_smart)
    return _start(quotes, contract, Kind.DEPTH, request, cancel, ())


def _start(quotes: Quotes, contract: Contract, kind: str, request: Any, cancel: Any, terms: Any) -> Ticker:
    ticker = quotes.to_fill(contract, kind)
    with quotes.starting(Subscription(kind, request, cancel, ticker, ticker, terms), contract):
        pass
    return ticker


def end(quotes: Quotes, contract: Contract, kind: str) -> int | None:
    """End the newest subscription of a contract, and return its id; None when there is none."""
    subscription = quotes.subscribed(contract, kind)
    if subscription is None:
        return None
    quotes.end(subscription)
    reqId: int = subscription.request.reqId
    return reqId
