"""One order of the exchange, and how an order type says what orders of that type do.

The two stand together because each is told in terms of the other: `WorkingOrder` holds all that changes, `OrderType`
decides and remembers nothing, so that one object serves all orders of a type.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order, OrderState
from ibdesk.model.unset import UNSET_DOUBLE

from ..decimals import ZERO, exact
from ..refusals import ORDERS, Invalid, Refusal
from ..time_texts import written
from .facts import CompletedOrder, OrderEchoed, OrderKey, StatusChanged
from .hours import TradingHours
from .ladder import Ladder
from .lifecycle import FILLED, FINAL, PENDING, successor
from .order_fields import counted, given, snapshot
from .price_steps import Steps
from .products import ALL, AROUND_THE_CLOCK, NONE
from .quotes import UNLIMITED, Prices
from .references import Reference
from .release_schedule import ReleaseSchedule

NO_LEVEL = -1
"""The component of what is no profit taker of a scale order."""

NO_MARGIN = repr(UNSET_DOUBLE).replace("e+", "E")
"""How an order state spells a margin that was not computed."""

INCOMPATIBLE_TIF = (111, "The TIF (Tif type) and the order type are incompatible.")

IMMEDIATE_TIFS = frozenset({"IOC", "FOK"})
"""The times in force with which what is not filled at the first opportunity is cancelled."""


class Attached(NamedTuple):
    """An order that the exchange makes for the sake of another, in the same instrument or in `con_id`.

    It `waits` until the other is filled, and ends with it, as orders do that a client attaches; or it goes to the
    market at once, and lives whatever becomes of the other. Its account, its numbers and its parent are filled in.
    A profit taker of a scale order names the component, by its `level`, that it is made of.
    """

    order: Order
    con_id: int = 0
    waits: bool = False
    level: int = NO_LEVEL


@dataclass(frozen=True)
class OrderType:
    """What the orders of one type do. A type overrides what it does otherwise than a market order.

    `name` is the type in `Order.orderType`, `code` the one in `ContractDetails.orderTypes`. `limited` orders have a
    limit in `lmtPrice` and rest at it. `products` are those for which IBKR takes the type; one that is `live_only` its
    servers for paper accounts refuse.

    An order comes in: `check_time_in_force`, `check_terms`, `prices`, `distances` and `check_hours` refuse it,
    `complete` fills in its fields and `begin` sets what it waits for. If it `has_trigger`, it is held until a quote
    `wakes` it: each quote is tried where it `follows` them all, otherwise those that have come to `entry.stop`. With
    every quote that is tried it may `follow` the price. Each time it goes to the market it `enter`s; one that `follows`
    quotes there too goes anew when a quote `wakes` it again. A client's modification is a `change`.
    """

    name: str
    code: str
    limited: bool = False
    products: frozenset[str] = ALL
    live_only: bool = False

    takes: ClassVar[frozenset[str]] = NONE
    """The fields that orders of this type take and others do not, beside the limit: see `.field_table`."""

    limit_is_named: ClassVar[bool] = True
    """Whether the client names the limit of a `limited` order, in `lmtPrice`; otherwise the type finds it."""

    shows: ClassVar[frozenset[str]] = NONE
    """The fields that gateways fill in for orders of this type, though these do not take them."""

    has_trigger: ClassVar[bool] = False
    """Whether a quote has to wake the order before it goes to the market."""

    has_reference: ClassVar[bool] = False
    """Whether the price of another instrument decides: see `reference`."""

    at_close: ClassVar[bool] = False
    """Whether the order is held until the closing auction."""

    may_open: ClassVar[bool] = False
    """Whether the order may be one for the opening auction."""

    may_be_conditional: ClassVar[bool] = False
    """Whether conditions may hold the order back."""

    may_be_cancelled_by_conditions: ClassVar[bool] = False
    """Whether conditions may cancel the order."""

    # Coming in

    def takes_field(self, name: str) -> bool:
        """Return whether an order of this type takes a field that not all types do."""
        return name in self.takes or (name == "lmtPrice" and self.limited and self.limit_is_named)

    def check_time_in_force(self, tif: str) -> None:
        """Raise `Refusal` for a time in force that the type cannot have."""
        if tif == "OPG" and not self.may_open:
            raise Refusal(*INCOMPATIBLE_TIF)

    def check_terms(self, order: Order, said: Container[str]) -> None:
        """Raise `Refusal` for fields that contradict each other. `said` are those that the client has set."""

    def prices(self, order: Order) -> list[float]:
        """Return the prices that the order names, which have to be positive and on the contract's tick.

        Raises `Refusal` when the order lacks one that the type needs.
        """
        if not self.takes_field("lmtPrice"):
            return []
        if not given(order.lmtPrice):
            raise Invalid(ORDERS, "Please enter a limit price")
        return [order.lmtPrice]

    def distances(self, order: Order) -> list[float]:
        """Return the distances between prices that the order names, which have to be multiples of the smallest tick."""
        return []

    def check_hours(self, hours: TradingHours) -> None:
        """Raise `Refusal` for an instrument with hours that the type cannot have."""

    def complete(self, order: Order) -> None:
        """Fill in the fields that gateways show for the type. `order` is the exchange's own."""

    def reference(self, order: Order, under_con_id: int) -> int:
        """Return the conId of the other instrument whose price decides, for a type that `has_reference`; else 0.

        `under_con_id` is the underlying of the contract.
        """
        return 0

    def check_reference(self, order: Order, details: ContractDetails, other: ContractDetails | None) -> None:
        """Raise `Refusal` for what cannot be done with the other instrument.

        `details` are those of the contract, `other` those of the other one, where they are known.
        """

    # At the exchange

    def out_of_range(self, entry: "WorkingOrder") -> bool:
        """Return whether the price of the other instrument ends the order."""
        return False

    def discretion(self, order: Order) -> Decimal:
        """Return how far `entry.limit` is beyond the limit at which others see the order."""
        return ZERO

    def likely_price(self, entry: "WorkingOrder", prices: Prices) -> Decimal | None:
        """Return the price at which the order can be expected to be filled, None when nothing tells."""
        if self.limited:
            return entry.limit
        if entry.stop is not None:
            return entry.stop
        return (prices.ask if entry.buys else prices.bid) or prices.last

    def begin(self, entry: "WorkingOrder") -> None:
        """Set `entry.limit`, and `entry.stop` where the order waits for a single price."""
        entry.stop = entry.adjusts_at = None
        if self.limited:
            entry.limit = exact(entry.order.lmtPrice)
        else:
            entry.limit = UNLIMITED if entry.buys else -UNLIMITED

    def change(self, entry: "WorkingOrder", asked: Order, before: Order) -> None:
        """Take over a modification: `asked` is what the client sent, `before` the order as it was until now."""
        self.begin(entry)

    def rising(self, buys: bool) -> bool:
        """Return whether a rising price wakes the order, rather than a falling one."""
        return buys

    def follows(self, entry: "WorkingOrder") -> bool:
        """Return whether every quote concerns the order, as it is now."""
        return False

    def follow(self, entry: "WorkingOrder", prices: Prices) -> None:
        """Move what moves with the price."""

    def wakes(self, entry: "WorkingOrder", now: Prices, before: Prices) -> bool:
        """Return whether a quote sends the order to the market; `before` is the quote before it."""
        return False

    def enter(self, entry: "WorkingOrder", prices: Prices) -> None:
        """Prepare the order for the market, to which it goes now, for the first time or again."""

    def adjusts(self, entry: "WorkingOrder", now: Prices, before: Prices) -> bool:
        """Return whether a quote makes the order one of its adjusted type; asked where `entry.adjusts_at` is set."""
        return False

    def after_fill(self, entry: "WorkingOrder", size: Decimal) -> Iterable[Attached]:
        """Return the orders that the exchange makes since so much of the order has just been filled."""
        return ()


@dataclass(eq=False)
class WorkingOrder:
    """An order of the exchange. `order` is the exchange's own, in the form in which it is echoed.

    `sequence` is its place in time: of two at the same price, the lower one is filled first. `limit` is the worst
    price that it accepts now and `stop` the one that wakes it; its type sets and moves both. `executions_before`
    counts the executions of the exchange that are older than the order. `capped_at` is the limit with which the order
    went to the market last, where it is looked at whether it is too far through that. `buys` tells a purchase from a
    sale, which no modification changes. `waits_for_parent` tells of one with a parent whether it is held until that is
    filled, and shares its fate. `adjusts_at` is the price that makes a stop order one of another type. `hedges` are
    those attached to it. A hedge `grows` until its parent has ended, to `hedged_size` before rounding. A scale order
    has a `ladder`, and `held_back` is what of it is not at the market; it `grows` while more may come. `reference` is
    what the order has seen last of another instrument from whose price it takes its own. An algo order has `releases`;
    of its quantity so much is `released` to the market, and more is at `next_release`. An order is `transmitted` once
    anyone has been told of it, and `done` when nothing more can come of it: `become` keeps both.
    """

    key: OrderKey
    contract: Contract
    details: ContractDetails
    steps: Steps
    order: Order
    kind: OrderType
    sequence: int
    accepted_at: datetime
    quantity: Decimal
    status: str = PENDING
    why_held: str = ""
    filled: Decimal = ZERO
    spent: Decimal = ZERO
    last_price: Decimal = ZERO
    triggered: bool = False
    conditions_met: bool = False
    limit: Decimal = UNLIMITED
    stop: Decimal | None = None
    not_before: datetime | None = None
    expires: datetime | None = None
    executions_before: int = 0
    capped_at: Decimal | None = None
    reference: Reference | None = None
    waits_for_parent: bool = True
    adjusts_at: Decimal | None = None
    hedges: "tuple[WorkingOrder, ...]" = ()
    hedged_size: Decimal = ZERO
    grows: bool = False
    ladder: Ladder | None = None
    held_back: Decimal = ZERO
    level: int = NO_LEVEL
    releases: ReleaseSchedule | None = None
    released: Decimal = ZERO
    next_release: datetime | None = None
    buys: bool = field(init=False)
    transmitted: bool = field(init=False, default=False)
    done: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.buys = self.order.action == "BUY"

    @property
    def remaining(self) -> Decimal:
        """What is still to be filled."""
        return self.quantity - self.filled

    @property
    def awaits_trigger(self) -> bool:
        """Whether a trigger has to wake it."""
        return self.kind.has_trigger and not self.triggered

    @property
    def immediate(self) -> bool:
        """Whether what is not filled at once is cancelled."""
        return self.order.tif in IMMEDIATE_TIFS

    @property
    def at_open(self) -> bool:
        """Whether it is for the opening auction."""
        return self.order.tif == "OPG"

    @property
    def smallest_fill(self) -> Decimal:
        """The smallest execution that it accepts."""
        if self.order.allOrNone or self.order.tif == "FOK":
            return self.remaining
        return min(exact(self.order.minQty), self.remaining) if counted(self.order.minQty) else ZERO

    @property
    def displayed(self) -> Decimal:
        """How much of it others see while it rests: all, or the top of an iceberg."""
        shown = self.order.displaySize
        return min(exact(shown), self.remaining) if counted(shown) else self.remaining

    @property
    def shown_limit(self) -> Decimal:
        """The limit at which others see it while it rests."""
        beyond = self.kind.discretion(self.order)
        return self.limit - beyond if self.buys else self.limit + beyond

    @property
    def any_hours(self) -> bool:
        """Whether it may be filled outside regular hours."""
        return self.order.outsideRth or self.contract.secType in AROUND_THE_CLOCK

    def may_trade(self, hours: TradingHours) -> bool:
        """Return whether it may be filled in such hours."""
        return hours.is_open if self.any_hours else hours.is_regular

    def become(self, status: str) -> None:
        """Change the status.

        Raises ValueError when the table of lifecycles does not allow it.
        """
        self.status = successor(self.status, status)
        self.transmitted, self.done = status != PENDING, status in FINAL

    def set_limit(self, limit: Decimal) -> None:
        """Set the limit, and show it to clients."""
        self.limit = limit
        self.order.lmtPrice = float(limit)

    def resize(self, quantity: Decimal) -> None:
        """Set how much is to be filled in all, and show it to clients."""
        self.quantity = quantity
        self.order.totalQuantity = float(quantity)

    def add_fill(self, size: Decimal, price: Decimal) -> None:
        """Count one execution."""
        self.filled += size
        self.spent += size * price
        self.last_price = price

    @property
    def average_price(self) -> Decimal:
        """The average price of its executions, 0 before the first."""
        return self.spent / self.filled if self.filled else ZERO

    @property
    def filled_text(self) -> str:
        """How a gateway says that it has ended by being filled."""
        return f"Filled Size: {float(self.filled):g}"

    def echoed(self) -> OrderEchoed:
        """Return the fact that tells the whole order."""
        return OrderEchoed(self.key, self.contract, snapshot(self.order), order_state(self.status))

    def completed(self, reason: str, now: datetime) -> CompletedOrder:
        """Return what is told of it when it is done, with the `reason`."""
        order = snapshot(self.order)
        order.filledQuantity = float(self.filled)
        if self.status == FILLED:
            order.totalQuantity = 0.0
        state = order_state(self.status)
        state.completedTime, state.completedStatus = written(now), reason
        return CompletedOrder(self.key, self.contract, order, state, now)

    def reported(self) -> StatusChanged:
        """Return the fact that tells its status."""
        return StatusChanged(
            key=self.key,
            status=self.status,
            filled=float(self.filled),
            remaining=float(self.remaining + self.held_back),
            avgFillPrice=float(self.average_price),
            lastFillPrice=float(self.last_price),
            parentId=self.order.parentId,
            whyHeld=self.why_held,
        )


def order_state(status: str) -> OrderState:
    """Return the state that goes with an echo: a status, and margins that were not computed."""
    # Every order has several, and a constructor with so many fields takes four times as long.
    state = object.__new__(OrderState)
    state.__dict__.update(_NO_MARGINS, status=status)
    return state


_NO_MARGINS = vars(OrderState()) | {
    f"{margin}{when}": NO_MARGIN
    for margin in ("initMargin", "maintMargin", "equityWithLoan")
    for when in ("Before", "Change", "After")
}
