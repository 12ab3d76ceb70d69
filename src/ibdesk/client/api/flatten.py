"""How all positions are closed without closing any of them twice; not how an order gets to the market.

Working orders are cancelled first, and their verdicts awaited, for one that fills meanwhile has closed or opened
something. Then the positions are asked for, and only those are closed on which no order works any more. At last the
verdicts on the closing orders are awaited, and what is left is told.
"""

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from typing import SupportsIndex

from ibdesk.client.api.accounts import Accounts
from ibdesk.client.api.contracts import Contracts
from ibdesk.client.api.group import ApiGroup
from ibdesk.client.api.orders import Orders
from ibdesk.client.blocking import blocking
from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.state.trade import Trade
from ibdesk.errors import RequestError, RequestTimeout
from ibdesk.logs import logger
from ibdesk.model.accounts import Position
from ibdesk.model.contract import Contract
from ibdesk.model.order import MarketOrder, Order, OrderStatus

_log = logger("ibdesk.ib")

SETTLING_SECONDS = 2.0
"""For how long after a fill the positions that the server tells may be those of before."""

_SMALLEST = 1e-8
"""Less than this of a position is the rounding of sums, and nothing that is left."""

POLL_SECONDS = 0.25
"""How often the orders of others that are being cancelled are looked at."""


class Flattened(list[Trade]):
    """The trades that close positions. `left` tells what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[tuple[Position, str]] = []
        """What is left of each position that is not closed, signed as the position is, and the reason."""

    def leave(self, position: Position, size: float, why: str) -> None:
        """That much of a position is left."""
        self.left.append((position._replace(position=size), why))
        _log.error("flatten: not closed: %s: %s", self.left[-1][0], why)


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
        """Cancel the working orders, close the positions, and wait until both is done. Returns the closing trades.

        ::

            trades = ib.flatten(exclude=["SPY"])
            for position, why in trades.left:
                print(f"{position.position} {position.contract.symbol} is left: {why}")

        `account`: only its orders and positions. `exclude`: contracts, conIds or symbols that are left alone. `order`
        makes the closing order from contract, action and quantity; market orders by default. `timeout`, in seconds, is
        for the verdicts on the cancellations, and once more for those on the closing orders; 0 waits without limit.

        What is not closed is in `left` of the result, with the reason, and logged as an error: a position on which
        another order still works, for which none is placed, and what closing orders have not filled, because they were
        refused or cancelled, or still work when the time is over (outside of the trading hours, or with limits that
        nobody meets). Those work on. Called again, they are cancelled first; two calls at once take turns.

        Orders of other clients, and those placed by hand, can only be cancelled all at once (`reqGlobalCancel`), which
        is done when neither account nor exclusion narrows it down. Raises RequestTimeout when the server does not tell
        orders or positions, and ConnectionError when the connection is lost before they are known; then nothing was
        closed. When it is lost later, `left` has what is not known to be closed.
        """
        dispatcher, state = self.dispatcher, self.dispatcher.state
        excluded = list(exclude)

        def concerns(contract: Contract, owner: str) -> bool:
            return (not account or owner in ("", account)) and not any(_is(one, contract) for one in excluded)

        async with dispatcher.lock(Flatten):
            await self._cancel_all(concerns, not excluded and (not account or _is_alone(dispatcher, account)), timeout)
            await asyncio.sleep(_unsettled(dispatcher))
            await self.reqPositionsAsync()
            found = Flattened()
            closing: list[tuple[Position, Trade]] = []
            for position in state.accounts.positions(account):
                if position.position and concerns(position.contract, position.account):
                    trade = await self._close(position, order, found)
                    if trade is not None:
                        found.append(trade)
                        closing.append((position, trade))
            await self._await_verdicts(closing, timeout)
            for position, trade in closing:
                size = _unclosed(position, trade)
                if size:
                    found.leave(position, size, _how_it_stands(trade))
            return found

    flatten = blocking(flattenAsync)

    async def _cancel_all(self, concerns: Callable[[Contract, str], bool], is_whole: bool, timeout: float) -> None:
        await self._ask_orders()

        def working() -> list[Trade]:
            trades = [trade for trade in self.dispatcher.state.orders.all() if not trade.isDone()]
            return [trade for trade in trades if concerns(trade.contract, trade.order.account)]

        own = [trade for trade in working() if self.owns(trade)]
        for trade in self.dispatcher.state.orders.all():
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
    ) -> Trade | None:
        """Place the order that closes a position; None, with the reason in `found`, where none was placed."""
        try:
            contract = await self._tradable(position.contract)
            closing = order(contract, "SELL" if position.position > 0 else "BUY", abs(position.position))
            closing.account = position.account
            for trade in self.dispatcher.state.orders.all():
                if not trade.isDone() and _works_on(trade, position):
                    raise ValueError(f"an order still works on it: {trade.order} is {trade.orderStatus.status}")
            return self.placeOrder(contract, closing)
        except (ValueError, RequestError, RequestTimeout, ConnectionError) as error:
            found.leave(position, position.position, str(error))
            return None

    async def _await_verdicts(self, closing: list[tuple[Position, Trade]], timeout: float) -> None:
        """Wait until each closing order is done, and the positions have followed those that filled."""
        accounts, told = self.dispatcher.state.accounts, self.dispatcher.events["positionEvent"]

        async def positions_follow() -> None:
            closed = {_size(position) for position, trade in closing if not _unclosed(position, trade)}
            while not closed.isdisjoint(map(_size, accounts.positions())):
                await told

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout or None):
                await asyncio.gather(*(self._done(trade) for _, trade in closing), return_exceptions=True)
        # A connection that is lost tells no positions; what was filled is known.
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(SETTLING_SECONDS):
                await positions_follow()

    async def _done(self, trade: Trade) -> None:
        """Wait for the end of an order, or until the server, asked about it, leaves it open how it stands."""
        while not trade.isDone():
            if trade.uncertainty:
                await self.dispatcher.recovery.settled()
                if trade.uncertainty:
                    return
            else:
                await trade.statusEvent

    async def _tradable(self, contract: Contract) -> Contract:
        """The contract of a position with an exchange, which positions do not tell."""
        (found,) = await self.qualifyContractsAsync(Contract(conId=contract.conId))
        if not isinstance(found, Contract):
            raise ValueError("its contract cannot be looked up")
        return found

    async def _ask_orders(self) -> None:
        await self.reqAllOpenOrdersAsync()
        await self.dispatcher.recovery.settled()


def _unsettled(dispatcher: Dispatcher) -> float:
    """How many seconds the positions may still be those of before the last fill."""
    fills = dispatcher.state.orders.all_fills()
    if not fills:
        return 0.0
    age = (dispatcher.state.now() - max(fill.time for fill in fills)).total_seconds()
    return min(max(SETTLING_SECONDS - age, 0.0), SETTLING_SECONDS)


def _size(position: Position) -> tuple[str, int, float]:
    return position.account, position.contract.conId, position.position


def _unclosed(position: Position, trade: Trade) -> float:
    """What its closing order has made of a position; of the other sign where it has filled more than there was."""
    size = abs(position.position) - trade.filled()
    return math.copysign(1.0, position.position) * size if abs(size) > _SMALLEST else 0.0


def _how_it_stands(trade: Trade) -> str:
    """Why the order of a trade has not closed its position."""
    at, order = trade.orderStatus, trade.order
    if trade.uncertainty:
        return f"it is not known how its closing order {order.orderId} stands: {trade.uncertainty}"
    if trade.rejection is not None:
        return f"its closing order {order.orderId} was refused: {trade.rejection.code}: {trade.rejection.text}"
    filled = f"{trade.filled():g} of {order.totalQuantity:g} filled"
    if trade.isDone():
        return f"its closing order {order.orderId} is {at.status}, {filled}"
    held = f", held: {at.whyHeld}" if at.whyHeld else ""
    warned = f"; {trade.warnings[-1].message}" if trade.warnings else ""
    return f"its closing order {order.orderId} still works: {at.status}{held}, {filled}{warned}"


def _is_alone(dispatcher: Dispatcher, account: str) -> bool:
    return dispatcher.state.managed_accounts == [account]


def _works_on(trade: Trade, position: Position) -> bool:
    legs = [leg.conId for leg in trade.contract.comboLegs]
    is_there = _is(trade.contract, position.contract) or position.contract.conId in legs
    return is_there and trade.order.account in ("", position.account)


def _is(one: Contract | int | str, contract: Contract) -> bool:
    """Whether a contract is the one that is meant. Without conIds, all of one symbol and type are."""
    if isinstance(one, SupportsIndex):  # a number of numpy, too
        return one.__index__() == contract.conId
    if isinstance(one, str):
        return one == contract.symbol
    if one.conId and contract.conId:
        return one.conId == contract.conId
    return (one.symbol, one.secType) == (contract.symbol, contract.secType)
