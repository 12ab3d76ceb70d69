"""The facts in which the exchange reports what happened.

A call of the exchange answers with a list of facts, in the order in which a gateway reports them. Orders and states
in them are copies: they stay as they were.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.model.executions import CommissionReport, Execution
from ibdesk.model.order import Order, OrderState


class OrderKey(NamedTuple):
    """Which order: the client that placed it, its number there, and IBKR's own number, 0 for an order never taken."""

    clientId: int
    orderId: int
    permId: int = 0


@dataclass(frozen=True, slots=True)
class OrderEchoed:
    """The order as the gateway now sees it: an openOrder is due."""

    key: OrderKey
    contract: Contract
    order: Order
    state: OrderState


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """How far the order has got: an orderStatus is due."""

    key: OrderKey
    status: str
    filled: float
    remaining: float
    avgFillPrice: float
    lastFillPrice: float
    parentId: int
    whyHeld: str


@dataclass(frozen=True, slots=True)
class Executed:
    """An execution, which is booked: an execDetails is due, and a commission report after the order's status.

    One that settles something is no trade, and nothing is charged for it.
    """

    key: OrderKey
    contract: Contract
    execution: Execution
    commission: CommissionReport
    settles: bool = False


@dataclass(frozen=True, slots=True)
class OrderError:
    """A refusal, a warning or a notice about an order: an error message is due."""

    key: OrderKey
    code: int
    text: str
    advancedJson: str = ""


Fact = OrderEchoed | StatusChanged | Executed | OrderError


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """An order that is done, as reqCompletedOrders tells of it. `when` is the moment in `state.completedTime`."""

    key: OrderKey
    contract: Contract
    order: Order
    state: OrderState
    when: datetime
