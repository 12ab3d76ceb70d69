"""Decides in what an `IB` can behave as another library than ib_async does; it must not know any such library.

The dialect of ib_insync, the only other one, is :mod:`ibdesk.extras.ib_insync`.
"""

from dataclasses import dataclass

from ibdesk.client.state.orders import Orders
from ibdesk.client.state.quotes import Quotes


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an `IB` pictures what the server tells.

    `orders` and `quotes` make trades and tickers, and decide what each message changes in them. `forgets_at_once`:
    `disconnect` forgets the account, its positions and the tickers; else they are shown until the next connection.
    """

    orders: type[Orders] = Orders
    quotes: type[Quotes] = Quotes
    forgets_at_once: bool = True
