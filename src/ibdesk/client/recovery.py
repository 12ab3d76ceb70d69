"""How a client makes up for what it did not hear about its orders: it asks, and never sends anything twice."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

from ibdesk.client.client_state import ClientState
from ibdesk.client.state.trade import Trade
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.executions import ExecutionFilter
from ibdesk.wire.messages import accounts, executions, order_status

_log = logger("ibdesk.session")

ANSWER_SECONDS = 30.0
"""How long the server may take to tell how all orders stand."""

ATTEMPTS = 2
"""How often that is waited for: in a script whose loop stands still between its calls, time passes without answers."""

VERDICT_SECONDS = 10.0
"""After how long an order, a change or a cancellation without an answer is looked into."""


class Link(Protocol):
    """What `Recovery` needs of a connection."""

    loop: asyncio.AbstractEventLoop | None

    def is_ready(self) -> bool:
        """Is it up and running?"""
        ...

    def new_id(self) -> int:
        """Return a number for a request."""
        ...

    async def ask(self, message: Any, *, always_raise: bool) -> Any:
        """Send a request and wait for the whole answer."""
        ...

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Do what a change of the state leads to."""
        ...


class Recovery:
    """Asks the server about orders in doubt, one round of questions at a time."""

    def __init__(self, state: ClientState, link: Link) -> None:
        self._state = state
        self._link = link
        self._task: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None
        self._is_all_due = False
        self.may_ask_for_orders = True
        """Not so on a connection that is read-only: the server would not answer."""

    def ask_about_orders(self, also_positions: bool = False) -> None:
        """Begin a round of questions, unless one is under way, which then goes on until nothing is in doubt."""
        self._is_all_due |= also_positions
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    def expect_verdict(self, *trades: Trade) -> None:
        """Look into these orders, about which something was sent, once when nothing comes of it."""
        loop = self._link.loop
        for trade in trades:
            awaited = self._state.orders.awaited(trade)
            if loop is not None and awaited is not None:
                loop.call_later(VERDICT_SECONDS, self._look_into, trade, awaited)

    def poll(self, seconds: float) -> None:
        """Ask for all open orders, every so often, for as long as the connection lives."""
        self._polling = asyncio.ensure_future(self._poll(seconds))

    def stop_polling(self) -> None:
        """Ask no more."""
        if self._polling is not None:
            self._polling.cancel()

    async def settled(self) -> None:
        """Wait until the server has been asked about all that is in doubt."""
        if self._state.orders.doubtful():
            self.ask_about_orders()
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _poll(self, seconds: float) -> None:
        try:
            while True:
                await asyncio.sleep(seconds)
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await self._link.ask(order_status.ReqAllOpenOrders(), always_raise=True)
                except (TimeoutError, RequestError) as error:
                    _log.error("All open orders: %s", str(error) or "the server does not answer")
        except ConnectionError:
            self._polling = None

    def _look_into(self, trade: Trade, awaited: object) -> None:
        orders = self._state.orders
        if self._link.is_ready() and orders.awaited(trade) == awaited:
            self._link.carry_out(orders.unheard(trade, self._state.now()))
            self.ask_about_orders()

    async def _run(self) -> None:
        failures = 0
        try:
            while self._is_all_due or self._state.orders.doubtful():
                is_all_due, self._is_all_due = self._is_all_due, False
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await self._ask_all(is_all_due)
                    failures = 0
                except (TimeoutError, RequestError) as error:
                    failures += 1
                    if failures < ATTEMPTS:
                        self._is_all_due |= is_all_due
                    else:
                        self._give_up(str(error) or "the server does not answer")
        except ConnectionError as error:
            _log.warning("Orders in doubt could not be asked for: %s", error)
        finally:
            self._task = None

    async def _ask_all(self, positions: bool) -> None:
        """Ask for positions, open orders, executions and completed orders, and settle what was in doubt before."""
        state, orders = self._state, self._state.orders
        asked = orders.doubtful()
        if positions:
            await self._ask(accounts.ReqPositions())
        if self.may_ask_for_orders:
            is_own = all(trade.order.clientId == state.clientId for trade in asked)
            await self._ask(order_status.ReqOpenOrders() if is_own else order_status.ReqAllOpenOrders())
        await self._ask(executions.ReqExecutions(self._link.new_id(), ExecutionFilter()))
        if not self.may_ask_for_orders:
            self._give_up("the connection is read-only")
            return
        await self._ask(order_status.ReqCompletedOrders(False))
        for trade in asked:  # one that came into doubt meanwhile may have been left out
            if trade in orders.doubtful():
                self._link.carry_out(orders.gone(trade, state.now()))
        orders.in_sight()

    async def _ask(self, request: Any) -> None:
        if type(request) in self._state.requests:  # the answer that is under way may be older than the doubt
            await self._link.ask(request, always_raise=True)
        await self._link.ask(request, always_raise=True)

    def _give_up(self, why: str) -> None:
        orders = self._state.orders
        for trade in orders.doubtful():
            self._link.carry_out(orders.unanswered(trade, why, self._state.now()))
