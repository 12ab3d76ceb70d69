"""The orders of one login: which trade a message is about.

Which order that is finds `order_index`, and what the message changes in the trade decides `order_lifecycle`.

Messages may also come before the order that they are about. They are kept until the order is shown (`_early`,
`_unclaimed`). If an order ended while there was no connection, and had no permId before, it is recognised among the
completed ones by its `orderRef`, if it has one.
"""

import copy
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import ClassVar, NamedTuple

from ibdesk import codes
from ibdesk.client.effects import AskAboutOrders, Emissions, Emit, Report
from ibdesk.client.state.differences import Difference
from ibdesk.client.state.fills import Fills, RecoveredFill, is_correction
from ibdesk.client.state.known import all_as_default, all_known
from ibdesk.client.state.order_index import ENDED, FILLED, NOTHING, OrderIndex
from ibdesk.client.state.order_lifecycle import OrderLifecycle
from ibdesk.client.state.order_statuses import ended_status, is_older
from ibdesk.client.state.pending_facts import PendingFacts
from ibdesk.client.state.terms import clear_unmeant
from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.order import Order, OrderStatus, TradeLogEntry
from ibdesk.model.times import parseIBDatetime
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire.messages.connection import NO_REQUEST
from ibdesk.wire.messages.executions import CommissionAndFeesReport, ExecDetails
from ibdesk.wire.messages.order_status import OrderBound
from ibdesk.wire.messages.order_status import OrderStatus as StatusMessage
from ibdesk.wire.messages.orders import CompletedOrder, OpenOrder

_TWINS = "The server has several live orders with orderId {}"

_CLOCKS_DIFFER = timedelta(minutes=5)
"""How much the clocks of server and client may drift apart during a connection."""

_ZONES_DIFFER = timedelta(days=1)
"""How wrong a moment may be that was told without its time zone."""


class Placement(NamedTuple):
    """An order that is registered and about to be sent."""

    trade: Trade
    emissions: Emissions
    """What is to be emitted once it has been sent."""
    take_back: Callable[[], None]
    """Undo the registration, for an order that could not be sent."""


class Orders:
    """The trades and fills of one login.

    They are kept when the connection ends, because nobody else knows what was not confirmed.
    """

    make_trade: ClassVar[type[Trade]] = Trade
    make_status: ClassVar[type[OrderStatus]] = OrderStatus
    make_lifecycle: ClassVar[type[OrderLifecycle]] = OrderLifecycle

    def __init__(self, zone: Callable[[], tzinfo] = lambda: UTC) -> None:
        """Begin without orders. `zone` returns the time zone of TWS, in which old servers write times of executions."""
        self._zone = zone
        self._fills = Fills()
        self._lifecycles: dict[Trade, OrderLifecycle] = {}
        self._index = OrderIndex()
        self._count = 0
        """How many orders and unclaimed fills there have been, to tell which of two came first."""
        self._early: PendingFacts[int, StatusMessage] = PendingFacts()
        """By permId, the newest status of an order that is not known yet."""
        self._unclaimed: dict[int, list[tuple[int, Fill]]] = {}
        """By permId, the fills of an order that is not known yet, each with its number in `_count`."""
        self._out_of_sight_since: datetime | None = None
        """When the link was lost after which the server has not been asked yet."""
        self._server_is_ahead, self._is_sure_of_clock = timedelta(0), False
        self._instructions: set[Trade] = set()
        """Those that are instructions to exercise options."""
        self._link_is_down = ""
        """Why the link between gateway and IBKR is down, so that new orders do not get on; empty when it is up."""

    # --- what there is --------------------------------------------------------------------------------------------

    def all(self) -> list[Trade]:
        """Return all trades, oldest first."""
        return list(self._lifecycles)

    def all_fills(self) -> list[Fill]:
        """Return all fills, including those of unknown orders."""
        return self._fills.all()

    def doubtful(self) -> dict[Trade, int]:
        """Return the trades for which the server has to be asked how they stand, each with the number of its doubt.

        Ask for open and completed orders. The answers end the doubt. For a trade that is still in the same doubt after
        both answers are complete, call `gone`.
        """
        return {trade: one.doubts for trade, one in self._lifecycles.items() if one.is_doubtful}

    def free_id(self, clientId: int) -> int:
        """Return the lowest orderId above those of all known orders of a client."""
        return self._index.free_id(clientId)

    def find(self, clientId: int, orderId: int, permId: int = 0) -> Trade | None:
        """Return the trade of an order. Without a permId it is the one that has the orderId now."""
        lifecycle = self._index.named(clientId, orderId, permId)
        return lifecycle.trade if lifecycle else None

    def set_server_clock(self, ahead: timedelta, is_sure: bool) -> None:
        """Set how much the server's clock is ahead of this computer's. It is not sure if its time zone is not known."""
        self._server_is_ahead, self._is_sure_of_clock = ahead, is_sure

    # --- what this client does ------------------------------------------------------------------------------------

    def outgoing(self, order: Order, known: Trade | None) -> Order:
        """Return the order to send for an owner's `order`: without what servers filled in.

        `known` is the trade that it changes, None for a new order. An object that belonged to another order before, as
        its permId shows, may have been filled in there.
        """
        source = known or (self.find(order.clientId, 0, order.permId) if order.permId else None)
        return self._lifecycles[source].terms.outgoing(order, is_new=known is None) if source else order

    def place(
        self,
        contract: Contract,
        order: Order,
        orderId: int,
        clientId: int,
        now: datetime,
        going: Order | None = None,
    ) -> Placement:
        """Register an order that is sent next: a new one, or a change of the live one with this id.

        Sets the ids of `order`. `going` is what is sent for it, if that is not `order` itself. Raises ValueError if the
        order with this id is done.
        """
        # This comes before the sending, because the server may answer at once, and its answer has to find the trade.
        known = self._index.named(clientId, orderId, 0 if orderId > 0 else order.permId)
        if known is not None:
            if known.trade.isDone():
                raise ValueError(f"order {orderId} is {known.trade.orderStatus.status} and cannot be modified")
            if any(not one.isDone() for one in known.trade.incarnations):
                raise ValueError(f"{_TWINS.format(orderId)}: cancel them, or modify them in TWS")
            emissions, take_back = known.modify(order, going or order, now)
            return Placement(known.trade, emissions, take_back)
        ids = order.orderId, order.clientId, order.permId
        former = self._keep_apart(order) if order.permId else None
        order.orderId, order.clientId, order.permId = orderId, clientId, 0
        status = self.make_status(orderId=orderId, status=OrderStatus.PendingSubmit)
        trade = self.make_trade(contract, order, status, [], [TradeLogEntry(now, status.status)])
        lifecycle = self._begin(trade, placed=now)
        self._index.hold(lifecycle, clientId, orderId)
        unseen = lifecycle.lose_sight(self._link_is_down, now, is_over=False) if self._link_is_down else []
        return Placement(
            trade, [Emit("newOrderEvent", (trade,)), *unseen], partial(self._take_back, lifecycle, ids, former)
        )

    def instructed(self, contract: Contract, exercise: Order, orderId: int, clientId: int, now: datetime) -> Trade:
        """Register an instruction to exercise options as the order that servers make of it, and return its trade."""
        trade = self.place(contract, exercise, orderId, clientId, now).trade
        self._instructions.add(trade)
        return trade

    def _take_back(self, lifecycle: OrderLifecycle, ids: tuple[int, int, int], former: Trade | None) -> None:
        """Forget a new order that was not sent. `ids` and `former` are the ids and the trade of its object before."""
        order = lifecycle.trade.order
        del self._lifecycles[lifecycle.trade]
        self._index.forget(lifecycle)
        order.orderId, order.clientId, order.permId = ids
        if former is not None:
            former.order = order

    def _keep_apart(self, order: Order) -> Trade | None:
        """Give the trade that already has this order object a copy of it, since the object becomes another order.

        Returns that trade, None if there is none.
        """
        lifecycle = self._index.with_perm_id(order.permId)
        if lifecycle is None or lifecycle.trade.order is not order:
            return None
        at = lifecycle.trade.orderStatus
        lifecycle.trade.order = copy.copy(order)
        lifecycle.trade.order.orderId, lifecycle.trade.order.clientId = at.orderId, at.clientId
        return lifecycle.trade

    def cancel_requested(self, order: Order, now: datetime) -> Placement | None:
        """Record that a cancellation was sent. The trade is None if the order is not known."""
        lifecycle = self._index.named(order.clientId, order.orderId, order.permId)
        return Placement(lifecycle.trade, *lifecycle.cancel(now)) if lifecycle else None

    def lose_sight(self, why: str, now: datetime, is_over: bool = True) -> Emissions:
        """Record that the link between gateway and IBKR is down or, with `is_over`, the connection to the gateway."""
        self._out_of_sight_since = self._out_of_sight_since or now
        self._link_is_down = "" if is_over else why
        return [one for lifecycle in self._lifecycles.values() for one in lifecycle.lose_sight(why, now, is_over)]

    def lose_sight_of(self, trade: Trade, why: str, now: datetime) -> Emissions:
        """Record for one order that a connection was lost."""
        return self._lifecycles[trade].lose_sight(why, now, is_over=True)

    def link_restored(self) -> None:
        """Record that the link is up again. The server has to be asked about all live orders."""
        self.doubt(self._lifecycles, self._link_is_down)
        self._link_is_down = ""

    def doubt(self, trades: Iterable[Trade], why: str) -> None:
        """Have the server asked how these orders stand, except for those that are done."""
        for trade in trades:
            self._lifecycles[trade].doubt(why)

    def transmitted_by(self, trade: Trade) -> list[Trade]:
        """Return the orders that this one transmits: itself, and those of its bracket that waited for it."""
        order = trade.order
        if not order.transmit:
            return []
        if not order.parentId:
            return [trade]
        family = [
            one
            for one in self._lifecycles
            if one.order.clientId == order.clientId and order.parentId in (one.order.orderId, one.order.parentId)
        ]
        return [trade, *(one for one in family if one is not trade)]

    def awaited(self, trade: Trade) -> object:
        """Return what was sent about an order and is not answered; None if nothing is, or if nobody can answer now."""
        lifecycle = self._lifecycles.get(trade)
        if lifecycle is None or (self._link_is_down and not trade.cancelling):
            return None
        return lifecycle.awaited()

    def unheard(self, trade: Trade, now: datetime) -> Emissions:
        """Give up waiting for an answer about an order."""
        return self._lifecycles[trade].unheard(now)

    def unanswered(self, trade: Trade, why: str, now: datetime) -> Emissions:
        """Record that the server did not answer the question how an order stands."""
        return self._lifecycles[trade].unanswered(why, now)

    def gone(self, trade: Trade, now: datetime) -> Emissions:
        """Record that the server shows an order neither among the open nor among the completed ones."""
        since = self._out_of_sight_since or now  # servers show the completed orders of the day only
        zone = self._zone()
        is_same_day = since.astimezone(zone).date() == now.astimezone(zone).date()
        # Nobody documents that every server shows an instruction, so that one which it does not show may be there.
        return self._lifecycles[trade].gone(now, is_same_day and trade not in self._instructions)

    def revive(self, trade: Trade, now: datetime) -> Emissions:
        """Record that the server, asked for open orders, shows one that seemed to have ended."""
        return self._lifecycles[trade].revive(now)

    def out_of_sight_since(self) -> datetime | None:
        """Return when the link was lost after which the server has not been asked yet, None if it was not lost."""
        return self._out_of_sight_since

    def in_sight(self) -> None:
        """Record that the server was asked about all orders in doubt, and has answered."""
        self._out_of_sight_since = None

    def forget_ended(self, before: datetime) -> None:
        """Forget the trades that ended before a moment, and their fills."""
        for trade in [one for one in self._lifecycles if one.isDone() and one.log and one.log[-1].time < before]:
            lifecycle = self._lifecycles.pop(trade)
            self._instructions.discard(trade)
            for fill in trade.fills:
                self._fills.forget(fill)
            self._index.forget(lifecycle)

    def warn(self, trade: Trade, text: str, now: datetime) -> Emissions:
        """Add a warning that comes from this client, not from the server."""
        return self._lifecycles[trade].warn(text, now)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def open_order(self, message: OpenOrder, now: datetime, asked: bool = False) -> tuple[Trade | None, Emissions]:
        """Take in an order that is open, or has just changed. The trade is None for a what-if, which has none.

        With `asked`, the message answers a request for open orders, so it is not announced as news.
        """
        order = all_as_default(message.order)
        if order.whatIf:
            return None, []
        status = message.orderState.status
        denies = NOTHING if status in ENDED else ENDED
        names = order.clientId, order.orderId, order.permId
        lifecycle = self._index.meant(*names, message.contract, order.action, denies=denies)
        emissions: Emissions = []
        if lifecycle is None:
            lifecycle = self._adopt(message.contract, order, status)
            emissions = self._claim_id(lifecycle, now) + self._catch_up(lifecycle, now)
        emissions += self._bind(lifecycle, order.permId, now)
        self._identify(lifecycle, order.orderId, order.clientId, order.permId)
        emissions += lifecycle.open_order(order, status, now, asked)
        if not asked:
            emissions.append(Emit("openOrderEvent", (lifecycle.trade,)))
        return lifecycle.trade, emissions

    def order_status(self, message: StatusMessage, now: datetime) -> Emissions:
        """Take in the status of an order. If the order is not known, the status is kept until it is."""
        denies = NOTHING if message.status in ENDED else ENDED
        lifecycle = self._index.meant(message.clientId, message.orderId, message.permId, denies=denies)
        if lifecycle is None:
            if message.permId:
                known = self._early.take(message.permId)
                self._early.put(message.permId, known if known and is_older(message, known) else message)
            return []
        return [*self._bind(lifecycle, message.permId, now), *lifecycle.status(message, now)]

    def order_bound(self, message: OrderBound) -> None:
        """Record that an order which was placed by hand has been bound: it has got an orderId of a client."""
        lifecycle = self._index.with_perm_id(message.permId)
        if lifecycle is not None and not lifecycle.trade.isDone():
            self._identify(lifecycle, message.orderId, message.clientId, message.permId)

    def exec_details(self, message: ExecDetails, now: datetime) -> tuple[Fill, Emissions]:
        """Take in an execution, and return its fill. One that answers a request is announced only if it was missed."""
        execution = all_known(message.execution)
        latest = self._make_readable(execution, now)
        is_live = message.reqId == NO_REQUEST
        lifecycle = self._index.meant(
            execution.clientId,
            execution.orderId,
            execution.permId,
            message.contract,
            execution.side,
            None if is_live else latest,
            NOTHING if is_correction(execution.execId) else FILLED,
        )
        if lifecycle is not None and message.contract == lifecycle.trade.contract:
            contract = lifecycle.trade.contract
        else:
            contract = Contract.recreate(message.contract)
        # The answer to a request repeats old executions. Only those that happened while a link was lost are news.
        is_recovered = not is_live and lifecycle is not None and lifecycle.was_missed(execution)
        kind = RecoveredFill if is_recovered else Fill
        fill = kind(contract, execution, CommissionReport(), now if is_live else execution.time)
        added = self._fills.add(fill)
        if not added.is_new:  # it is as old as what is known, and tells nothing of an order that was placed since
            return added.fill, []
        report = self._fills.waiting_report(fill)
        if lifecycle is None:
            return fill, self._keep(fill, is_live, now)
        ends = self._bind(lifecycle, execution.permId, now)
        if added.replaced is not None:
            emissions = lifecycle.corrected(added.replaced, fill, now)
        else:
            emissions = self._book(lifecycle, fill, now, is_news=is_live or is_recovered)
        return fill, [*emissions, *(lifecycle.commission(fill, report) if report else ()), *ends]

    def _keep(self, fill: Fill, is_live: bool, now: datetime) -> Emissions:
        """Keep a fill until its order is known. One that just happened may mean that an orderId was used twice."""
        execution = fill.execution
        self._count += 1
        self._unclaimed.setdefault(execution.permId, []).append((self._count, fill))
        held = self._index.holder(execution.clientId, execution.orderId) if is_live else None
        if held is None:
            return []
        text = f"Another order has orderId {execution.orderId}, and was filled: permId {execution.permId}"
        theirs = {"orderId": execution.orderId, "permId": execution.permId}
        return [*held.warn(text, now), *self._conflict([held], fill.contract, theirs, text)]

    def _book(self, lifecycle: OrderLifecycle, fill: Fill, now: datetime, is_news: bool) -> Emissions:
        """Add a fill to its order. It is announced if it is news."""
        changes = lifecycle.executed(fill, now)
        args = (lifecycle.trade, fill)
        news = [Emit("execDetailsEvent", args), Emit(lifecycle.trade.fillEvent, args)]
        return [*news, *changes] if is_news else changes

    def commission_report(self, message: CommissionAndFeesReport) -> Emissions:
        """Take in what an execution cost. If the execution is not known, this is kept until it is."""
        fill = self._fills.report(message.commissionReport)
        if fill is None:
            return []
        execution = fill.execution
        lifecycle = self._index.meant(execution.clientId, execution.orderId, execution.permId)
        return lifecycle.commission(fill, fill.commissionReport) if lifecycle else []

    def completed_order(self, message: CompletedOrder, now: datetime) -> tuple[Trade, Emissions]:
        """Take in a completed order. It is announced only if its trade was not done yet."""
        order, state = all_as_default(message.order), message.orderState
        # It comes without its orderId. So it may be an order that had no permId yet when the link was lost.
        lifecycle = self._index.with_perm_id(order.permId)
        if lifecycle is None or self._index.was_completed_first(order.permId):
            lifecycle = self._find_by_reference(message) or lifecycle
        if lifecycle is not None:
            ends = self._bind(lifecycle, order.permId, now)
            return lifecycle.trade, [*ends, *lifecycle.completed(state.status, state.completedStatus, now)]
        ended = ended_status(state.status, state.completedStatus, self.make_lifecycle.refused)
        lifecycle = self._adopt(message.contract, order, ended)
        if order.filledQuantity != UNSET_DOUBLE:
            lifecycle.trade.orderStatus.filled = order.filledQuantity
        lifecycle.completed(message.orderState.status, message.orderState.completedStatus, now)
        self._bind(lifecycle, order.permId, now)
        self._catch_up(lifecycle, now)
        self._index.completed_first(lifecycle, message)
        return lifecycle.trade, []

    def error(self, trade: Trade, code: int, text: str, advanced: str, now: datetime) -> Emissions:
        """Take in an error or warning that names the order of `trade`. `advanced` is JSON with details, or empty."""
        twins = [one for one in (trade, *trade.incarnations) if not one.isDone()]
        if len(twins) > 1 and not codes.is_warning(code):  # it names the order by its orderId, which several have
            self.doubt(twins, _TWINS.format(trade.order.orderId))
            message = f"Error {code}, reqId {trade.order.orderId}: {text}"
            return [*(one for twin in twins for one in self.warn(twin, message, now)), AskAboutOrders()]
        lifecycle = self._lifecycles[trade]
        doubts = lifecycle.doubts
        emissions = lifecycle.error(code, text, advanced, now)
        return emissions if lifecycle.doubts == doubts else [*emissions, AskAboutOrders()]

    # --- which order is meant --------------------------------------------------------------------------------------

    def _begin(self, trade: Trade, placed: datetime | None = None) -> OrderLifecycle:
        """Begin the lifecycle of an order. `placed` is when this client placed it, None if it did not."""
        self._count += 1
        lifecycle = self._lifecycles[trade] = self.make_lifecycle(trade, placed, self._count)
        return lifecycle

    def _bind(self, lifecycle: OrderLifecycle, permId: int, now: datetime) -> Emissions:
        """Record the permId of an order. If a completed order was shown with this permId, it is this one."""
        if not permId or lifecycle.permId:
            return []
        order = lifecycle.trade.order
        lifecycle.identify(order.orderId, order.clientId, permId)
        other, shown = self._index.bind(lifecycle, permId)
        emissions = self._claim_fills(lifecycle, permId, now) if lifecycle.placed is not None else []
        if other is None:
            return emissions
        if shown is not None:
            del self._lifecycles[other.trade]
            return [*emissions, *lifecycle.completed(shown.orderState.status, shown.orderState.completedStatus, now)]
        text = f"The server uses permId {permId} for order {order.orderId}, too"
        warnings = [*other.warn(text, now), *lifecycle.warn(text, now)]
        theirs = {"orderId": order.orderId, "permId": permId}
        return [*emissions, *warnings, *self._conflict([other, lifecycle], lifecycle.trade.contract, theirs, text)]

    def _claim_fills(self, lifecycle: OrderLifecycle, permId: int, now: datetime) -> Emissions:
        """Give an order that was placed here, and now has its permId, the fills that came for it meanwhile."""
        return [
            one
            for number, fill in self._unclaimed.pop(permId, ())
            if number > lifecycle.number and self._fills.get(fill.execution.execId) is fill
            for one in self._book(lifecycle, fill, now, is_news=True)
        ]

    def _conflict(
        self, those: list[OrderLifecycle], contract: Contract, theirs: dict[str, int], text: str
    ) -> Emissions:
        """Have the server asked about orders that share a name, the first of which had it before, and report it."""
        self.doubt([one.trade for one in those], text)
        trade, order = those[-1].trade, those[0].trade.order
        ours = {"orderId": order.orderId, "permId": order.permId}
        done = f"{text}. The server is asked about them"
        found = Difference("conflict", trade.order.account, contract, trade, ours, theirs, done)
        return [Report(found), AskAboutOrders()]

    def _adopt(self, contract: Contract, order: Order, status: str) -> OrderLifecycle:
        """Begin a lifecycle for an order that was not placed by this client, or not in this session."""
        clear_unmeant(order)
        trade = self.make_trade(
            Contract.recreate(contract),
            order,
            self.make_status(orderId=order.orderId, status=status, permId=order.permId, clientId=order.clientId),
        )
        return self._begin(trade)

    def _claim_id(self, lifecycle: OrderLifecycle, now: datetime) -> Emissions:
        """Let a newly known order have its orderId, unless a live order has it already: then both get a warning."""
        order = lifecycle.trade.order
        held = self._index.holder(order.clientId, order.orderId)
        if held is None or held.trade.isDone():
            self._index.hold(lifecycle, order.clientId, order.orderId)
            return []
        if lifecycle.trade.isDone():
            return []
        family = [held.trade, *held.trade.incarnations, lifecycle.trade]
        for trade in family:
            trade.incarnations[:] = [one for one in family if one is not trade]
        text = f"{_TWINS.format(order.orderId)}: permIds {', '.join(str(one.order.permId) for one in family)}"
        warnings = [one for trade in family for one in self._lifecycles[trade].warn(text, now)]
        theirs = {"orderId": order.orderId, "permId": order.permId}
        return [*warnings, *self._conflict([held, lifecycle], lifecycle.trade.contract, theirs, text)]

    def _identify(self, lifecycle: OrderLifecycle, orderId: int, clientId: int, permId: int) -> None:
        """Take over ids that were not known. An order that was placed by hand gets its orderId when it is bound."""
        lifecycle.identify(orderId, clientId, permId)
        if lifecycle.trade.order.orderId == orderId:
            self._index.take(lifecycle, clientId, orderId)

    def _find_by_reference(self, message: CompletedOrder) -> OrderLifecycle | None:
        """Return the doubtful order without a permId that this completed one must be, by its `orderRef`."""
        order, conId = message.order, message.contract.conId
        found = [
            lifecycle
            for lifecycle in self._index.without_perm_id
            if lifecycle.is_doubtful
            and not lifecycle.permId
            and not self._index.was_completed_first(order.permId, lifecycle)
            and order.orderRef
            and lifecycle.trade.order.action == order.action
            and lifecycle.terms.is_like(order)
            and lifecycle.trade.contract.conId in (0, conId)
            and lifecycle.trade.contract.symbol == message.contract.symbol
        ]
        return found[0] if len(found) == 1 else None

    def _catch_up(self, lifecycle: OrderLifecycle, now: datetime) -> Emissions:
        """Take in what came before the order itself."""
        permId = lifecycle.trade.order.permId
        if not permId:
            return []
        for _, fill in self._unclaimed.pop(permId, ()):
            if self._fills.get(fill.execution.execId) is fill:  # else it was corrected
                lifecycle.executed(fill, now)
        early = self._early.take(permId)
        return lifecycle.status(early, now) if early else []

    def _make_readable(self, execution: Execution, now: datetime) -> datetime:
        """Make a moment of the time of an execution. Returns the latest moment at which it can have happened.

        That is by the clock of this computer, and a time that comes without its zone may be wrong.
        """
        if execution.orderId == UNSET_INTEGER:  # an order placed by hand
            execution.orderId = 0
        # The codec leaves the time as it came, as text.
        try:
            moment = parseIBDatetime(str(execution.time))
        except ValueError:
            moment = now
        if not isinstance(moment, datetime):
            moment = now
        is_sure = moment.tzinfo is not None and self._is_sure_of_clock
        execution.time = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone())).astimezone(now.tzinfo)
        return execution.time - self._server_is_ahead + (_CLOCKS_DIFFER if is_sure else _ZONES_DIFFER)
