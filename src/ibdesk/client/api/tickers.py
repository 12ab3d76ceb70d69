"""How a subscription that fills a ticker begins and ends, whatever it brings: quotes, depth, or tick by tick."""

from typing import Any

from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Subscription
from ibdesk.model.contract import Contract


def shared(dispatcher: Dispatcher, kind: str, contract: Contract, terms: Any) -> Ticker | None:
    """Return the ticker of a contract that is subscribed on these terms already, with one user more from now on."""
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
    """Send a request that fills the ticker of a contract, and return that. When it cannot be sent, nothing changes."""
    quotes = dispatcher.state.quotes
    ticker = quotes.to_fill(contract, kind)
    with quotes.starting(Subscription(kind, request, cancel, ticker, ticker, terms, restored_by), contract):
        dispatcher.client.send_message(request)
    return ticker


def unsubscribe(dispatcher: Dispatcher, subscription: Subscription) -> None:
    """Take one user off a subscription, and cancel it when that was the last one."""
    subscription.users -= 1
    if subscription.users <= 0:
        dispatcher.state.quotes.end(subscription)
        dispatcher.client.send_message(subscription.cancel)
