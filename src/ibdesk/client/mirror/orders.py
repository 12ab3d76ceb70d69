"""Decides which trade each message is about: orders, executions, commissions; not what it makes of the trade.

An order is known by its permId once it has one, for that is unique for ever. Before, it is known by its client and its
orderId, which come again in other sessions: a message whose permId differs from the known one is about another order.
One that ended while there was no connection, and had no permId before, is known by its `orderRef` if it has one.
"""

import copy
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import ClassVar, NamedTuple

from ibdesk.client.mirror.course import Course, is_older
from ibdesk.client.mirror.emission import Emission, Emissions
from ibdesk.client.mirror.fills import Fills, RecoveredFill
from ibdesk.client.mirror.held import Held
from ibdesk.client.mirror.known import all_as_default, all_known
from ibdesk.client.mirror.terms import clear_unmeant
from ibdesk.client.mirror.trade import Trade
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

_NO_ID = (0, NO_REQUEST)
"""The numbers that name no order. Orders placed by hand have 0, and a negative one once they are bound."""


class Placement(NamedTuple):
    """An order that is registered and about to be sent."""

    trade: Trade
    emissions: Emissions
    """What is to be emitted once it has been sent."""
    take_back: Callable[[], None]
    """Undoes the registration, for an order that could not be sent."""


class Orders:
    """The trades of one login. They outlive the connection, for nobody else knows what was not confirmed."""

    make_trade: ClassVar[type[Trade]] = Trade
    make_status: ClassVar[type[OrderStatus]] = OrderStatus
    make_course: ClassVar[type[Course]] = Course

    def __init__(self, zone: Callable[[], tzinfo] = lambda: UTC) -> None:
        """`zone` tells the operator's, in which old servers write the times of executions."""
        self._zone = zone
        self._fills = Fills()
        self._courses: dict[Trade, Course] = {}
        self._by_id: dict[tuple[int, int], Course] = {}
        self._by_perm_id: dict[int, Course] = {}
        self._early: Held[int, StatusMessage] = Held()
        self._unclaimed: dict[int, list[Fill]] = {}
        self._ended: dict[int, tuple[Course, CompletedOrder]] = {}
        """By permId, the orders that were first shown as ended, which is done without their orderIds."""
        self._out_of_sight_since: datetime | None = None
        self._link_is_down = ""
        """Why an order that is placed now may not get anywhere."""

    # --- what there is --------------------------------------------------------------------------------------------

    def all(self) -> list[Trade]:
        """All trades, oldest first."""
        return list(self._courses)

    def all_fills(self) -> list[Fill]:
        """All fills, those of unknown orders too."""
        return self._fills.all()

    def doubtful(self) -> list[Trade]:
        """The trades of which only a question to the server can tell how they stand.

        Ask for open and completed orders. What comes in answer settles it; for a trade that is still in doubt
        when both have ended, call `gone`.
        """
        return [trade for trade, course in self._courses.items() if course.is_doubtful]

    def free_id(self, clientId: int) -> int:
        """The lowest orderId that is above those of all orders of a client."""
        return 1 + max((orderId for client, orderId in self._by_id if client == clientId), default=0)

    def find(self, clientId: int, orderId: int, permId: int = 0) -> Trade | None:
        """The trade of an order. Without a permId it is the one that bears the orderId now."""
        course = self._course(clientId, orderId, permId)
        return course.trade if course else None

    # --- what this client does ------------------------------------------------------------------------------------

    def outgoing(self, order: Order, known: Trade | None) -> Order:
        """What to send for an order: without what servers filled in.

        `known`: the trade that it changes. A new order may be made of another one, which its permId still names.
        """
        source = known or (self.find(order.clientId, 0, order.permId) if order.permId else None)
        return self._courses[source].terms.outgoing(order, is_new=known is None) if source else order

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

        Sets the ids of `order`. `going`: what is sent for it, where that is not `order` itself. It comes before the
        sending, because the server may answer at once, and the answer has to find the trade. Raises ValueError when
        the order with this id is done.
        """
        known = self._course(clientId, orderId, 0 if orderId > 0 else order.permId)
        if known is not None:
            if known.trade.isDone():
                raise ValueError(f"order {orderId} is {known.trade.orderStatus.status} and cannot be modified")
            emissions, take_back = known.modify(order, going or order, now)
            return Placement(known.trade, emissions, take_back)
        ids = order.orderId, order.clientId, order.permId
        former = self._keep_apart(order) if order.permId else None
        order.orderId, order.clientId, order.permId = orderId, clientId, 0
        status = self.make_status(orderId=orderId, status=OrderStatus.PendingSubmit)
        trade = self.make_trade(contract, order, status, [], [TradeLogEntry(now, status.status)])
        course = self._courses[trade] = self._by_id[clientId, orderId] = self.make_course(trade, True)
        unseen = course.lose_sight(self._link_is_down, now, is_over=False) if self._link_is_down else []
        return Placement(
            trade, [Emission("newOrderEvent", (trade,)), *unseen], partial(self._take_back, course, ids, former)
        )

    def _take_back(self, course: Course, ids: tuple[int, int, int], former: Trade | None) -> None:
        """Forget a new order that was not sent. `ids` were its object's before, and `former` the trade that had it."""
        order = course.trade.order
        del self._courses[course.trade], self._by_id[order.clientId, order.orderId]
        order.orderId, order.clientId, order.permId = ids
        if former is not None:
            former.order = order

    def _keep_apart(self, order: Order) -> Trade | None:
        """Have the trade that has this order object, now placed as another order, keep a copy with its own ids.

        Returns that trade, if there is one.
        """
        course = self._by_perm_id.get(order.permId)
        if course is None or course.trade.order is not order:
            return None
        at = course.trade.orderStatus
        course.trade.order = copy.copy(order)
        course.trade.order.orderId, course.trade.order.clientId = at.orderId, at.clientId
        return course.trade

    def cancel_requested(self, order: Order, now: datetime) -> tuple[Trade | None, Emissions]:
        """A cancellation was sent. None for an order that is not known."""
        course = self._course(order.clientId, order.orderId, order.permId)
        return (course.trade, course.cancel(now)) if course else (None, [])

    def lose_sight(self, why: str, now: datetime, is_over: bool = True) -> Emissions:
        """Nothing is heard of any order any more; `is_over`: nor will be on this connection."""
        self._out_of_sight_since = self._out_of_sight_since or now
        self._link_is_down = "" if is_over else why
        return [one for course in self._courses.values() for one in course.lose_sight(why, now, is_over)]

    def link_restored(self) -> None:
        """The server hears of orders again, and has to be asked about all that live."""
        self.doubt(self._courses, self._link_is_down)
        self._link_is_down = ""

    def doubt(self, trades: Iterable[Trade], why: str) -> None:
        """Something leaves it open how these orders stand. Those that are done are left out."""
        for trade in trades:
            self._courses[trade].doubt(why)

    def transmitted_by(self, trade: Trade) -> list[Trade]:
        """The orders that placing this one sent on their way: itself, and those of its bracket that waited for it."""
        order = trade.order
        if not order.transmit:
            return []
        if not order.parentId:
            return [trade]
        family = [
            one
            for one in self._courses
            if one.order.clientId == order.clientId and order.parentId in (one.order.orderId, one.order.parentId)
        ]
        return [trade, *(one for one in family if one is not trade)]

    def awaited(self, trade: Trade) -> object:
        """What was sent about an order and is not answered, None when all is, or when nobody could answer."""
        course = self._courses.get(trade)
        if course is None or (self._link_is_down and not trade.cancelling):
            return None
        return course.awaited()

    def unheard(self, trade: Trade, now: datetime) -> Emissions:
        """Nothing has come of what is awaited."""
        return self._courses[trade].unheard(now)

    def unanswered(self, trade: Trade, why: str, now: datetime) -> Emissions:
        """The question how an order in doubt stands was not answered."""
        return self._courses[trade].unanswered(why, now)

    def gone(self, trade: Trade, now: datetime) -> Emissions:
        """The server was asked, and has the order neither among the open nor among the completed ones."""
        since = self._out_of_sight_since or now  # what ended is told of today only
        zone = self._zone()
        is_same_day = since.astimezone(zone).date() == now.astimezone(zone).date()
        return self._courses[trade].gone(now, is_same_day)

    def in_sight(self) -> None:
        """The server has told all that there is to tell."""
        self._out_of_sight_since = None

    def forget_ended(self, before: datetime) -> None:
        """Drop the trades that ended before a moment, with their fills."""
        for trade in [one for one in self._courses if one.isDone() and one.log and one.log[-1].time < before]:
            course = self._courses.pop(trade)
            for fill in trade.fills:
                self._fills.forget(fill)
            self._by_perm_id.pop(course.permId, None)
            self._ended.pop(course.permId, None)
            key = trade.order.clientId, trade.order.orderId
            if self._by_id.get(key) is course:
                del self._by_id[key]

    def warn(self, trade: Trade, text: str, now: datetime) -> Emissions:
        """Add a warning that comes from this side."""
        return self._courses[trade].warn(text, now)

    # --- what arrives ---------------------------------------------------------------------------------------------

    def open_order(self, message: OpenOrder, now: datetime, asked: bool = False) -> tuple[Trade | None, Emissions]:
        """An order that lives, or has just changed. None for the answer to a what-if, which is no trade.

        `asked`: it answers a request for open orders, so it is not announced.
        """
        order = all_as_default(message.order)
        if order.whatIf:
            return None, []
        course = self._course(order.clientId, order.orderId, order.permId)
        emissions: Emissions = []
        if course is None:
            course = self._adopt(message.contract, order, message.orderState.status)
            emissions = self._claim_id(course, now) + self._catch_up(course, now)
        emissions += self._bind(course, order.permId, now)
        self._identify(course, order.orderId, order.clientId, order.permId)
        emissions += course.echo(order, message.orderState.status, now, asked)
        if not asked:
            emissions.append(Emission("openOrderEvent", (course.trade,)))
        return course.trade, emissions

    def order_status(self, message: StatusMessage, now: datetime) -> Emissions:
        """How far an order has got. That of an unknown one is kept until the order is shown."""
        course = self._course(message.clientId, message.orderId, message.permId)
        if course is None:
            if message.permId:
                known = self._early.take(message.permId)
                self._early.put(message.permId, known if known and is_older(message, known) else message)
            return []
        return [*self._bind(course, message.permId, now), *course.status(message, now)]

    def order_bound(self, message: OrderBound) -> None:
        """An order that was placed by hand has got an id of a client."""
        course = self._by_perm_id.get(message.permId)
        if course is not None and not course.trade.isDone():
            self._identify(course, message.orderId, message.clientId, message.permId)

    def exec_details(self, message: ExecDetails, now: datetime) -> tuple[Fill, Emissions]:
        """An execution, and the fill that it is. One that answers a request is announced only when it was missed."""
        execution = all_known(message.execution)
        self._make_readable(execution, now)
        is_live = message.reqId == NO_REQUEST
        course = self._course(execution.clientId, execution.orderId, execution.permId)
        if course is not None and message.contract == course.trade.contract:
            contract = course.trade.contract
        else:
            contract = Contract.recreate(message.contract)
        is_recovered = not is_live and course is not None and course.was_missed(execution)
        kind = RecoveredFill if is_recovered else Fill
        fill = kind(contract, execution, CommissionReport(), now if is_live else execution.time)
        ends = self._bind(course, execution.permId, now) if course else []
        added = self._fills.add(fill)
        if not added.is_new:
            return added.fill, ends
        report = self._fills.waiting_report(fill)
        if course is None:
            self._unclaimed.setdefault(execution.permId, []).append(fill)
            return fill, []
        if added.replaced is not None:
            emissions = course.corrected(added.replaced, fill, now)
        else:
            changes = course.executed(fill, now)
            args = (course.trade, fill)
            news = [Emission("execDetailsEvent", args), Emission(course.trade.fillEvent, args)]
            emissions = [*news, *changes] if is_live or is_recovered else changes
        return fill, [*emissions, *(course.commission(fill, report) if report else ()), *ends]

    def commission_report(self, message: CommissionAndFeesReport) -> Emissions:
        """What an execution cost. That of an unknown one is kept until the execution is."""
        fill = self._fills.report(message.commissionReport)
        if fill is None:
            return []
        execution = fill.execution
        course = self._course(execution.clientId, execution.orderId, execution.permId)
        return course.commission(fill, fill.commissionReport) if course else []

    def completed_order(self, message: CompletedOrder, now: datetime) -> tuple[Trade, Emissions]:
        """An order that ended. It is no news unless its trade was thought to live."""
        order, state = all_as_default(message.order), message.orderState
        course = self._by_perm_id.get(order.permId)
        if course is None or order.permId in self._ended:
            course = self._lost_one(message) or course
        if course is not None:
            ends = self._bind(course, order.permId, now)
            return course.trade, [*ends, *course.completed(state.status, state.completedStatus, now)]
        ended = self.make_course.ended_status(state.status, state.completedStatus)
        course = self._adopt(message.contract, order, ended)
        if order.filledQuantity != UNSET_DOUBLE:
            course.trade.orderStatus.filled = order.filledQuantity
        course.completed(message.orderState.status, message.orderState.completedStatus, now)
        self._bind(course, order.permId, now)
        self._catch_up(course, now)
        self._ended[order.permId] = course, message
        return course.trade, []

    def error(self, trade: Trade, code: int, text: str, advanced: str, now: datetime) -> Emissions:
        """An error or warning that names the order of `trade`. `advanced` is the server's JSON, or empty."""
        return self._courses[trade].error(code, text, advanced, now)

    # --- who is who -----------------------------------------------------------------------------------------------

    def _course(self, clientId: int, orderId: int, permId: int) -> Course | None:
        course = self._by_id.get((clientId, orderId)) if orderId not in _NO_ID else None
        known = self._by_perm_id.get(permId) if permId else None
        if known is not None and (course is None or course.permId or permId not in self._ended):
            return known
        if course is not None and permId and course.permId not in (0, permId):
            return None
        return course

    def _bind(self, course: Course, permId: int, now: datetime) -> Emissions:
        """The order of a course has been given its permId. It may have been shown, without its orderId, as ended."""
        if not permId or course.permId:
            return []
        course.identify(course.trade.order.orderId, course.trade.order.clientId, permId)
        self._by_perm_id[permId] = course
        if permId not in self._ended:
            return []
        stand_in, message = self._ended.pop(permId)
        del self._courses[stand_in.trade]
        return course.completed(message.orderState.status, message.orderState.completedStatus, now)

    def _adopt(self, contract: Contract, order: Order, status: str) -> Course:
        """A course for an order that this client did not place, or not in this session."""
        clear_unmeant(order)
        trade = self.make_trade(
            Contract.recreate(contract),
            order,
            self.make_status(orderId=order.orderId, status=status, permId=order.permId, clientId=order.clientId),
        )
        course = self._courses[trade] = self.make_course(trade)
        return course

    def _claim_id(self, course: Course, now: datetime) -> Emissions:
        """An orderId stays with the order that bears it for as long as that lives; two such orders are warned of."""
        order = course.trade.order
        key = (order.clientId, order.orderId)
        holder = self._by_id.get(key) if order.orderId not in _NO_ID else None
        if holder is not None and not holder.trade.isDone():
            if course.trade.isDone():
                return []
            text = f"Another live order has orderId {order.orderId}: permId "
            return [*holder.warn(f"{text}{order.permId}", now), *course.warn(f"{text}{holder.permId}", now)]
        if order.orderId not in _NO_ID:
            self._by_id[key] = course
        return []

    def _identify(self, course: Course, orderId: int, clientId: int, permId: int) -> None:
        """Take over ids. An order that was placed by hand gets its orderId when it is bound."""
        course.identify(orderId, clientId, permId)
        if orderId not in _NO_ID and course.trade.order.orderId == orderId:
            self._by_id.setdefault((clientId, orderId), course)

    def _lost_one(self, message: CompletedOrder) -> Course | None:
        """The order without a permId that a completed one must be, by its reference."""
        order, conId = message.order, message.contract.conId
        found = [
            course
            for course in self._courses.values()
            if course.is_doubtful
            and not course.permId
            and order.orderRef
            and course.trade.order.action == order.action
            and course.terms.is_like(order)
            and course.trade.contract.conId in (0, conId)
            and course.trade.contract.symbol == message.contract.symbol
        ]
        return found[0] if len(found) == 1 else None

    def _catch_up(self, course: Course, now: datetime) -> Emissions:
        """What came before the order itself."""
        permId = course.trade.order.permId
        if not permId:
            return []
        for fill in self._unclaimed.pop(permId, ()):
            if self._fills.get(fill.execution.execId) is fill:  # else it was corrected
                course.executed(fill, now)
        early = self._early.take(permId)
        return course.status(early, now) if early else []

    def _make_readable(self, execution: Execution, now: datetime) -> None:
        if execution.orderId == UNSET_INTEGER:  # so do servers call orders placed by hand
            execution.orderId = 0
        # On the wire it is IBKR's text.
        text = str(execution.time)
        try:
            moment = parseIBDatetime(text, self._zone())
        except ValueError:
            moment = now
        execution.time = moment.astimezone(now.tzinfo) if isinstance(moment, datetime) else now
