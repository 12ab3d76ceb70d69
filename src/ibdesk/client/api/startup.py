"""`Startup`: fetches what a connection begins with, and asks again for what does not come in time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Flag, auto
from types import MappingProxyType
from typing import Any

from ibdesk.client.api.accounts import positions_of_all, updates_of, updates_of_model
from ibdesk.client.dispatcher import Dispatcher
from ibdesk.client.recovery import ANSWER_SECONDS
from ibdesk.client.subscriptions import Subscription
from ibdesk.errors import EncodeError, RequestError
from ibdesk.logs import logger
from ibdesk.model.startup import PartState, StartupPart, StartupReport
from ibdesk.wire.messages import executions, order_status

_log = logger("ibdesk.ib")

AGAIN_SECONDS = 5.0
"""The pause before late parts are asked for again. Each further pause is twice as long, up to `LONGEST_PAUSE`."""

LONGEST_PAUSE = 300.0

_OF_EXECUTIONS = ("executions",)
_OF_ORDERS = ("open orders", "completed orders", *_OF_EXECUTIONS)
"""The parts that together settle how the orders of this client stand that were placed before."""

Ask = Callable[[], Awaitable[Any]]
"""Asks for a part, and waits until all of it has come."""


class StartupFetch(Flag):
    """What `connect` fetches before it returns. Positions are fetched in any case."""

    POSITIONS = auto()
    ORDERS_OPEN = auto()
    ORDERS_COMPLETE = auto()
    ACCOUNT_UPDATES = auto()
    SUB_ACCOUNT_UPDATES = auto()
    EXECUTIONS = auto()


StartupFetchNONE: StartupFetch = StartupFetch(0)
StartupFetchALL: StartupFetch = (
    StartupFetch.POSITIONS
    | StartupFetch.ORDERS_OPEN
    | StartupFetch.ORDERS_COMPLETE
    | StartupFetch.ACCOUNT_UPDATES
    | StartupFetch.SUB_ACCOUNT_UPDATES
    | StartupFetch.EXECUTIONS
)


class Startup:
    """Asks for the parts of the account on a new connection, and keeps the report about them."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self.report: StartupReport = StartupReport()
        self._task: asyncio.Task[None] | None = None

    async def fetch(
        self, account: str, readonly: bool, fields: StartupFetch, most_accounts: int, timeout: float | None
    ) -> StartupReport:
        """Ask for all parts, wait until each has come, was refused or is late, and return the report.

        A part is late after `timeout` seconds (None: never). Late parts are asked for again in the background.
        `account` is the one whose values and portfolio are fetched, `most_accounts` how many there may be at most for
        the values of each to be fetched, and `readonly` says that orders cannot be.
        """
        self.stop()
        state, recovery = self._dispatcher.state, self._dispatcher.recovery
        parts = self._parts(account, readonly, fields, most_accounts)
        then: dict[str, Ask] = {}
        self.report = StartupReport(state.now())
        async with recovery.alone():
            doubtful = state.orders.doubtful()  # orders that were placed on an earlier connection
            await self._ask_all(parts, timeout)
            # After the orders, so that every execution finds its order.
            if fields & StartupFetch.EXECUTIONS:
                then["executions"] = self._executions
                await self._ask_all(then, timeout)
            if all(self._has_come(name) for name in (_OF_EXECUTIONS if readonly else _OF_ORDERS)):
                own = {trade: doubt for trade, doubt in doubtful.items() if trade.order.clientId == state.clientId}
                recovery.conclude(own)
        if state.orders.doubtful():  # those of other clients, or not all that concerns orders was asked for, or came
            then["orders in doubt"] = recovery.settled
            await self._ask_all({"orders in doubt": recovery.settled}, timeout)
        self._settle()
        late = {name: ask for name, ask in {**parts, **then}.items() if self._is_late(name)}
        if late and self._dispatcher.is_ready():
            self._task = asyncio.ensure_future(self._ask_again(late))
        return self.report

    def stop(self) -> None:
        """Ask no more for late parts, as the connection has ended."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _parts(self, account: str, readonly: bool, fields: StartupFetch, most_accounts: int) -> dict[str, Ask]:
        dispatcher, ask = self._dispatcher, self._dispatcher.ask
        known = dispatcher.client.getAccounts()
        account = account or (known[0] if len(known) == 1 else "")
        parts: dict[str, Ask] = {"positions": self._begins(positions_of_all)}
        if not readonly and fields & StartupFetch.ORDERS_OPEN:
            parts["open orders"] = lambda: ask(order_status.ReqOpenOrders(), always_raise=True)
        if not readonly and fields & StartupFetch.ORDERS_COMPLETE:
            parts["completed orders"] = lambda: ask(order_status.ReqCompletedOrders(False), always_raise=True)
        if account and fields & StartupFetch.ACCOUNT_UPDATES:
            parts["account updates"] = self._begins(lambda: updates_of(account))
        if len(known) <= most_accounts and fields & StartupFetch.SUB_ACCOUNT_UPDATES:
            for one in known:
                parts[f"account updates for {one}"] = self._begins(
                    lambda one=one: updates_of_model(dispatcher.new_id(), one, "")  # type: ignore[misc]
                )
        return parts

    def _begins(self, make: Callable[[], Subscription]) -> Ask:
        """Return what begins a subscription that `make` returns, in place of the one that it began before."""
        dispatcher = self._dispatcher
        begun: Subscription | None = None

        def ask() -> Awaitable[Any]:
            nonlocal begun
            if begun is not None and dispatcher.subscriptions.get(begun.key) is begun:
                dispatcher.give_up(begun)
            begun = make()
            return dispatcher.ask(begun.request, subscription=begun, always_raise=True)

        return ask

    def _executions(self) -> Awaitable[Any]:
        wanted = self._dispatcher.recovery.missed_executions()
        request = executions.ReqExecutions(self._dispatcher.new_id(), wanted)
        return self._dispatcher.ask(request, always_raise=True)

    async def _ask_all(self, parts: dict[str, Ask], timeout: float | None) -> None:
        for name in parts:
            self._note(name, PartState.ASKED)
        await asyncio.gather(*(self._fetch(name, ask, timeout) for name, ask in parts.items()))

    async def _fetch(self, name: str, ask: Ask, timeout: float | None) -> None:
        """Ask for one part, and note what has become of it."""
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                await ask()
        except RequestError as error:
            self._note(name, PartState.REFUSED, f"{name} request failed: {error}")
        except (OSError, EncodeError) as error:
            why = "timed out" if limit.expired() else f"failed: {error}"
            self._note(name, PartState.LATE, f"{name} request {why}")
        else:
            self._note(name, PartState.CAME)

    async def _ask_again(self, late: dict[str, Ask]) -> None:
        """Ask for late parts until they have come or are refused. The first ones are needed by those that follow."""
        pause = AGAIN_SECONDS
        while late:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            before = self.report
            for name, ask in late.items():
                await self._fetch(name, ask, ANSWER_SECONDS)
            late = {name: ask for name, ask in late.items() if self._is_late(name)}
            if self.report.missing != before.missing:
                self._settle()

    def _is_late(self, name: str) -> bool:
        return self.report.parts[name].state is PartState.LATE

    def _has_come(self, name: str) -> bool:
        part = self.report.parts.get(name)
        return part is not None and part.state is PartState.CAME

    def _note(self, name: str, state: PartState, error: str = "") -> None:
        before = self.report.parts.get(name)
        if before is not None and (before.state, before.error) == (state, error):
            return
        if error:
            _log.error("%s", error)
        part = StartupPart(name, state, self._dispatcher.state.now(), error)
        self.report = replace(self.report, parts=MappingProxyType({**self.report.parts, name: part}))

    def _settle(self) -> None:
        """Compare what the server and the client know, if all has come, and tell what has come."""
        if self.report.is_complete:
            self._dispatcher.state.orders.in_sight()
            if "executions" in self.report.parts:  # else they could not explain the positions
                self._dispatcher.reconciliation.compare()
            _log.info("Synchronization complete")
        else:
            _log.warning("Synchronization incomplete: %s", self.report)
        self._dispatcher.emit("startupEvent", self.report)
