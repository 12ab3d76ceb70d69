"""Answers with profit and loss, of the account or of a position, each second in which it has changed.

The first answer comes at once. Seconds are those of the gateway's time, from there on. While nothing that is held can
change, nothing is due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ibdesk.wire.messages.pnl import CancelPnL, CancelPnLSingle, PnL, PnLSingle, ReqPnL, ReqPnLSingle

from ..broker import Broker
from ..client import Client
from ..instruments import has_ended
from ..timers import Timer, last_beat, next_beat
from .accounts import check_account
from .group import Concerns, NewTimer, SubscriptionHandlers, answers

INTERVAL = timedelta(seconds=1)
"""The time between two looks at a profit."""

Profit = PnL | PnLSingle
Key = tuple[Client, type, int]


@dataclass(eq=False)
class Watch:
    """A subscription: `look` gives the message, `shown` is the one that was sent last.

    It began at `start`, and looked last at `seen`. `conId` is the contract whose profit it shows; None for the account.
    """

    client: Client
    look: Callable[[], Profit]
    conId: int | None
    start: datetime
    seen: datetime
    timer: Timer
    shown: Profit | None = None

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class PnLHandlers(SubscriptionHandlers[Watch]):
    """Every subscription to the profit of the account or of a position."""

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        broker.on_booked.append(self._expect_changes)

    def _expect_changes(self) -> None:
        """Look at every profit again as soon as a second has gone by."""
        for watch in self._open.values():
            self._wait_for_change(watch, self._broker.moment)

    @answers(ReqPnL)
    def _subscribe(self, client: Client, request: ReqPnL) -> None:
        check_account(request.account, self._broker.account)
        self._begin((client, ReqPnL, request.reqId), lambda: self._of_account(request.reqId))

    @answers(CancelPnL)
    def _cancel(self, client: Client, request: CancelPnL) -> None:
        self._close((client, ReqPnL, request.reqId))

    @answers(ReqPnLSingle)
    def _subscribe_single(self, client: Client, request: ReqPnLSingle) -> None:
        """Begin a subscription. A `conId` that does not exist has no answer, as at IBKR."""
        check_account(request.account, self._broker.account)
        if self._broker.market.instruments.by_con_id(request.conId) is not None:
            key = client, ReqPnLSingle, request.reqId
            self._begin(key, lambda: self._of_position(request.reqId, request.conId), request.conId)

    @answers(CancelPnLSingle)
    def _cancel_single(self, client: Client, request: CancelPnLSingle) -> None:
        self._close((client, ReqPnLSingle, request.reqId))

    def renew(self, concerns: Concerns) -> None:
        """Tell all clients the profits anew."""
        for watch in self._open.values():
            watch.shown = None
            self._update(watch)

    def _begin(self, key: Key, look: Callable[[], Profit], con_id: int | None = None) -> None:
        self._close(key)
        now, timer = self._broker.moment, self._new_timer(lambda: self._tell(watch))
        watch = self._open[key] = Watch(key[0], look, con_id, now, now, timer)
        self._update(watch)

    def _tell(self, watch: Watch) -> None:
        """Send what has changed; if the gateway is late, only what is newest."""
        is_late = watch.timer.postpone(last_beat(watch.start, INTERVAL, watch.timer.until))
        if not is_late and not watch.client.hold_back(watch.timer):
            self._update(watch)

    def _update(self, watch: Watch) -> None:
        watch.seen, profit = self._broker.moment, watch.look()
        if profit != watch.shown:
            watch.shown = profit
            watch.client.send(profit)
        if watch.conId and self._is_over(watch.conId):
            return
        change = self._broker.marked_ledger.next_change(watch.conId)
        # At midnight the profit of the day begins anew.
        self._wait_for_change(watch, self._broker.midnight if change is None else min(change, self._broker.midnight))

    def _is_over(self, con_id: int) -> bool:
        """Return whether a contract has ended, and nothing of it is, or was today, in the account."""
        instrument = self._broker.market.instruments.by_con_id(con_id)
        is_gone = self._broker.ledger.pnl_single(con_id) is None
        return is_gone and instrument is not None and has_ended(instrument, self._broker.moment)

    @staticmethod
    def _wait_for_change(watch: Watch, change: datetime) -> None:
        watch.timer.set(next_beat(watch.start, INTERVAL, max(change, watch.seen + INTERVAL)))

    def _of_account(self, reqId: int) -> PnL:
        profit = self._broker.ledger.pnl()
        return PnL(reqId, profit.dailyPnL, profit.unrealizedPnL, profit.realizedPnL)

    def _of_position(self, reqId: int, con_id: int) -> PnLSingle:
        """Return the message for a position. It has no profit if nothing is or was held today."""
        profit = self._broker.ledger.pnl_single(con_id)
        if profit is None:
            return PnLSingle(reqId, 0.0)
        return PnLSingle(
            reqId, profit.position, profit.dailyPnL, profit.unrealizedPnL, profit.realizedPnL, profit.value
        )
