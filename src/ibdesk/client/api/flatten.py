"""`IB.flatten`: close all positions, and none of them twice.

First it cancels the working orders and waits until each is cancelled or filled, since one that is filled meanwhile
changes a position. Then it requests the positions, and closes those for which no order is working any more. In the end
it waits for the closing orders, and reports what is left.
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
"""For how many seconds after a fill the server may still report the position from before it."""

_SMALLEST = 1e-8
"""What remains of a position is taken as zero if it is smaller than this, as it then comes from rounding."""

POLL_SECONDS = 0.25
"""After how many seconds the server is asked again about orders of other clients that are being cancelled."""


class Flattened(list[Trade]):
    """The trades that close positions. What they do not close is in `left`."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[tuple[Position, str]] = []
        """What is left of each position that is not closed, with the sign of the position, and the reason."""

    def add_left(self, position: Position, size: float, why: str) -> None:
        """Add to `left`, and log, that `size` of a position is not closed."""
        self.left.append((position._replace(position=size), why))
        _log.error("flatten: not closed: %s: %s", self.left[-1][0], why)


def at_market(contract: Contract, action: str, quantity: float) -> Order:
    """Return a market order, which `flatten` closes positions with by default."""
    return MarketOrder(action, quantity)


class Flatten(Contracts, Orders, Accounts, ApiGroup):
    """Cancel all orders and close all positions."""

    async def flattenAsync(
        self,
        account: str = "",
        exclude: Iterable[Contract | int | str] = (),
        order: Callable[[Contract, str, float], Order] = at_market,
        timeout: float = 30,
    ) -> Flattened:
        """Cancel all working orders, close all positions, and wait until both are done. Returns the closing trades.

        ::

            trades = ib.flatten(exclude=["SPY"])
            for position, why in trades.left:
                print(f"{position.position} {position.contract.symbol} is left: {why}")

        * `account`: cancel and close only what is in this account.
        * `exclude`: contracts, conIds or symbols that are left alone.
        * `order`: a function that makes the closing order from contract, action and quantity. By default these are
          market orders.
        * `timeout`: how many seconds to wait until the orders are cancelled, and again until the closing orders are
          done; 0 means no limit.

        What is not closed is in `left` of the result, with the reason, and is logged as an error. That is a position
        for which another order is still working: no closing order is placed then. And it is what a closing order has
        not filled, because it was refused or cancelled, or is still working when the time is over (outside of trading
        hours, say, or with a limit that nobody trades at). Such orders stay in the market. The next call cancels them
        first. Of two calls at the same time, the second waits for the first.

        Orders of other clients, and orders placed by hand, can be cancelled only all at once (`reqGlobalCancel`). That
        is done if neither `account` nor `exclude` restricts what is to be cancelled.

        Raises RequestTimeout if the server does not send orders or positions, and ConnectionError if the connection is
        lost before they are known; then nothing was closed. If it is lost later, `left` has all positions that are not
        known to be closed.
        """
        # The order of the steps keeps a position from being closed twice: see the top of this module.
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
                    found.add_left(position, size, _why_unclosed(trade))
            return found

    flatten = blocking(flattenAsync)

    async def _cancel_all(self, concerns: Callable[[Contract, str], bool], is_whole: bool, timeout: float) -> None:
        await self._ask_orders()

        def working() -> list[Trade]:
            trades = [trade for trade in self.dispatcher.state.orders.all() if not trade.isDone()]
            return [trade for trade in trades if concerns(trade.contract, trade.order.account)]

        own = [trade for trade in working() if self.owns(trade)]
        for trade in self.dispatcher.state.orders.all():
            # An order that is Inactive but was not refused may start working again, so it is cancelled, too. It is not
            # waited for, as the server may never report that it was cancelled.
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
        """Place the order that closes a position. Returns None, and adds the reason to `found`, if none was placed."""
        try:
            contract = await self._tradable(position.contract)
            closing = order(contract, "SELL" if position.position > 0 else "BUY", abs(position.position))
            closing.account = position.account
            for trade in self.dispatcher.state.orders.all():
                if not trade.isDone() and _works_on(trade, position):
                    raise ValueError(f"an order still works on it: {trade.order} is {trade.orderStatus.status}")
            return self.placeOrder(contract, closing)
        except (ValueError, RequestError, RequestTimeout, ConnectionError) as error:
            found.add_left(position, position.position, str(error))
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
        # If the connection is lost, no positions come any more, but the fills are known.
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(SETTLING_SECONDS):
                await positions_follow()

    async def _done(self, trade: Trade) -> None:
        """Wait until an order is done, or its status stays in doubt although the server has been asked."""
        while not trade.isDone():
            if trade.uncertainty:
                await self.dispatcher.recovery.settled()
                if trade.uncertainty:
                    return
            else:
                await trade.statusEvent

    async def _tradable(self, contract: Contract) -> Contract:
        """Return a contract with its exchange, which contracts of positions do not have."""
        (found,) = await self.qualifyContractsAsync(Contract(conId=contract.conId))
        if not isinstance(found, Contract):
            raise ValueError("its contract cannot be looked up")
        return found

    async def _ask_orders(self) -> None:
        await self.reqAllOpenOrdersAsync()
        await self.dispatcher.recovery.settled()


def _unsettled(dispatcher: Dispatcher) -> float:
    """Return for how many seconds the server may still report positions from before the last fill."""
    fills = dispatcher.state.orders.all_fills()
    if not fills:
        return 0.0
    age = (dispatcher.state.now() - max(fill.time for fill in fills)).total_seconds()
    return min(max(SETTLING_SECONDS - age, 0.0), SETTLING_SECONDS)


def _size(position: Position) -> tuple[str, int, float]:
    return position.account, position.contract.conId, position.position


def _unclosed(position: Position, trade: Trade) -> float:
    """Return what its closing order has left of a position. The sign is reversed if it has filled too much."""
    size = abs(position.position) - trade.filled()
    return math.copysign(1.0, position.position) * size if abs(size) > _SMALLEST else 0.0


def _why_unclosed(trade: Trade) -> str:
    """Return why the order of a trade has not closed its position."""
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
    """Return whether a conId, symbol or contract means this contract. Without conIds, symbol and type are compared."""
    if isinstance(one, SupportsIndex):  # an int, or an integer of numpy
        return one.__index__() == contract.conId
    if isinstance(one, str):
        return one == contract.symbol
    if one.conId and contract.conId:
        return one.conId == contract.conId
    return (one.symbol, one.secType) == (contract.symbol, contract.secType)
