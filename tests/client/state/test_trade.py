"""What a trade says of its order. The surface against ib_async's: see dropin."""

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ibdesk.client.state.trade import Trade
from ibdesk.events import Event
from ibdesk.model.contract import Contract, Stock
from ibdesk.model.executions import CommissionReport, Execution, Fill
from ibdesk.model.order import LimitOrder, Order, OrderStatus
from ibdesk.model.unset import EPOCH


def fill(shares: float, secType: str = "STK") -> Fill:
    return Fill(Contract(secType), Execution(shares=shares), CommissionReport(), EPOCH)


@pytest.mark.parametrize(
    ("status", "waiting", "working", "active", "done", "may_fill"),
    [
        ("PendingSubmit", True, False, True, False, True),
        ("ApiPending", True, False, True, False, True),
        ("PreSubmitted", True, False, True, False, True),
        ("Submitted", False, True, True, False, True),
        ("ValidationError", False, True, True, False, True),
        ("PendingCancel", False, False, False, False, True),
        ("PreCancelled", False, False, False, False, True),  # in IBKR's documentation, and in no table of ib_async
        ("Inactive", False, False, False, True, True),
        ("Filled", False, False, False, True, False),
        ("Cancelled", False, False, False, True, False),
        ("ApiCancelled", False, False, False, True, False),
    ],
)
def test_states(status: str, waiting: bool, working: bool, active: bool, done: bool, may_fill: bool):
    trade = Trade(orderStatus=OrderStatus(status=status))
    assert (trade.isWaiting(), trade.isWorking(), trade.isActive(), trade.isDone()) == (waiting, working, active, done)
    assert trade.mayFill() == may_fill


def test_filled():
    trade = Trade(Stock(), LimitOrder("BUY", 100, 1), fills=[fill(30), fill(20)])
    assert (trade.filled(), trade.remaining()) == (50, 50)
    trade = Trade(Contract("BAG"), LimitOrder("BUY", 2, 1), fills=[fill(1, "BAG"), fill(100), fill(1)])
    assert (trade.filled(), trade.remaining()) == (1, 1)


@pytest.mark.parametrize(
    ("order", "status", "left", "remaining"),
    [
        # As the list of completed orders shows it after a reconnect: without its size.
        (Order(), "Filled", 0.0, 0.0),
        (Order(), "Cancelled", 0.0, 0.0),
        (Order(totalQuantity=100), "Cancelled", 50.0, 50.0),
        (Order(cashQty=1000.0), "Submitted", 0.25, 0.25),
        (Order(cashQty=1000.0), "Filled", 0.25, 0.0),
        # The order was made smaller, and the client does not know it yet.
        (Order(totalQuantity=40), "Submitted", 0.0, 0.0),
        (Order(totalQuantity=Decimal(100)), "Submitted", 0.0, 50.0),
    ],
)
def test_what_remains_is_never_less_than_nothing(order: Order, status: str, left: float, remaining: float):
    """ibsync#11, Lean.Brokerages.InteractiveBrokers#260."""
    trade = Trade(Stock(), order, OrderStatus(status=status, remaining=left), [fill(30), fill(20)])
    assert trade.remaining() == remaining
    assert type(trade.remaining()) is float


def test_a_trade_is_equal_to_itself_only():
    trade = Trade()
    assert trade == trade
    assert trade != Trade()
    assert len({trade, trade, Trade()}) == 2


def test_events_are_its_own():
    one, other = Trade(), Trade()
    for name in Trade.events:
        assert getattr(one, name).name() == name
        assert getattr(one, name) is not getattr(other, name)


def test_its_events_are_like_any_others():
    trade, slots = Trade(), [name for name in Event.__slots__ if name != "__weakref__"]
    for name, value in vars(trade).items():
        if isinstance(value, Event):
            assert [getattr(value, slot) for slot in slots] == [getattr(Event[Any](name), slot) for slot in slots]
            assert value.name() == name


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy, lambda trade: pickle.loads(pickle.dumps(trade))])
def test_a_copy_of_a_trade_has_events(made: Callable[[Trade], Trade]):
    trade = Trade()
    trade.fillEvent += print
    assert made(trade).fillEvent.name() == "fillEvent"
    assert made(trade).statusEvent.name() == "statusEvent"
