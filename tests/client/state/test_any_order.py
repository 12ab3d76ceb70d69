"""The true history of an order, fed in any order, with repetitions and losses: the trade ends in the same truth.

A story is what a server has to tell of one order, from its start to its end. The machine lets what it tells arrive
in any order, some of it again and some of it never; then it lets the rest arrive, answers what the mirror doubts, and
compares the trade with the story. The connection may be lost meanwhile: then nothing of the rest arrives but what a
server tells when it is asked, which is the executions and the ended orders.

There may be a namesake: an order of an earlier session that has the same orderId and reference. Before the story begins
it was shown among the ended ones, and of it and its fill is told again at any time. None of that is ever the order's.

Meanwhile the terms of the order change at the server, and its owner changes one too, and does not send that: his order
shows what the server said last, but for what he changed.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ibdesk.model.order import LimitOrder

TOTAL = 100.0
SOMEONE_ELSE = 3
REFERENCE = "story"
NAMESAKE = {"permId": 111, "orderRef": REFERENCE}
ASKED = {"execute": {"reqId": 9}}
WARNINGS = (399, 2109, 10349)
COMPLETED = {
    "Filled": ("Filled", "Filled Size: 100"),
    "Cancelled": ("Cancelled", "Cancelled by Trader"),
    "Inactive": ("PreSubmitted", "Rejected by System: The exchange is closed."),
}


@dataclass(frozen=True)
class Told:
    """One message: the method of the desk that brings it and its arguments. Whether it `may_be_lost`."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    may_be_lost: bool = True


@dataclass
class Story:
    """What there is to tell, and what is true at the end."""

    end: str
    is_own: bool
    is_cancelled_here: bool
    is_listed: bool
    """Whether the server lists the order among the completed ones when it is asked in doubt."""
    told: list[Told] = field(default_factory=list)
    executions: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Shares and price by execId; only those that count."""

    def filled(self) -> float:
        return sum(shares for shares, _ in self.executions.values())

    def average(self) -> float:
        worth = sum(shares * price for shares, price in self.executions.values())
        return worth / self.filled() if self.filled() else 0.0

    def tell(self, name: str, *args: Any, may_be_lost: bool = True, **kwargs: Any) -> None:
        if not self.is_own and name != "report":
            kwargs["clientId"] = SOMEONE_ELSE
        self.told.append(Told(name, args, kwargs, may_be_lost))

    def tell_state(self, status: str, last: float = 0.0) -> None:
        """openOrder, each with other terms, and orderStatus"""
        number = len(self.told)
        self.tell(
            "show", status, lmtPrice=257.0 + number, outsideRth=number % 4 == 0, tif=("DAY", "GTC")[number % 3 // 2]
        )
        progress = {"remaining": TOTAL - self.filled(), "avgFillPrice": self.average(), "lastFillPrice": last}
        self.tell("status", status, self.filled(), **progress)

    def tell_execution(self, execId: str, shares: float, price: float) -> None:
        """execDetails and commissionReport. Both ends of a connection are there, so neither is lost."""
        self.executions[execId] = shares, price
        values = {"execId": execId, "price": price, "avgPrice": self.average()}
        self.tell("execute", shares, self.filled(), may_be_lost=False, **values)
        self.tell("report", execId, price, may_be_lost=False)

    def told_when_asked(self) -> list[Told]:
        """What a server tells of the story after its end. Corrections come beside what they correct."""
        of_fills = [one for one in self.told if one.name in ("execute", "report")]
        asked = [Told(one.name, one.args, {**one.kwargs, **ASKED.get(one.name, {})}, False) for one in of_fills]
        return [*asked, Told("complete", COMPLETED[self.end], {"orderRef": REFERENCE, "totalQuantity": TOTAL}, False)]

    def keep(self, number: int, *names: str, status: str = "") -> None:
        """Have one of some messages not be lost."""
        some = [one for one in self.told if one.name in names and (not status or one.args[0] == status)]
        kept = some[number % len(some)]
        self.told = [Told(one.name, one.args, one.kwargs, False) if one is kept else one for one in self.told]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Filled, cancelled or refused; own or another client's; in parts, some of them corrected; with a cancellation."""
    end = draw(st.sampled_from(["Filled", "Cancelled", "Inactive"]))
    is_own = end == "Inactive" or draw(st.booleans())
    story = Story(end, is_own, is_own and end != "Inactive" and draw(st.booleans()), draw(st.booleans()))
    story.tell_state("PreSubmitted")
    if end != "Inactive":
        _tell_fills(draw, story)
    price = list(story.executions.values())[-1][1] if story.executions else 0.0
    if story.is_cancelled_here and draw(st.booleans()):
        story.tell_state("PendingCancel", price)
    story.tell_state(end, price)
    if draw(st.booleans()):
        story.tell("complete", *COMPLETED[end])
    if story.is_own:
        for code in draw(st.lists(st.sampled_from(WARNINGS), max_size=2, unique=True)):
            story.tell("error", code, "mind", may_be_lost=False)
        _tell_errors(draw, story)
    number = draw(st.integers(0, 99))
    # Only a message with orderId and permId tells which of the completed orders it is.
    story.keep(number, *(("show", "status") if is_own else ("show",)))
    ends = [one for one in story.told if one.name == "complete" or (one.name, one.args[0]) == ("status", end)]
    story.keep(number, ends[number % len(ends)].name, status=ends[number % len(ends)].args[0])
    return story


def _tell_fills(draw: st.DrawFn, story: Story) -> None:
    sizes = draw(st.lists(st.sampled_from([10.0, 20.0, 30.0]), max_size=3))
    for number, size in enumerate([*sizes, TOTAL] if story.end == "Filled" else sizes, 1):
        price = draw(st.sampled_from([257.0, 258.0, 260.0]))
        shares = min(size, TOTAL - story.filled())
        stem = f"0000e0d5.69dd74{number:02}.01"
        story.tell_execution(f"{stem}.01", shares, price)
        if number <= len(sizes) and draw(st.booleans()):
            del story.executions[f"{stem}.01"]
            story.tell_execution(f"{stem}.02", shares - 5.0, price + 1.0)
        if story.filled() < TOTAL:
            story.tell_state("Submitted", price)


def _tell_errors(draw: st.DrawFn, story: Story) -> None:
    if story.end == "Inactive":
        story.tell("error", 201, "Order rejected - reason:The exchange is closed.", may_be_lost=False)
    elif story.end == "Cancelled":
        story.tell("error", 202, "Order Canceled - reason:")
    if story.is_cancelled_here and draw(st.booleans()):
        story.tell("error", 10148, f"OrderId 5 that needs to be cancelled can not be cancelled, state: {story.end}.")
    if story.is_cancelled_here and story.end == "Filled":
        code = draw(st.sampled_from([161, 10147, 10148]))
        story.tell("error", code, "Cancel attempted when order is not in a cancellable state.")


class AnyOrder(RuleBasedStateMachine):
    """One order, and a wire that keeps no order."""

    def __init__(self, desk: Any) -> None:
        super().__init__()
        self.desk = desk
        self.trade: Any = None
        self.story: Any = None
        self.left: list[Told] = []
        self.arrived: list[Told] = []
        self.repeatable: list[Told] = []
        self.was_filled = self.was_lost = False
        self.namesake: Any = None
        self.shown: dict[str, Any] = {}
        self.unsent: dict[str, Any] = {}

    @initialize(story=stories(), has_namesake=st.booleans())
    def begin(self, story: Story, has_namesake: bool) -> None:
        self.story, self.left = story, list(story.told)
        if has_namesake:
            self.namesake = self.desk.complete("Filled", "Filled Size: 100", totalQuantity=TOTAL, **NAMESAKE)
        if story.is_own:
            self.trade = self.desk.place(LimitOrder("BUY", TOTAL, 257.95, orderRef=REFERENCE))
        if story.is_cancelled_here:
            self.desk.cancel(self.trade)

    @precondition(lambda self: self.left)
    @rule(number=st.integers(0, 99))
    def something_arrives(self, number: int) -> None:
        self.arrive(self.left.pop(number % len(self.left)))

    @precondition(lambda self: self.repeatable)
    @rule(number=st.integers(0, 99))
    def something_arrives_again(self, number: int) -> None:
        self.arrive(self.repeatable[number % len(self.repeatable)])

    @precondition(lambda self: any(one.may_be_lost for one in self.left))
    @rule(number=st.integers(0, 99))
    def something_is_lost(self, number: int) -> None:
        some = [one for one in self.left if one.may_be_lost]
        self.left.remove(some[number % len(some)])

    # Of an order that ended without a permId nothing can tell which of the ended ones it is.
    @precondition(
        lambda self: not self.was_lost and not (self.trade and self.trade.isDone() and not self.trade.order.permId)
    )
    @rule()
    def the_connection_is_lost(self) -> None:
        """And made again when all is over. Whatever was not heard until then is not made up."""
        status = self.trade.orderStatus.status if self.trade else ""
        self.desk.take(self.desk.orders.lose_sight("The connection was lost", self.desk.now))
        if self.trade is not None:
            assert self.trade.orderStatus.status == status
            assert self.trade.isUncertain() == (not self.trade.isDone())
            assert not self.trade.cancelling
        self.was_lost = True
        self.left, self.repeatable = self.story.told_when_asked(), []

    @precondition(lambda self: self.trade)
    @rule(name=st.sampled_from(["lmtPrice", "trailStopPrice"]), number=st.integers(1, 99))
    def its_owner_changes_a_term(self, name: str, number: int) -> None:
        self.unsent[name] = float(number)
        setattr(self.trade.order, name, float(number))

    @precondition(lambda self: self.trade and not self.was_lost and self.desk.orders.awaited(self.trade))
    @rule()
    def the_wait_for_an_answer_ends(self) -> None:
        status = self.trade.orderStatus.status
        self.desk.take(self.desk.orders.unheard(self.trade, self.desk.now))
        assert self.trade.isUncertain()
        assert self.trade.orderStatus.status == status

    @precondition(
        lambda self: list(self.desk.orders.doubtful()) and not (self.was_lost or self.arrived or self.trade.cancelling)
    )
    @rule()
    def the_server_was_asked_and_does_not_know_it_yet(self) -> None:
        self.desk.take(self.desk.orders.gone(self.trade, self.desk.now))
        assert self.trade.isUncertain()
        assert not self.trade.isDone()

    @precondition(lambda self: self.namesake)
    @rule(what=st.sampled_from(["its end", "its fill, asked for", "its fill"]))
    def the_namesake_is_told_of_again(self, what: str) -> None:
        if what == "its end":
            assert self.desk.complete("Filled", "Filled Size: 100", **NAMESAKE) is self.namesake
            return
        owner = {} if self.story.is_own else {"clientId": SOMEONE_ELSE}
        ids = {"permId": 111, "execId": "0000e0d5.69aa0001.01.01", **owner}
        self.desk.execute(**ids, **(ASKED["execute"] if what != "its fill" else {}))
        assert [fill.execution.permId for fill in self.namesake.fills] == [111]

    def arrive(self, one: Told) -> None:
        args = (self.trade, *one.args) if one.name == "error" else one.args
        result = getattr(self.desk, one.name)(*args, **one.kwargs)
        if self.trade is None and one.name in ("show", "complete"):
            self.trade = result
        if one.name == "show":
            self.shown = {name: one.kwargs[name] for name in ("lmtPrice", "outsideRth", "tif")}
        self.arrived.append(one)
        self.repeatable.append(one)

    @invariant()
    def filled_is_final_and_nothing_counts_twice(self) -> None:
        if self.trade is None:
            return
        is_filled = self.trade.orderStatus.status == "Filled"
        assert is_filled or not self.was_filled
        self.was_filled = is_filled
        stems = [fill.execution.execId.rpartition(".")[0] for fill in self.trade.fills]
        assert len(stems) == len(set(stems))
        for name in ("filledEvent", "cancelledEvent"):
            assert self.desk.emitted.count(name) <= 1

    @invariant()
    def the_order_is_as_the_server_shows_it_but_for_what_its_owner_changed(self) -> None:
        for name, value in {**self.shown, **self.unsent}.items():
            assert getattr(self.trade.order, name) == value

    def teardown(self) -> None:
        if self.story is None:
            return
        for one in self.left:
            self.arrive(one)
        for trade in list(self.desk.orders.doubtful()):
            if self.story.is_listed:
                self.desk.complete(*COMPLETED[self.story.end])
            self.desk.take(self.desk.orders.gone(trade, self.desk.now))
        assert list(self.desk.orders.doubtful()) == []
        self.check_state()
        self.check_fills()
        self.check_events()

    def check_state(self) -> None:
        trade, story = self.trade, self.story
        at = trade.orderStatus
        assert self.desk.orders.all() == [*([self.namesake] if self.namesake else ()), trade]
        assert at.status == story.end
        assert trade.isDone()
        assert not trade.isUncertain()
        assert not trade.cancelling
        assert trade.order.permId == at.permId == 1426086040
        assert at.filled == trade.filled() == story.filled()
        assert at.avgFillPrice == pytest.approx(story.average())
        has_progress = bool(story.executions) or any(one.name == "status" for one in self.arrived)
        if has_progress and (story.is_own or not self.was_lost):  # ended orders do not tell whose nor how big they were
            assert at.remaining == TOTAL - story.filled()
            assert at.clientId == (7 if story.is_own else SOMEONE_ELSE)
        assert (trade.rejection is not None) == (story.end == "Inactive")
        if trade.rejection is not None:
            has_heard_why = any(one.name == "error" and one.args[0] == 201 for one in self.arrived)
            assert trade.rejection.code == (201 if has_heard_why else 0)
        warned = {one.args[0] for one in self.arrived if one.name == "error"} & set(WARNINGS)
        assert {entry.errorCode for entry in trade.warnings} - {0, 161, 10147, 10148} == warned

    def check_fills(self) -> None:
        fills = {fill.execution.execId: fill for fill in self.trade.fills}
        assert fills.keys() == self.story.executions.keys()
        for execId, (shares, price) in self.story.executions.items():
            fill = fills[execId]
            assert (fill.execution.shares, fill.execution.price) == (shares, price)
            assert (fill.commissionReport.execId, fill.commissionReport.commission) == (execId, price)

    def check_events(self) -> None:
        """Each end once. Of others' orders, what came before the order itself is no news."""
        trade = self.trade
        events = [(event, args) for event, args in self.desk.emissions if not isinstance(event, str)]
        counts = {
            event: sum(one is event for one, _ in events)
            for event in (trade.filledEvent, trade.cancelledEvent, trade.fillEvent)
        }
        is_filled = self.story.end == "Filled"
        expected = (is_filled, not is_filled, len(self.story.executions))
        if self.story.is_own:
            assert tuple(counts.values()) == expected
            reported = [args[1] for event, args in events if event is trade.commissionReportEvent]
            for fill in trade.fills:
                assert sum(one is fill for one in reported) == 1
        else:
            assert all(count <= most for count, most in zip(counts.values(), expected, strict=True))


def test_a_trade_ends_in_the_truth_whatever_the_order_of_arrival(new_desk: Any) -> None:
    run_state_machine_as_test(lambda: AnyOrder(new_desk()))
