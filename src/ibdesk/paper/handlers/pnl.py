"""Answers with profit and loss, of the account or of a position, each second in which it has changed.

The first answer comes at once. Seconds are those of the gateway's time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ibdesk.wire.messages.pnl import CancelPnL, CancelPnLSingle, PnL, PnLSingle, ReqPnL, ReqPnLSingle

from ..client import Client
from .accounts import check_account
from .group import SubscriptionHandlers, answers

INTERVAL = timedelta(seconds=1)
"""The time between two looks at a profit."""

Profit = PnL | PnLSingle
Key = tuple[Client, type, int]


@dataclass(eq=False)
class Watch:
    """A subscription: `look` gives the message, `shown` is the one that was sent last."""

    client: Client
    look: Callable[[], Profit]
    due: datetime
    shown: Profit | None = None


class PnLHandlers(SubscriptionHandlers[Watch]):
    """Every subscription to the profit of the account or of a position."""

    def advance(self) -> None:
        """Send what has changed, where a second has gone by."""
        for watch in self._open.values():
            if watch.due <= self._broker.now and not watch.client.is_congested:
                self._update(watch)

    @answers(ReqPnL)
    def _subscribe(self, client: Client, request: ReqPnL) -> None:
        check_account(request.account, self._broker.account)
        self._begin((client, ReqPnL, request.reqId), lambda: self._of_account(request.reqId))

    @answers(CancelPnL)
    def _cancel(self, client: Client, request: CancelPnL) -> None:
        self._open.pop((client, ReqPnL, request.reqId), None)

    @answers(ReqPnLSingle)
    def _subscribe_single(self, client: Client, request: ReqPnLSingle) -> None:
        """Begin a subscription. A `conId` that does not exist has no answer, as at IBKR."""
        check_account(request.account, self._broker.account)
        if self._broker.market.instruments.by_con_id(request.conId) is not None:
            key = client, ReqPnLSingle, request.reqId
            self._begin(key, lambda: self._of_position(request.reqId, request.conId))

    @answers(CancelPnLSingle)
    def _cancel_single(self, client: Client, request: CancelPnLSingle) -> None:
        self._open.pop((client, ReqPnLSingle, request.reqId), None)

    def _begin(self, key: Key, look: Callable[[], Profit]) -> None:
        watch = self._open[key] = Watch(key[0], look, self._broker.now)
        self._update(watch)

    def _update(self, watch: Watch) -> None:
        watch.due = self._broker.now + INTERVAL
        seen = watch.look()
        if seen != watch.shown:
            watch.shown = seen
            watch.client.send(seen)

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
