"""How subscriptions that fill a ticker begin and end: quotes, market depth and tick-by-tick data."""

from typing import Any

from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Subscription
from ibdesk.model.contract import Contract


def shared(dispatcher: Dispatcher, kind: str, contract: Contract, terms: Any) -> Ticker | None:
    """Return the ticker of a contract if it is subscribed on equal terms already, and count one more user of that."""
    ticker = dispatcher.state.quotes.own_ticker(contract)
    subscription = dispatcher.subscriptions.join(kind, ticker, terms) if ticker is not None else None
    return ticker if subscription is not None else None


def subscribe(
    dispatcher: Dispatcher,
    kind: str,
    contract: Contract,
    request: Any,
    cancel: Any,
    terms: Any = None,
    restored_by: tuple[Any, ...] = (),
) -> Ticker:
    """Send a request that fills the ticker of a contract, and return the ticker.

    If the request cannot be sent, it raises, and nothing has changed. `terms` and `restored_by` are those of
    `Subscription`.
    """
    quotes = dispatcher.state.quotes
    ticker = quotes.to_fill(contract, kind)
    with quotes.starting(Subscription(kind, request, cancel, ticker, ticker, terms, restored_by), contract):
        dispatcher.client.send_message(request)
    return ticker


def unsubscribe(dispatcher: Dispatcher, subscription: Subscription) -> None:
    """Count one user of a subscription less, and cancel it if that was the last one."""
    if dispatcher.subscriptions.leave(subscription):
        dispatcher.state.quotes.end(subscription)
        dispatcher.cancel(subscription)
