"""Decides what belongs to one instrument: its quote, its hours, its orders; must not know any other instrument."""

from ibdesk.model.contract_details import ContractDetails

from .book import Book
from .matching import Liquidity
from .quotes import Quote, day_volume, percent_change
from .sessions import ALWAYS_OPEN, Session
from .working import WorkingOrder


class Pit:
    """Where one instrument is traded. `orders` are at the market or held back from it, `watchers` are orders, of
    this or another instrument, with a condition on this one; both by permId.
    """

    def __init__(self) -> None:
        self.details: ContractDetails | None = None
        self.session: Session = ALWAYS_OPEN
        self.liquidity: Liquidity = Liquidity()
        self.book: Book = Book()
        self.orders: dict[int, WorkingOrder] = {}
        self.watchers: dict[int, WorkingOrder] = {}
        self.volume: float | None = None
        self.percent_change: float | None = None

    def take(self, quote: Quote) -> None:
        """Takes notice of a quote."""
        self.liquidity.take(quote)
        self.volume = day_volume(quote)
        self.percent_change = percent_change(quote)

    def working(self, buys: bool, account: str) -> int:
        """How many orders of one side an account has here."""
        return sum(entry.buys == buys and entry.order.account == account for entry in self.orders.values())
