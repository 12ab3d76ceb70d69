"""The market of one instrument: its quote, its trading hours and its orders."""

from ibdesk.model.contract_details import ContractDetails

from .hours import ALWAYS_OPEN, TradingHours
from .liquidity import Liquidity
from .order_book import OrderBook
from .products import OPTION
from .quotes import Quote, day_volume, percent_change
from .working import WorkingOrder

BOTH_SIDES = (
    "Cannot have open orders on both sides of the same US Option contract. You are attempting to add an order for a<br>"
    " contract where an open order already exists on the opposite side of the market. Customers are prevented, by <br>"
    "regulation, from entering a buy and a sell order for the same option contract. The right to be on both sides <br>"
    "of the market is reserved for market makers."
)
"""Source: rejections of live accounts, 2024 to 2026."""


class InstrumentMarket:
    """The market of one instrument, in which its orders meet its quotes.

    `orders` are at the market or held back from it, `watchers` are orders, of this or another instrument, with a
    condition on this one, `followers` those whose price follows that of this one, `opening` those of the orders that
    wait for the opening auction; all by permId.
    """

    def __init__(self) -> None:
        self.details: ContractDetails | None = None
        self.hours: TradingHours = ALWAYS_OPEN
        self.liquidity: Liquidity = Liquidity()
        self.book: OrderBook = OrderBook()
        self.orders: dict[int, WorkingOrder] = {}
        self.watchers: dict[int, WorkingOrder] = {}
        self.followers: dict[int, WorkingOrder] = {}
        self.opening: dict[int, WorkingOrder] = {}
        self._quote: Quote | None = None

    def take(self, quote: Quote) -> None:
        """Take in a quote."""
        self.liquidity.take(quote)
        self._quote = quote

    @property
    def volume(self) -> float | None:
        """The volume of the day, where a quote has told it."""
        return day_volume(self._quote) if self._quote else None

    @property
    def percent_change(self) -> float | None:
        """The change of the last price since yesterday's close, where a quote has told both."""
        return percent_change(self._quote) if self._quote else None

    def has_other_side(self, entry: WorkingOrder) -> bool:
        """Return whether an order for a US option would be on both sides of the market with another of its account.

        Orders that wait for their parent are not open yet.
        """
        if entry.contract.secType != OPTION or entry.contract.currency != "USD":
            return False
        return any(
            other.buys != entry.buys and other.order.account == entry.order.account and "child" not in other.why_held
            for other in self.orders.values()
        )

    def working(self, buys: bool, account: str) -> int:
        """Return how many orders of one side an account has here."""
        return sum(entry.buys == buys and entry.order.account == account for entry in self.orders.values())
