"""How all positions are closed without closing any of them twice; not how an order gets to the market.

Working orders are cancelled first, and their verdicts awaited, for one that fills meanwhile has closed or opened
something. Then the positions are asked for, and only those are closed on which no order works any more.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable

from ibdesk.client.api.accounts import Accounts
from ibdesk.client.api.contracts import Contracts
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.api.orders import Orders
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.trade import Trade
from ibdesk.client.session import Session
from ibdesk.errors import RequestError, RequestTimeout
from ibdesk.model.accounts import Position
from ibdesk.model.contract import Contract
from ibdesk.model.order import MarketOrder, Order, OrderStatus

_log = logging.getLogger("ibdesk.ib")

SETTLING_SECONDS = 2.0
"""For how long after a fill the positions that the server tells may be those of before."""

POLL_SECONDS = 0.25
"""How often the orders of others that are being cancelled are looked at."""


class Flattened(list[Trade]):
    """The trades that close positions. ``left`` has the positions that were not closed, each with the reason."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[tuple[Position, str]] = []


def at_market(contract: Contract, action: str, quantity: float) -> Order:
    """A market order."""
    return MarketOrder(action, quantity)


class Flatten(Contracts, Orders, Accounts, ApiGroup):
    """Close everything."""

    async def flattenAsync(
        self,
        account: str = "",
        exclude: Iterable[Contract | int | str] = (),
        order: Callable[[Contract, str, float], Order] = at_market,
        timeout: float = 30,
    ) -> Flattened:
        """Cancel the working orders, wait for their verdicts, then close the positions. Returns the closing trades.

        ::

            trades = ib.flatten(exclude=["SPY"])

        `account`: only its orders and positions. `exclude`: contracts, conIds or symbols that are left alone. `order`
        makes the closing order from contract, action and quantity; market orders by default. `timeout` is for the
        verdicts, in seconds.

        Orders of other clients, and those placed by hand, can only be cancelled all at once (`reqGlobalCancel`), which
        is done when neither account nor exclusion narrows it down. A position on which an order still works is not
        closed: it is in `left` of the result, with the reason, and logged as an error. Called again, closing orders
        that still work are cancelled first; two calls at once take turns. Raises ConnectionError when the connection
        is lost, and RequestTimeout when the server does not tell orders or positions; then nothing was closed.
        """
        session = self.session
        excluded = list(exclude)

        def concerns(contract: Contract, owner: str) -> bool:
            return (not account or owner in ("", account)) and not any(_is(one, contract) for one in excluded)

        async with session.followed.turns.setdefault(Flatten, asyncio.Lock()):
            await self._cancel_all(concerns, not excluded and (not account or _is_alone(session, account)), timeout)
            await asyncio.sleep(_unsettled(session))
            await self.reqPositionsAsync()
            found = Flattened()
            for position in session.accounts.positions(account):
                if position.position and concerns(position.contract, position.account):
                    await self._close(position, order, found)
            return found

    flatten = blocking(flattenAsync)

    async def _cancel_all(self, concerns: Callable[[Contract, str], bool], is_whole: bool, timeout: float) -> None:
        await self._ask_orders()

        def working() -> list[Trade]:
            trades = [trade for trade in self.session.orders.all() if not trade.isDone()]
            return [trade for trade in trades if concerns(trade.contract, trade.order.account)]

        own = [trade for trade in working() if self.owns(trade)]
        for trade in self.session.orders.all():
            # One that is Inactive without having been refused may come to life again; there is no verdict on it.
            sleeps = trade.orderStatus.status == OrderStatus.Inactive and trade.rejection is None and self.owns(trade)
            sleeps = sleeps and concerns(trade.contract, trade.order.account)
            if (trade in own and not trade.cancelling) or sleeps:
                self.cancelOrder(trade.order)
        try:
            async with asyncio.timeout(timeout or None):
                if is_whole and len(own) < len(working()):
                    self.reqGlobalCancel()
                    while any(not self.owns(trade) for trade in working()):
                        await asyncio.sleep(POLL_SECONDS)
                        await self._ask_orders()
                await asyncio.gather(*(trade.cancelled() for trade in own), return_exceptions=True)
        except TimeoutError:
            _log.error("flatten: no verdict in %s s on %s", timeout, working())

    async def _close(
        self, position: Position, order: Callable[[Contract, str, float], Order], found: Flattened
    ) -> None:
        try:
            contract = await self._tradable(position.contract)
            closing = order(contract, "SELL" if position.position > 0 else "BUY", abs(position.position))
            closing.account = position.account
            for trade in self.session.orders.all():
                if not trade.isDone() and _works_on(trade, position):
                    raise ValueError(f"an order still works on it: {trade.order} is {trade.orderStatus.status}")
            found.append(self.placeOrder(contract, closing))
        except (ValueError, RequestError, RequestTimeout) as error:
            _log.error("flatten: not closed: %s: %s", position, error)
            found.left.append((position, str(error)))

    async def _tradable(self, contract: Contract) -> Contract:
        """The contract of a position with an exchange, which positions do not tell."""
        (found,) = await self.qualifyContractsAsync(Contract(conId=contract.conId))
        if not isinstance(found, Contract):
            raise ValueError("its contract cannot be looked up")
        return found

    async def _ask_orders(self) -> None:
        await self.reqAllOpenOrdersAsync()
        await self.session.recovery.settled()


def _unsettled(session: Session) -> float:
    """How many seconds the positions may still be those of before the last fill."""
    fills = session.orders.all_fills()
    if not fills:
        return 0.0
    age = (session.now() - max(fill.time for fill in fills)).total_seconds()
    return min(max(SETTLING_SECONDS - age, 0.0), SETTLING_SECONDS)


def _is_alone(session: Session, account: str) -> bool:
    return session.managed_accounts == [account]


def _works_on(trade: Trade, position: Position) -> bool:
    legs = [leg.conId for leg in trade.contract.comboLegs]
    is_there = _is(trade.contract, position.contract) or position.contract.conId in legs
    return is_there and trade.order.account in ("", position.account)


def _is(one: Contract | int | str, contract: Contract) -> bool:
    """Whether a contract is the one that is meant. Without conIds, all of one symbol and type are."""
    if isinstance(one, int):
        return one == contract.conId
    if isinstance(one, str):
        return one == contract.symbol
    if one.conId and contract.conId:
        return one.conId == contract.conId
    return (one.symbol, one.secType) == (contract.symbol, contract.secType)
