"""Answers about the account: its positions, its values, and their changes.

A subscriber gets everything at first. After that it gets what has changed: positions and values after each execution,
and values three minutes after the last ones, or later, as soon as what is held can change.

Model portfolios are for advisors, and this login is not one: the name of a model is repeated in the answer, which is
about the whole account.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ibdesk.model.accounts import AccountValue, PortfolioItem
from ibdesk.model.contract import Contract
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages.accounts import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountUpdateMulti,
    AccountUpdateMultiEnd,
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPositions,
    CancelPositionsMulti,
    Position,
    PositionEnd,
    PositionMulti,
    PositionMultiEnd,
    ReqAccountSummary,
    ReqAccountUpdates,
    ReqAccountUpdatesMulti,
    ReqPositions,
    ReqPositionsMulti,
    UpdateAccountTime,
    UpdateAccountValue,
    UpdatePortfolio,
)
from ibdesk.wire.messages.connection import ManagedAccounts, ReqManagedAccts

from ..broker import Broker
from ..client import Client
from ..instruments import Invalid, Refusal
from ..ledger import account_summary, account_values
from ..timers import Timer, last_beat, next_beat
from .group import Concerns, NewTimer, SubscriptionHandlers, answers

INTERVAL = timedelta(minutes=3)
"""The time between two looks at values when nothing is executed."""

MAX_SUMMARIES = 2
"""The summaries that a client may have at a time."""

NO_REQUEST_ID = UNSET_INTEGER
"""The id of an error that answers a request for account updates, which has no id."""

_TAG = "Q"
_ALL_ACCOUNTS = ("", "All")

Values = Callable[[], list[AccountValue]]


@dataclass(eq=False)
class Watch:
    """A subscription to values: `look` gives them, `tell` makes a message of one, `shown` was told last, at `start`.

    `portfolio` has what was told of each position; None where positions are not wanted.
    """

    client: Client
    look: Values
    tell: Callable[[AccountValue], Any]
    start: datetime
    timer: Timer
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    portfolio: dict[int, PortfolioItem] | None = None

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class AccountHandlers(SubscriptionHandlers[Watch]):
    """Every subscription to positions and values."""

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._positions: list[Client] = []
        self._positions_multi: dict[tuple[Client, int], ReqPositionsMulti] = {}
        self._executions = new_timer(self._tell_executions)
        broker.on_booked.append(self._executions.set_to_now)

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        super().forget(client)
        self._positions = [each for each in self._positions if each is not client]
        self._positions_multi = {key: each for key, each in self._positions_multi.items() if key[0] is not client}

    def renew(self, concerns: Concerns) -> None:
        """Tell all clients the positions of the day and the values anew."""
        self._tell_positions(holding.contract for holding in self._broker.ledger.holdings.values())
        for watch in self._open.values():
            watch.shown.clear()
            if watch.portfolio is not None:
                watch.portfolio.clear()
            self._tell(watch)

    def _tell_executions(self) -> None:
        """Send what executions have changed since the last time."""
        booked = self._broker.booked
        self._tell_positions(booked)
        booked.clear()
        for watch in self._open.values():
            self._tell(watch)

    # Positions

    def _tell_positions(self, contracts: Iterable[Contract]) -> None:
        for contract in {contract.conId: contract for contract in contracts}.values():
            row = self._position(contract.conId, contract)
            for client in self._positions:
                client.send(row)
            for (client, _), request in self._positions_multi.items():
                client.send(_of_model(request, row))

    def tell_accounts(self, client: Client) -> None:
        """Send the accounts of the login."""
        client.send(ManagedAccounts(self._broker.account))

    @answers(ReqManagedAccts)
    def _managed_accounts(self, client: Client, request: ReqManagedAccts) -> None:
        self.tell_accounts(client)

    @answers(ReqPositions)
    def _subscribe_positions(self, client: Client, request: ReqPositions) -> None:
        for held in self._broker.ledger.positions():
            client.send(self._position(held.contract.conId, held.contract))
        client.send(PositionEnd())
        if client not in self._positions:
            self._positions.append(client)

    @answers(CancelPositions)
    def _cancel_positions(self, client: Client, request: CancelPositions) -> None:
        self._positions = [each for each in self._positions if each is not client]

    @answers(ReqPositionsMulti)
    def _subscribe_positions_multi(self, client: Client, request: ReqPositionsMulti) -> None:
        check_account(request.account, self._broker.account)
        for held in self._broker.ledger.positions():
            client.send(_of_model(request, self._position(held.contract.conId, held.contract)))
        client.send(PositionMultiEnd(request.reqId))
        self._positions_multi[client, request.reqId] = request

    @answers(CancelPositionsMulti)
    def _cancel_positions_multi(self, client: Client, request: CancelPositionsMulti) -> None:
        self._positions_multi.pop((client, request.reqId), None)

    def _position(self, con_id: int, contract: Contract) -> Position:
        held = self._broker.ledger.holdings.get(con_id)
        quantity, cost = (float(held.position), float(held.average_cost)) if held else (0.0, 0.0)
        return Position(self._broker.account, _on(contract, contract.primaryExchange), quantity, cost)

    # Values

    @answers(ReqAccountUpdates)
    def _account_updates(self, client: Client, request: ReqAccountUpdates) -> None:
        key = client, ReqAccountUpdates, 0
        if not request.subscribe:
            self._close(key)
            return
        account = self._broker.account
        if request.acctCode not in ("", account):
            refused = _unknown_account(request.acctCode)
            client.tell_error(NO_REQUEST_ID, refused.code, refused.text, self._broker.now)
            return
        watch = Watch(
            client,
            lambda: account_values(self._broker.ledger),
            lambda row: UpdateAccountValue(row.tag, row.value, row.currency, row.account),
            self._broker.moment,
            self._new_timer(lambda: self._tell_newest(watch)),
            portfolio={},
        )
        self._begin(key, watch, AccountDownloadEnd(account))

    @answers(ReqAccountSummary)
    def _summary(self, client: Client, request: ReqAccountSummary) -> None:
        key = client, ReqAccountSummary, request.reqId
        active = sum(kind is ReqAccountSummary and owner is client for owner, kind, _ in self._open)
        if key not in self._open and active >= MAX_SUMMARIES:
            cause = "Maximum number of account summary requests exceeded; desubscribe to previous request first"
            raise Refusal(322, f"Error processing request.-'{_TAG}' : cause - {cause}")
        watch = Watch(
            client,
            lambda: account_summary(self._broker.ledger, request.tags),
            lambda row: AccountSummary(request.reqId, row.account, row.tag, row.value, row.currency),
            self._broker.moment,
            self._new_timer(lambda: self._tell_newest(watch)),
        )
        self._begin(key, watch, AccountSummaryEnd(request.reqId))

    @answers(CancelAccountSummary)
    def _cancel_summary(self, client: Client, request: CancelAccountSummary) -> None:
        self._close((client, ReqAccountSummary, request.reqId))

    @answers(ReqAccountUpdatesMulti)
    def _multi(self, client: Client, request: ReqAccountUpdatesMulti) -> None:
        model = request.modelCode
        check_account(request.account, self._broker.account)
        chosen = _ledger_and_worth if request.ledgerAndNLV else list
        watch = Watch(
            client,
            lambda: chosen(account_values(self._broker.ledger)),
            lambda row: AccountUpdateMulti(request.reqId, row.account, model, row.tag, row.value, row.currency),
            self._broker.moment,
            self._new_timer(lambda: self._tell_newest(watch)),
        )
        self._begin((client, ReqAccountUpdatesMulti, request.reqId), watch, AccountUpdateMultiEnd(request.reqId))

    @answers(CancelAccountUpdatesMulti)
    def _cancel_multi(self, client: Client, request: CancelAccountUpdatesMulti) -> None:
        self._close((client, ReqAccountUpdatesMulti, request.reqId))

    def _begin(self, key: tuple[Client, type, int], watch: Watch, end: Any) -> None:
        self._close(key)
        self._open[key] = watch
        self._tell(watch)
        watch.client.send(end)

    def _tell_newest(self, watch: Watch) -> None:
        """Send what has changed in three minutes; if the gateway is late, only what is newest."""
        if not watch.timer.postpone(last_beat(watch.start, INTERVAL, watch.timer.until)):
            self._tell(watch)

    def _tell(self, watch: Watch) -> None:
        """Send what differs from what was told last: all of it at first."""
        if watch.client.hold_back(watch.timer):
            return
        for row in watch.look():
            if watch.shown.get((row.tag, row.currency)) != row.value:
                watch.shown[row.tag, row.currency] = row.value
                watch.client.send(watch.tell(row))
        if watch.portfolio is not None:
            self._update_portfolio(watch.client, watch.portfolio)
        watch.start = moment = self._broker.moment
        # At midnight the values of the day begin anew.
        change = self._broker.marked_ledger.next_change() or self._broker.midnight
        watch.timer.set(next_beat(moment, INTERVAL, min(change, self._broker.midnight)))

    def _update_portfolio(self, client: Client, shown: dict[int, PortfolioItem]) -> None:
        for item in self._broker.ledger.portfolio():
            if shown.get(item.contract.conId) != item:
                shown[item.contract.conId] = item
                client.send(UpdatePortfolio(_on(item.contract, ""), *item[1:]))
        client.send(UpdateAccountTime(f"{self._broker.now:%H:%M}"))


def _on(contract: Contract, exchange: str) -> Contract:
    twin = copy(contract)
    twin.exchange = exchange
    return twin


def _of_model(request: ReqPositionsMulti, row: Position) -> PositionMulti:
    return PositionMulti(request.reqId, row.account, request.modelCode, row.contract, row.position, row.avgCost)


def check_account(wanted: str, account: str) -> None:
    """Raise `Invalid` when a request wants another account than the one of this login, or all."""
    if wanted not in (*_ALL_ACCOUNTS, account):
        raise _unknown_account(wanted)


def _unknown_account(account: str) -> Invalid:
    return Invalid("bZ", f"Invalid account code '{account}'.")


def _ledger_and_worth(rows: list[AccountValue]) -> list[AccountValue]:
    """Return the values that are kept by currency, and the net liquidation value."""
    wanted = {row.tag for row in rows if row.currency == "BASE"} | {"NetLiquidation"}
    return [row for row in rows if row.tag in wanted]
