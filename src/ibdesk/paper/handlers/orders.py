"""Answers about orders: they are taken, and clients are told what becomes of them.

Orders belong to the client that placed them: it is told of every change, and so is the master client. A commission is
reported after the status that follows its execution.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from ibdesk.model.executions import Execution, ExecutionFilter
from ibdesk.model.times import parseIBDatetime
from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages.connection import NO_REQUEST, NextValidId, ReqIds
from ibdesk.wire.messages.executions import (
    CommissionAndFeesReport,
    ExecDetails,
    ExecDetailsEnd,
    ReqExecutions,
)
from ibdesk.wire.messages.options import ExerciseOptions
from ibdesk.wire.messages.order_status import (
    CancelOrder,
    CompletedOrdersEnd,
    OpenOrderEnd,
    OrderStatus,
    ReqAllOpenOrders,
    ReqAutoOpenOrders,
    ReqCompletedOrders,
    ReqGlobalCancel,
    ReqOpenOrders,
)
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder, PlaceOrder

from ..broker import Broker
from ..clearing import TAG as EXERCISE_TAG
from ..clearing import ExerciseRequest
from ..client import Client, error_message
from ..exchange import DAYS_KEPT, Executed, Fact, OrderEchoed, OrderError, OrderKey, StatusChanged, misfit
from ..instruments import COMBINATION, Invalid, Refusal, combination_legs
from ..refusals import NoPrices, Unsupported
from ..time_texts import written
from .group import HandlerGroup, NewTimer, answers

TAG = "bH"
BINDS_ORDERS = 0
"""The client id that may have the orders of people bound to it."""

_NO_AUTO_BIND = "Only API connections with clientId set to 0 can set the auto bind TWS orders property."
_SIDES = {"BUY": "BOT", "SELL": "SLD", "SSHORT": "SLD"}


class OrderHandlers(HandlerGroup):
    """Handlers that take orders to the exchange and tell the clients what becomes of them."""

    def __init__(self, broker: Broker, new_timer: NewTimer, master_client_id: int | None = None) -> None:
        super().__init__(broker, new_timer)
        self._master_client_id = master_client_id
        self._clients: dict[int, Client] = {}
        # `advance_to` is called before anything that is due, so that there is nothing left to do.
        self._timer = new_timer(self._wait_for_change)

    def welcome(self, client: Client) -> None:
        """Begin to tell a client about its orders."""
        assert client.client_id is not None
        self._clients[client.client_id] = client

    def forget(self, client: Client) -> None:
        """Forget a client that is gone; its orders live on."""
        if client.client_id is not None and self._clients.get(client.client_id) is client:
            del self._clients[client.client_id]

    def advance_to(self, now: datetime) -> None:
        """Let the market and the exchange go on and tell what became of orders."""
        if self._broker.is_idle(now):
            self._broker.set_time(now)
        else:
            self.report(self._broker.advance(now))

    def _wait_for_change(self) -> None:
        self._timer.set(self._broker.next_due)

    # Requests

    @answers(ReqIds)
    def _next_id(self, client: Client, request: ReqIds) -> None:
        self.tell_next_id(client)

    def tell_next_id(self, client: Client) -> None:
        """Send the lowest order id that the client may use."""
        assert client.client_id is not None
        client.send(NextValidId(self._broker.exchange.next_order_id(client.client_id)))

    @answers(PlaceOrder)
    def _place(self, client: Client, request: PlaceOrder) -> None:
        assert client.client_id is not None
        if fault := misfit(request.contract) or misfit(request.order):
            raise Invalid(TAG, fault)
        if request.contract.deltaNeutralContract is not None:
            raise Refusal(429)
        instruments = self._broker.market.instruments
        if request.contract.secType == COMBINATION:
            combination_legs(request.contract, instruments.alive, TAG)
            raise Unsupported
        details = instruments.resolve(request.contract, TAG)
        assert details.contract is not None
        self._broker.market.served(details.contract.conId, NoPrices.ORDER)
        request.order.orderId = request.orderId
        self.report(self._broker.place(client.client_id, details, request.order))

    @answers(ExerciseOptions)
    def _exercise(self, client: Client, request: ExerciseOptions) -> None:
        assert client.client_id is not None
        if fault := misfit(request.contract):
            raise Invalid(EXERCISE_TAG, fault)
        if request.customerAccount or request.professionalCustomer:
            raise Refusal(145, _refused_entry(request, self._broker.account))
        details = self._broker.market.instruments.resolve(request.contract, EXERCISE_TAG)
        assert details.contract is not None
        instrument = self._broker.market.served(details.contract.conId, NoPrices.ORDER)
        if instrument.option is None:
            raise Invalid(EXERCISE_TAG, f"Invalid security type - {instrument.secType}")
        wanted = ExerciseRequest(
            request.exerciseAction, request.exerciseQuantity, request.account, bool(request.override)
        )
        self.report(self._broker.exercise(client.client_id, request.reqId, details, wanted))

    @answers(CancelOrder)
    def _cancel(self, client: Client, request: CancelOrder) -> None:
        assert client.client_id is not None
        self.report(self._broker.cancel(client.client_id, request.orderId), client)

    @answers(ReqGlobalCancel)
    def _cancel_all(self, client: Client, request: ReqGlobalCancel) -> None:
        self.report(self._broker.cancel_all(), client)

    @answers(ReqOpenOrders)
    def _open_orders(self, client: Client, request: ReqOpenOrders) -> None:
        self._list_orders(client, self._broker.exchange.open_orders(client.client_id))

    @answers(ReqAllOpenOrders)
    def _all_open_orders(self, client: Client, request: ReqAllOpenOrders) -> None:
        self._list_orders(client, self._broker.exchange.open_orders())

    def _list_orders(self, client: Client, facts: Iterable[Fact]) -> None:
        for fact in facts:
            client.send(_message(fact))
        client.send(OpenOrderEnd())

    @answers(ReqAutoOpenOrders)
    def _auto_bind(self, client: Client, request: ReqAutoOpenOrders) -> None:
        if client.client_id != BINDS_ORDERS:
            raise Refusal(327, _NO_AUTO_BIND)

    @answers(ReqCompletedOrders)
    def _completed_orders(self, client: Client, request: ReqCompletedOrders) -> None:
        for done in self._broker.exchange.completed_orders:
            client.send(CompletedOrder(done.contract, done.order, done.state))
        client.send(CompletedOrdersEnd())

    @answers(ReqExecutions)
    def _executions(self, client: Client, request: ReqExecutions) -> None:
        wanted = request.executionFilter
        try:
            since = _moment(wanted.time, self._broker.now) if wanted.time else None
        except ValueError:
            raise Refusal(391, "The date, time, or time-zone entered is invalid.") from None
        for fact in self._executions_of(wanted):
            if _passes(fact, wanted, since):
                client.send(_exec_details(request.reqId, fact, client))
                client.send(CommissionAndFeesReport(fact.commission))
        client.send(ExecDetailsEnd(request.reqId))

    def _executions_of(self, wanted: ExecutionFilter) -> Iterable[Executed]:
        """Return the executions of the days that a filter names: today, unless it names others."""
        exchange = self._broker.exchange
        if wanted.lastNDays == UNSET_INTEGER and not wanted.specificDates:
            return exchange.executions
        if wanted.lastNDays < 1:
            raise Invalid(TAG, f"lastNDays is {wanted.lastNDays}, and has to be 1 or more")
        today = self._broker.now.date()
        days = 0 if wanted.lastNDays == UNSET_INTEGER else min(wanted.lastNDays, DAYS_KEPT)
        dates = {f"{today - timedelta(days=number):%Y%m%d}" for number in range(days)} | set(
            map(str, wanted.specificDates)
        )
        return [
            fact
            for fact in (*exchange.earlier_executions, *exchange.executions)
            if f"{fact.execution.time.astimezone(self._broker.now.tzinfo):%Y%m%d}" in dates
        ]

    # Reports

    def report(self, facts: Iterable[Fact], asker: Client | None = None) -> None:
        """Send what became of orders to their clients, and to `asker`, who may have meddled with those of others."""
        # Most often there are several facts about one order, for one client.
        outgoing: dict[Client, list[Any]] = {}
        audiences: dict[OrderKey, list[Client]] = {}
        owed: dict[OrderKey, list[CommissionAndFeesReport]] = {}
        for fact in facts:
            key = fact.key
            if key not in audiences:
                audiences[key] = self._audience(key, asker)
            for client in audiences[key]:
                messages = outgoing.setdefault(client, [])
                if isinstance(fact, Executed):
                    messages.append(_exec_details(NO_REQUEST, fact, client))
                elif isinstance(fact, OrderError):
                    messages.append(
                        error_message(key.orderId, fact.code, fact.text, self._broker.now, fact.advancedJson)
                    )
                else:
                    messages.append(_message(fact))
                    if isinstance(fact, StatusChanged):
                        messages += owed.get(key, ())
            if isinstance(fact, Executed):
                owed.setdefault(key, []).append(CommissionAndFeesReport(fact.commission))
            elif isinstance(fact, StatusChanged):
                owed.pop(key, None)
        for key, commissions in owed.items():
            for client in audiences[key]:
                outgoing[client] += commissions
        for client, messages in outgoing.items():
            client.send_all(messages)
        self._wait_for_change()

    def _audience(self, key: OrderKey, asker: Client | None) -> list[Client]:
        """Return the clients that are told of an order, each once: its own, the master client and `asker`."""
        told = [self._clients.get(key.clientId), asker]
        if self._master_client_id is not None:
            told.insert(1, self._clients.get(self._master_client_id))
        return list(filter(None, dict.fromkeys(told)))


def _refused_entry(request: ExerciseOptions, account: str) -> str:
    named = f"to specify customer account value: {request.customerAccount}"
    told = named if request.customerAccount else "to assign 'true' value for ProfessionalCustomer"
    return f"Error in validating entry fields -Account config doesn't allow {told} for account {account}"


def _message(fact: Fact) -> Any:
    if isinstance(fact, OrderEchoed):
        return OpenOrder(fact.contract, fact.order, fact.state)
    assert isinstance(fact, StatusChanged)
    return OrderStatus(
        orderId=fact.key.orderId,
        status=fact.status,
        filled=fact.filled,
        remaining=fact.remaining,
        avgFillPrice=fact.avgFillPrice,
        permId=fact.key.permId,
        parentId=fact.parentId,
        lastFillPrice=fact.lastFillPrice,
        clientId=fact.key.clientId,
        whyHeld=fact.whyHeld,
    )


def _exec_details(reqId: int, fact: Executed, client: Client) -> ExecDetails:
    """Return an execution as it goes on the wire, where its time is text."""
    values = {**vars(fact.execution), "time": written(fact.execution.time, client.server_version)}
    return ExecDetails(reqId, fact.contract, Execution(**values))


def _moment(text: str, now: datetime) -> datetime:
    moment = parseIBDatetime(text, now.tzinfo)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time(), now.tzinfo)


def _passes(fact: Executed, wanted: ExecutionFilter, since: datetime | None) -> bool:
    execution, contract = fact.execution, fact.contract
    side = wanted.side.upper()
    return (
        wanted.clientId in (0, execution.clientId)
        and wanted.acctCode in ("", execution.acctNumber)
        and (since is None or execution.time >= since)
        and wanted.symbol in ("", contract.symbol)
        and wanted.secType in ("", contract.secType)
        and wanted.exchange in ("", "SMART", execution.exchange)
        and _SIDES.get(side, side) in ("", execution.side)
    )
