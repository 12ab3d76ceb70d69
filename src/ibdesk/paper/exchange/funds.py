"""Whether an account can carry its orders: what works needs funds, and every execution is looked at again.

Orders of one instrument and one side could all be filled, but for those of a one-cancels-all group, of which the
largest counts. Purchases and sales of the same instrument close what the others open. So its orders could take what
the worse side takes, and nothing where that closes positions. What the orders of all instruments could take has to be
there when one more comes in. Prices move afterwards; hence the look at each execution, which ends an order that the
account cannot carry any more.

What an instrument's orders could take is reckoned when it is needed, and again only after one of its quotes,
executions or orders.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from ..decimals import EXACT, ZERO
from .instrument_market import InstrumentMarket
from .lifecycle import FILLED
from .order_index import OrderIndex
from .risk import MarginPreview, Risk, shortfall
from .working import WorkingOrder


class Funds:
    """What the working orders of all accounts could take of the funds that are available."""

    def __init__(
        self, accounts: Mapping[str, Risk], index: OrderIndex, markets: Mapping[int, InstrumentMarket]
    ) -> None:
        self._accounts = accounts
        self._index = index
        self._markets = markets
        # By conId and account, and by account.
        self._reserves: dict[int, dict[str, Decimal]] = {}
        self._totals: dict[str, Decimal] = dict.fromkeys(accounts, ZERO)
        self._stale: set[int] = set()

    def objection(self, entry: WorkingOrder, instead_of: WorkingOrder | None = None) -> str:
        """Return why the account cannot carry one more order, or one in the place of another; "" when it can.

        The new order is reserved for from then on.
        """
        account, con_id = entry.order.account, entry.contract.conId
        others = [each for each in self._orders(account, con_id, entry.buys) if each is not instead_of]
        preview = self._preview([*others, entry])
        if preview is None:
            return ""
        self._refresh()
        reserved = self._reserves.get(con_id, {}).get(account, ZERO)
        # What ties up no more than before, or takes no more than is reserved, is always welcome.
        if preview.ties_up_more and preview.takes > reserved:
            missing = self._totals[account] - reserved + preview.takes - preview.before.available_funds
            if missing > 0:
                return shortfall(preview, missing)
        if preview.ties_up_more:
            reserved = max(reserved, preview.takes)
        self._reserve(account, con_id, reserved)
        return ""

    def objection_to_fill(self, entry: WorkingOrder, size: Decimal, price: Decimal) -> str:
        """Return why the account cannot carry an execution, "" when it can."""
        risk = self._accounts[entry.order.account]
        preview = risk.preview(entry.contract, entry.order.action, float(size), float(price))
        missing = -preview.after.available_funds
        return shortfall(preview, missing) if preview.ties_up_more and missing > 0 else ""

    def touch(self, con_id: int) -> None:
        """Take note that an instrument's orders, the position in it or its price have changed."""
        if con_id in self._reserves:
            self._stale.add(con_id)

    def _refresh(self) -> None:
        for con_id in self._stale:
            for account in self._reserves[con_id]:
                worst = ZERO
                for buys in (True, False) if self._markets[con_id].orders else ():
                    side = self._preview(self._orders(account, con_id, buys))
                    if side and side.ties_up_more:
                        worst = max(worst, side.takes)
                self._reserve(account, con_id, worst)
            if not self._markets[con_id].orders:
                del self._reserves[con_id]
        self._stale.clear()

    def _reserve(self, account: str, con_id: int, amount: Decimal) -> None:
        """Keep so much for an instrument."""
        of_instrument = self._reserves.setdefault(con_id, {})
        change = EXACT.subtract(amount, of_instrument.get(account, ZERO))
        self._totals[account] = EXACT.add(self._totals[account], change)
        of_instrument[account] = amount

    def _orders(self, account: str, con_id: int, buys: bool) -> list[WorkingOrder]:
        working = self._markets[con_id].orders.values()
        return [each for each in working if each.buys == buys and each.order.account == account]

    def _preview(self, side: Iterable[WorkingOrder]) -> MarginPreview | None:
        """Return what orders of one side would do if all of them were filled, None if no price is known for any."""
        quantities: dict[str | int, Decimal] = {}
        worst, one = None, None
        for one in side:
            price = one.kind.likely_price(one, self._markets[one.contract.conId].liquidity.prices)
            if price is not None:
                group = one.order.ocaGroup or one.key.permId
                quantities[group] = max(quantities.get(group, ZERO), self._uncovered(one))
                if worst is None or (price > worst if one.buys else price < worst):
                    worst = price
        if one is None or worst is None:
            return None
        quantity = sum(quantities.values(), ZERO)
        return self._accounts[one.order.account].preview(one.contract, one.order.action, float(quantity), float(worst))

    def _uncovered(self, entry: WorkingOrder) -> Decimal:
        """Return how much of an order may be filled without closing what the order that it is attached to will open."""
        parent = self._index.parent(entry)
        opens = (
            parent is not None
            and parent.status != FILLED
            and parent.contract.conId == entry.contract.conId
            and parent.buys != entry.buys
        )
        return max(ZERO, entry.remaining - parent.remaining) if parent and opens else entry.remaining
