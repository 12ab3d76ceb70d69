"""`Recovery`: finds out how orders stand whose status is in doubt, since a connection was lost or no answer came.

It only asks the server about them. It never sends an order, a change or a cancellation a second time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from ibdesk.client.client_state import ClientState
from ibdesk.client.state.trade import Trade
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.executions import ExecutionFilter
from ibdesk.printable import printable
from ibdesk.wire import versions as V
from ibdesk.wire.messages import accounts, executions, order_status

_log = logger("ibdesk.session")

ANSWER_SECONDS = 30.0
"""How many seconds the server may take to answer a round of questions."""

ATTEMPTS = 2
"""After how many rounds without an answer the client gives up.

One is not enough: in a script whose event loop stands still between blocking calls, the time runs out although the
server has answered.
"""

ROUNDS = 20
"""After how many rounds the client gives up whose answers left it open how an order stands.

Orders come into new doubts while the server answers, but hardly each time.
"""

VERDICT_SECONDS = 10.0
"""After how many seconds without an answer the server is asked about an order, a change or a cancellation."""


_MOST_DAYS = 7
"""How many days of executions servers tell at most. Source: TWS API documentation, "Executions"."""


class Link(Protocol):
    """What `Recovery` needs of the connection. `Dispatcher` has it."""

    loop: asyncio.AbstractEventLoop | None

    def is_ready(self) -> bool:
        """Return whether the connection is up and running."""
        ...

    def new_id(self) -> int:
        """Return a new id for a request."""
        ...

    async def ask(self, message: Any, *, always_raise: bool) -> Any:
        """Send a request and wait for the whole answer."""
        ...

    def lock(self, what: object) -> AbstractAsyncContextManager[Any]:
        """Return the lock under which only one caller at a time does something."""
        ...

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Carry out the effects of a change of the state."""
        ...


class Recovery:
    """Asks the server about orders in doubt, in rounds of questions, one round at a time."""

    def __init__(self, state: ClientState, link: Link) -> None:
        self._state = state
        self._link = link
        self._task: asyncio.Task[None] | None = None
        self._sent: OrderedDict[Trade, tuple[object, float]] = OrderedDict()
        """What was sent about each order, and until when an answer is waited for: the earliest first."""
        self._timer: asyncio.TimerHandle | None = None
        """Is due when the first of these is."""
        self._polling: asyncio.Task[None] | None = None
        self._poll_seconds = 0.0
        self._is_all_due = False
        self.on_all_told: Callable[[], None] = lambda: None
        """Called when the server has been asked for orders, executions and positions, and has answered."""
        self.may_ask_for_orders = True
        """False on a read-only connection, where the server would not answer such a request."""

    def ask_about_orders(self, also_positions: bool = False) -> None:
        """Ask about the orders in doubt until none is left. If that is under way, it covers the new ones, too."""
        self._is_all_due |= also_positions
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    def expect_verdict(self, *trades: Trade) -> None:
        """Ask once about those of the orders for which no answer comes to what was just sent."""
        loop = self._link.loop
        for trade in trades:
            self._sent.pop(trade, None)
            awaited = self._state.orders.awaited(trade)
            if loop is not None and awaited is not None:
                self._sent[trade] = awaited, loop.time() + VERDICT_SECONDS
                if self._timer is None:
                    self._timer = loop.call_later(VERDICT_SECONDS, self._look, loop)

    def expect_nothing(self) -> None:
        """Wait for no verdict any more, as the connection is gone: what was not answered is in doubt by that."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self._sent.clear()

    def poll(self, seconds: float) -> None:
        """Ask for all open orders every `seconds` seconds, as long as the connection lasts."""
        self._poll_seconds = seconds
        self._polling = asyncio.ensure_future(self._poll(seconds))

    def stop_polling(self) -> None:
        """Stop what `poll` began."""
        self._poll_seconds = 0.0
        self.pause_polling()

    def pause_polling(self) -> None:
        """Stop what `poll` began until `resume_polling`, as the connection is lost and will be made again."""
        polling, self._polling = self._polling, None
        if polling is not None:
            polling.cancel()

    def resume_polling(self) -> None:
        """Go on with what `poll` began and `pause_polling` has stopped."""
        if self._poll_seconds and self._polling is None:
            self.poll(self._poll_seconds)

    async def settled(self) -> None:
        """Wait until no order is in doubt, or the server has failed to answer."""
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

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask about the orders for whose answers was waited long enough, and look again when the next one is due."""
        orders, now = self._state.orders, loop.time()
        unheard: list[tuple[Trade, object]] = []
        self._timer = None
        while self._sent and self._timer is None:
            trade, (awaited, due) = next(iter(self._sent.items()))
            if orders.awaited(trade) != awaited:
                del self._sent[trade]
            elif due <= now:
                del self._sent[trade]
                unheard.append((trade, awaited))
            else:
                self._timer = loop.call_at(due, self._look, loop)
        for trade, awaited in unheard:
            if self._link.is_ready() and orders.awaited(trade) == awaited:  # a listener may have changed that
                self._link.carry_out(orders.unheard(trade, self._state.now()))
                _log.warning("Order %s: %s", trade.order.orderId, printable(trade.uncertainty))
                self.ask_about_orders()

    async def _run(self) -> None:
        # Orders may come into doubt while the server answers, and then the answer may be older than the doubt: so there
        # are rounds until none is left. Giving up takes the remaining ones out of doubt and marks them as uncertain.
        rounds = failures = 0
        is_all_told = False
        try:
            while self._is_all_due or self._state.orders.doubtful():
                is_all_due, self._is_all_due = self._is_all_due, False
                rounds += 1
                if rounds > ROUNDS:
                    self._give_up(f"{ROUNDS} answers of the server have left it open")
                    break
                try:
                    async with asyncio.timeout(ANSWER_SECONDS), self.alone():
                        if is_all_due or self._state.orders.doubtful():
                            await self._ask_all(is_all_due)
                    failures = 0
                    is_all_told |= is_all_due
                except (TimeoutError, RequestError) as error:
                    failures += 1
                    if failures < ATTEMPTS:
                        self._is_all_due |= is_all_due
                    else:
                        self._give_up(str(error) or "the server does not answer")
        except ConnectionError as error:
            _log.warning("Orders in doubt could not be asked for: %s", error)
        else:
            if is_all_told:
                self.on_all_told()
        finally:
            self._task = None

    def alone(self) -> AbstractAsyncContextManager[Any]:
        """Return the lock under which only one at a time asks for everything about orders."""
        return self._link.lock(Recovery)

    async def look_for_open_orders(self) -> list[Trade]:
        """Ask for the open orders. Returns those of which the server tells otherwise than is known here.

        One that is missing comes into doubt, one that seemed to have ended lives.
        """
        state, orders = self._state, self._state.orders
        expected = [trade for trade in orders.all() if not trade.isDone() and orders.awaited(trade) is None]
        listed = await self.ask_anew(self._open_orders(expected))
        missing = [trade for trade in expected if trade not in listed and not trade.isDone()]
        orders.doubt(missing, "It is not among the open orders any more")
        ended = [trade for trade in listed if trade.isDone()]
        for trade in ended:
            self._link.carry_out(orders.revive(trade, state.now()))
        return [*missing, *ended]

    def missed_executions(self, since: datetime | None = None) -> ExecutionFilter:
        """Return which executions have to be asked for: those of today, and those since the link was lost."""
        state = self._state
        since, now = since or state.orders.out_of_sight_since(), state.now()
        days = (now.astimezone(state.zone).date() - since.astimezone(state.zone).date()).days if since else 0
        if days <= 0 or state.server_version < V.PARAMETRIZED_DAYS_OF_EXECUTIONS:
            return ExecutionFilter()
        return ExecutionFilter(lastNDays=min(days + 1, _MOST_DAYS))

    async def _ask_all(self, positions: bool) -> None:
        """Ask for positions, open orders, executions and completed orders, and settle what was in doubt before."""
        asked = self._state.orders.doubtful()
        if positions:
            await self.ask_anew(accounts.ReqPositions())
        if self.may_ask_for_orders:
            await self.ask_anew(self._open_orders(asked))
        await self.ask_anew(executions.ReqExecutions(self._link.new_id(), self.missed_executions()))
        if self.may_ask_for_orders:
            await self.ask_anew(order_status.ReqCompletedOrders(False))
        self.conclude(asked)
        self._state.orders.in_sight()

    def conclude(self, asked: dict[Trade, int]) -> None:
        """Settle these doubts, since the server has told of open orders, executions and completed orders after them."""
        state, orders = self._state, self._state.orders
        if not self.may_ask_for_orders:
            self._give_up("the connection is read-only")
            return
        left = orders.doubtful()
        for trade, doubt in asked.items():  # and no others: a doubt that arose meanwhile may be newer than the answers
            if left.get(trade) == doubt:
                self._settle(trade, orders.gone(trade, state.now()))

    def _open_orders(self, wanted: Iterable[Trade]) -> order_status.ReqOpenOrders | order_status.ReqAllOpenOrders:
        """Return the request for open orders that tells of these."""
        is_own = all(trade.order.clientId == self._state.clientId for trade in wanted)
        return order_status.ReqOpenOrders() if is_own else order_status.ReqAllOpenOrders()

    async def ask_anew(self, request: Any) -> Any:
        """Send a request and wait for the whole answer, which is not older than this call."""
        # Somebody may have made the same request before the orders came into doubt. That answer would be shared, but it
        # may be too old, so it is waited for, and then the request is made again.
        if type(request) in self._state.requests:
            await self._link.ask(request, always_raise=True)
        return await self._link.ask(request, always_raise=True)

    def _give_up(self, why: str) -> None:
        orders = self._state.orders
        for trade in orders.doubtful():
            self._settle(trade, orders.unanswered(trade, why, self._state.now()))

    def _settle(self, trade: Trade, effects: Iterable[Any]) -> None:
        """Carry out what the end of asking has led to. If it is still not known how the order stands, it is logged."""
        self._link.carry_out(effects)
        if trade.isUncertain() and effects:
            _log.warning("Order %s stays uncertain: %s", trade.order.orderId, printable(trade.uncertainty))
