"""`Dialect`: the points in which an `IB` can behave like another library than ib_async.

There is one such library, ib_insync. Its dialect is in `ibdesk.extras.ib_insync`.
"""

from dataclasses import dataclass

from ibdesk.client.state.orders import Orders
from ibdesk.client.state.quotes import Quotes


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an `IB` turns what the server sends into what the user sees.

    `orders` and `quotes` are the classes that make trades and tickers, and change them as messages arrive. With
    `forgets_at_once`, `disconnect` forgets account values, positions and tickers; otherwise they can be read until the
    next connection is made.
    """

    orders: type[Orders] = Orders
    quotes: type[Quotes] = Quotes
    forgets_at_once: bool = True
