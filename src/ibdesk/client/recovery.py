"""How a client makes up for what it did not hear: what is asked after a link was down, and what silence means.

It must not know what an answer makes of an order, nor how the link is made again. Nothing is ever sent twice: an order
whose outcome is unknown is only asked for.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from ibdesk.client.mirror.trade import Trade
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.executions import ExecutionFilter
from ibdesk.wire.messages import accounts, connection, executions, order_status

if TYPE_CHECKING:
    from ibdesk.client.session import Session

_log = logger("ibdesk.session")

_LINK_LOST = 1100
_LINK_RESTORED = frozenset({1101, 1102})
_DUPLICATE_ID = 103

ANSWER_SECONDS = 30.0
"""How long the server may take to tell how all orders stand."""

ATTEMPTS = 2
"""How often that is waited for: in a script whose loop stands still between its calls, time passes without answers."""

VERDICT_SECONDS = 10.0
"""After how long an order, a change or a cancellation without an answer is looked into."""


class Recovery:
    """Asks the server about orders in doubt, one round of questions at a time."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._task: asyncio.Task[None] | None = None
        self._polling: asyncio.Task[None] | None = None
        self._is_all_due = False
        self.may_ask_for_orders = True
        """Not so on a connection that is read-only: the server would not answer."""

    def notice(self, message: connection.Error) -> None:
        """An error came; some tell of the link between the server and IBKR, or of ids."""
        session, code = self._session, message.errorCode
        if code == _LINK_LOST or code in _LINK_RESTORED:
            why = "The link between TWS and IBKR was lost"
            session.emit_all(session.orders.lose_sight(why, session.now(), is_over=False))
        if code in _LINK_RESTORED:
            session.orders.link_restored()
            self._is_all_due = True
            self._begin()
        elif session.orders.doubtful():
            self._begin()
        if code == _DUPLICATE_ID:
            session.client.send_message(connection.ReqIds(1))

    def expect_verdict(self, *trades: Trade) -> None:
        """Something was sent about these orders; look into it once when nothing comes of it."""
        loop = self._session.loop
        for trade in trades:
            awaited = self._session.orders.awaited(trade)
            if loop is not None and awaited is not None:
                loop.call_later(VERDICT_SECONDS, self._look_into, trade, awaited)

    def list_is_whole(self, listed: list[Trade]) -> None:
        """All open orders of all clients were told: those of others that are missing have ended."""
        session = self._session
        others = [one for one in session.orders.all() if not one.isDone() and one.order.clientId != session.clientId]
        session.orders.doubt([one for one in others if one not in listed], "It is not among the open orders any more")
        if session.orders.doubtful():
            self._begin()

    def poll(self, seconds: float) -> None:
        """Ask for all open orders, every so often, for as long as the connection lives."""
        self._polling = asyncio.ensure_future(self._poll(seconds))

    def stop_polling(self) -> None:
        """Ask no more."""
        if self._polling is not None:
            self._polling.cancel()

    async def settled(self) -> None:
        """Wait until the server has been asked about all that is in doubt."""
        if self._session.orders.doubtful():
            self._begin()
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _poll(self, seconds: float) -> None:
        try:
            while True:
                await asyncio.sleep(seconds)
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await self._session.ask(order_status.ReqAllOpenOrders(), always_raise=True)
                except (TimeoutError, RequestError) as error:
                    _log.error("All open orders: %s", str(error) or "the server does not answer")
        except ConnectionError:
            self._polling = None

    def _look_into(self, trade: Trade, awaited: object) -> None:
        session = self._session
        if session.client.isReady() and session.orders.awaited(trade) == awaited:
            session.emit_all(session.orders.unheard(trade, session.now()))
            self._begin()

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        session, failures = self._session, 0
        try:
            while self._is_all_due or session.orders.doubtful():
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
        session, asked = self._session, self._session.orders.doubtful()
        if positions:
            await self._ask(accounts.ReqPositions())
        if self.may_ask_for_orders:
            is_own = all(trade.order.clientId == session.clientId for trade in asked)
            await self._ask(order_status.ReqOpenOrders() if is_own else order_status.ReqAllOpenOrders())
        await self._ask(executions.ReqExecutions(session.client.next_id(), ExecutionFilter()))
        if not self.may_ask_for_orders:
            self._give_up("the connection is read-only")
            return
        await self._ask(order_status.ReqCompletedOrders(False))
        for trade in asked:  # one that came into doubt meanwhile may have been left out
            if trade in session.orders.doubtful():
                session.emit_all(session.orders.gone(trade, session.now()))
        session.orders.in_sight()

    async def _ask(self, request: Any) -> None:
        session = self._session
        if type(request) in session.requests:  # the answer that is under way may be older than the doubt
            await session.ask(request, always_raise=True)
        await session.ask(request, always_raise=True)

    def _give_up(self, why: str) -> None:
        session = self._session
        for trade in session.orders.doubtful():
            session.emit_all(session.orders.unanswered(trade, why, session.now()))
