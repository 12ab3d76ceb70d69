"""`Reconciliation`: compares what this client holds to be true with what the server says, and tells the differences.

The state is brought up to date by the answers themselves, as always. What is compared is what was known before: when a
link was lost, or when `reconcile` is called. After a link was lost this happens as soon as the server was asked for
everything, since from then on events tell what changes.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from math import isclose, isnan
from typing import Any, Protocol

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Report
from ibdesk.client.recovery import Recovery
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.fills import is_correction, stem_of
from ibdesk.client.state.trade import Trade
from ibdesk.errors import RequestTimeout
from ibdesk.model.accounts import Position
from ibdesk.model.executions import Fill
from ibdesk.wire.messages import accounts, executions

LAG_SECONDS = 60.0
"""How long a server may take to change a position after it has told of an execution."""

_TINY = 1e-9

_MOST_KEPT = 1000
"""How many differences are kept for the next call of `reconcile`. All are emitted when they are found."""

_Key = tuple[str, int]
"""An account, and the conId of an instrument."""


class Link(Protocol):
    """What `Reconciliation` needs of the connection. `Dispatcher` has it."""

    def new_id(self) -> int:
        """Return a new id for a request."""
        ...

    def lock(self, what: object) -> AbstractAsyncContextManager[Any]:
        """Return the lock under which only one caller at a time does something."""
        ...

    def carry_out(self, effects: Iterable[Any]) -> None:
        """Carry out the effects of a change of the state."""
        ...


@dataclass(frozen=True)
class _Standing:
    """How an order stands."""

    status: str
    filled: float
    uncertainty: str
    is_done: bool

    def told(self) -> tuple[str, float]:
        return self.status, self.filled


@dataclass
class _Known:
    """What is known at one moment. `positions` is None if the server has not told all of them."""

    at: datetime
    trades: dict[Trade, _Standing] = field(default_factory=dict)
    fills: dict[str, Fill] = field(default_factory=dict)
    positions: dict[_Key, Position] | None = None


class Reconciliation:
    """Compares the state of the client with the server's, one comparison at a time."""

    def __init__(self, state: ClientState, link: Link, recovery: Recovery) -> None:
        self._state = state
        self._link = link
        self._recovery = recovery
        self._before: _Known | None = None
        """What was known when a link was lost, and was not compared yet."""
        self._found: deque[Difference] = deque(maxlen=_MOST_KEPT)
        """What was found and not returned yet."""
        self._comparisons = 0
        recovery.on_all_told = self.compare

    def remember(self) -> None:
        """Keep what is known now, to be compared later. What is kept already, stays as it is.

        To be called before anything changes the state that the server did not tell when it happened: when a link is
        lost, and when orders were taken over from a journal.
        """
        now = self._known()
        if self._before is None:
            self._before = now
            return
        before = self._before
        before.trades = {**now.trades, **before.trades}
        before.fills = {**now.fills, **before.fills}
        before.positions = now.positions if before.positions is None else before.positions

    def compare(self) -> None:
        """Compare what was remembered, if anything was, with the state: the server has told everything by now."""
        before, self._before = self._before, None
        if before is not None:
            self._tell(before, None)

    async def reconcile(self, seconds: float) -> list[Difference]:
        """Ask for open orders, executions and positions, and return the differences. See `IB.reconcile`.

        Raises RequestTimeout if the server does not answer within so many `seconds`.
        """
        async with self._link.lock(Reconciliation):
            now, comparisons = self._known(), self._comparisons
            try:
                async with asyncio.timeout(seconds):
                    looked_for = await self._ask()
            except TimeoutError:
                raise RequestTimeout("reconcile()", seconds) from None
            await self._recovery.settled()
            self.compare()
            if self._comparisons == comparisons:
                self._tell(now, looked_for)
            found = list(self._found)
            self._found.clear()
            return found

    def _tell(self, before: _Known, looked_for: list[Trade] | None) -> None:
        self._comparisons += 1
        new = [fill for fill in self._state.orders.all_fills() if fill.execution.execId not in before.fills]
        away_since = before.at if looked_for is None else None
        executed = self._executions(before, new, away_since)
        found = [*self._orders(before, looked_for), *executed, *self._positions(before, new)]
        self._found.extend(found)
        self._link.carry_out(map(Report, found))

    async def _ask(self) -> list[Trade]:
        """Ask the server. Returns the orders of which it told otherwise than was known here."""
        recovery = self._recovery
        looked_for = await recovery.look_for_open_orders() if recovery.may_ask_for_orders else []
        since = self._before.at if self._before is not None else None
        await recovery.ask_anew(executions.ReqExecutions(self._link.new_id(), recovery.missed_executions(since)))
        await recovery.ask_anew(accounts.ReqPositions())
        return looked_for

    # --- what is known --------------------------------------------------------------------------------------------

    def _known(self) -> _Known:
        state = self._state
        return _Known(
            state.now(),
            {trade: _standing(trade) for trade in state.orders.all()},
            {fill.execution.execId: fill for fill in state.orders.all_fills()},
            self._told_positions() if state.accounts.has_all_positions else None,
        )

    def _told_positions(self) -> dict[_Key, Position]:
        return {(one.account, one.contract.conId): one for one in self._state.accounts.positions()}

    # --- differences ----------------------------------------------------------------------------------------------

    def _orders(self, before: _Known, looked_for: list[Trade] | None) -> list[Difference]:
        """Return the orders that do not stand as they were thought to: of those that were `looked_for`, if it is given.

        For on a connection that was not lost, all others change by what the server tells when it happens.
        """
        found = []
        for trade in self._state.orders.all() if looked_for is None else looked_for:
            was, now = before.trades.get(trade), _standing(trade)
            is_news = was is not None and (was.told() != now.told() or now.uncertainty not in ("", was.uncertainty))
            if was is None or not is_news or (was.is_done and now.is_done):
                continue
            account = trade.order.account or next((fill.execution.acctNumber for fill in trade.fills), "")
            theirs = None if now.uncertainty else now.told()
            done = now.uncertainty or f"The trade is {now.status} now"
            found.append(Difference("order", account, trade.contract, trade, was.told(), theirs, done))
        return found

    def _executions(self, before: _Known, new: list[Fill], away_since: datetime | None) -> list[Difference]:
        """Return the executions that were not told when they happened.

        Those of other clients never are. So they count only if their order was known, or since `away_since`, when a
        link was lost; None if none was.
        """
        clientId = self._state.clientId
        trades = {fill.execution.execId: trade for trade in self._state.orders.all() for fill in trade.fills}
        found = []
        for fill in new:
            execution = fill.execution
            # One that answers a request has the moment of its execution, one that was told when it happened that of its
            # arrival. On a simulated clock the two may be equal.
            if fill.time is not execution.time:
                continue
            trade = trades.get(execution.execId)
            is_foreign = execution.clientId != clientId and (trade is None or trade not in before.trades)
            if is_foreign and (away_since is None or execution.time < away_since.replace(microsecond=0)):
                continue
            done = "It is kept; its order is not known" if trade is None else "It was added to its trade"
            if fill.recovered:
                done += ", and announced as recovered"
            found.append(Difference("execution", execution.acctNumber, fill.contract, trade, None, fill, done))
        return found

    def _positions(self, before: _Known, new: list[Fill]) -> list[Difference]:
        """Return the positions that are not what the known executions make of the positions before."""
        if before.positions is None:
            return []
        changes = self._changes(before, new)
        found = []
        now = self._told_positions()
        for key, shown in {**before.positions, **now}.items():
            if key[0] not in self._state.managed_accounts:  # of another login
                continue
            was, is_now = (of[key].position if key in of else 0.0 for of in (before.positions, now))
            explained = (was + change for change in accumulate(changes.get(key, ()), initial=0.0))
            if isnan(was) or isnan(is_now) or any(isclose(one, is_now, abs_tol=_TINY) for one in explained):
                continue
            done = "positions() shows what the server says. No execution that is known explains it"
            found.append(Difference("position", key[0], shown.contract, None, was, is_now, done))
        return found

    def _changes(self, before: _Known, new: list[Fill]) -> dict[_Key, list[float]]:
        """Return by how much executions have changed each position, the corrections first and then the newest first.

        A position that was known showed all executions up to some moment. That may have been before the comparison
        begins, for positions follow executions late, and a link is dead for a while before that is noticed. Or it may
        have shown executions that this client did not know. So any number of these changes may be missing in it.
        """
        now, changes = self._state.now(), defaultdict[_Key, list[float]](list)
        known = {stem_of(fill): fill for fill in before.fills.values()}
        plain = [one for one in known.values() if (now - one.time).total_seconds() <= LAG_SECONDS]
        for fill in new:
            corrected = known.get(stem_of(fill)) if is_correction(fill.execution.execId) else None
            if corrected is None:
                plain.append(fill)
            else:
                changes[_key(fill)].append(_signed(fill) - _signed(corrected))
        for fill in sorted(plain, key=lambda one: one.execution.time, reverse=True):
            changes[_key(fill)].append(_signed(fill))
        return changes


def _standing(trade: Trade) -> _Standing:
    return _Standing(trade.orderStatus.status, trade.orderStatus.filled, trade.uncertainty, trade.isDone())


def _key(fill: Fill) -> _Key:
    return fill.execution.acctNumber, fill.contract.conId


def _signed(fill: Fill) -> float:
    """Return by how much a fill changes a position. A combination is held as its legs."""
    if fill.contract.secType == "BAG":
        return 0.0
    return fill.execution.shares if fill.execution.side == "BOT" else -fill.execution.shares
