"""The checks that an order must pass before anything else happens.

Each check looks at one thing and raises `Refusal` when it is wrong; the first one that raises decides. What a single
field may say stands in `.field_table`; here is what takes more than one field to see. Values that no
field could hold (a NaN, a NUL) have been refused before: see `.fitness`.

Source: IBKR's table of message codes, and texts seen on paper gateways.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_INTEGER

from ..decimals import exact
from ..like import Like
from ..refusals import ORDERS, Invalid, NoDefinition, Refusal, Unsupported
from ..time_texts import parse_time
from .cash_quantity import may_be_cash, named_in_cash, refused
from .conditions import contracts_watched, times_watched
from .field_rules import judge
from .field_table import RULES
from .hedges import check_hedge_fields
from .lifecycle import FILLED
from .new_orders import DetailsOf
from .order_fields import UNSAID, said
from .order_types import ORDER_TYPES, UNTRADED
from .price_steps import Steps, step_at
from .products import PRODUCTS
from .settlements import Instruction
from .times_in_force import TIMES_IN_FORCE
from .working import OrderType, WorkingOrder


@dataclass
class Request:
    """An order as it comes in, and what is known about where it goes.

    `shown` is the live order that it changes, None for a new one. `zone` is that of times without one, `steps` are
    those of the contract's prices. `knows` tells whether there is an instrument with a conId, `details_of` all about
    it. What the order has `said` and its `kind`, which is one of those that are traded here, are found by the first
    checks.
    """

    order: Order
    contract: Contract
    details: ContractDetails
    shown: Order | None
    accounts: Container[str]
    zone: tzinfo | None
    like: Like
    steps: Steps
    knows: Callable[[int], bool]
    details_of: DetailsOf
    said: dict[str, Any] = field(init=False)
    kind: OrderType = field(init=False)


DUPLICATE = (103, "Duplicate order id")
FILLED_ALREADY = (104, "Cannot modify a filled order")
NOT_THE_SAME = (105, "Order being modified does not match original order")
OFF_TICK = (110, "The price does not conform to the minimum price variation for this contract.")
CONTRACT_EXPIRED = (392, "Invalid order: contract expired.")
CONDITIONAL_TYPE = (
    148,
    "Conditional submission of orders is supported for Limit, Market, MidPrice, Relative and Snap order types only. "
    "Conditional cancelation of orders is supported for Limit and MidPrice order types only.",
)
NO_CONDITION = (147, "The conditional contract info is incomplete.")
TOO_SMALL = (388, "Order size is smaller than the minimum requirement.")
NOT_FOR_WHAT_IF = (413, "What-if order should have the transmit flag set to true.")
NO_SIZE = (434, "The order size cannot be zero.")
MISSING_PARENT = (10006, "Missing parent order.")
FRACTION = (10243, "Fractional-sized order cannot be placed via API. Please use desktop version to place this order.")
SIZE_STEP = (10250, "The size does not conform to the minimum variation of for this contract")

_BAD_TIME = "The date, time, or time-zone entered is invalid.\nThe correct format is yyyymmdd hh:mm:ss xx/xxxx\n"
_SHORT_SALE = "SSHORT"


def parent_not_found(parent_id: int) -> tuple[int, str]:
    """Return the code and the text for an order that is attached to one that is gone."""
    return 135, f"Can't find order with id ={parent_id}"


def _account(request: Request) -> None:
    account = request.order.account
    if account and account not in request.accounts:
        raise Invalid(ORDERS, f"Invalid account code '{account}'.")


def _product(request: Request) -> None:
    if request.contract.secType not in PRODUCTS:
        raise Refusal(412)


def _action(request: Request) -> None:
    action = request.order.action
    if action == _SHORT_SALE and request.like is Like.PAPER:
        raise Unsupported
    if action not in ("BUY", "SELL"):
        raise Refusal(303, f"Invalid action: {action}")


def _type(request: Request) -> None:
    name = request.order.orderType
    kind = ORDER_TYPES.get(name)
    if kind is None and name not in UNTRADED:
        raise Invalid(ORDERS, "Invalid order type was entered")
    if kind is None or request.contract.secType not in kind.products:
        raise Unsupported
    if kind.live_only and not request.like.takes(live_only=True):
        raise Unsupported
    request.kind = kind


def _tif(request: Request) -> None:
    tif = request.order.tif or "DAY"
    known = TIMES_IN_FORCE.get(tif)
    if known is None:
        raise Invalid(ORDERS, "Invalid time in force was entered")
    if request.contract.secType not in known.products or not request.like.takes(live_only=known.live_only):
        raise Unsupported
    request.kind.check_time_in_force(tif)


def _size(request: Request) -> None:
    quantity, details = request.order.totalQuantity, request.details
    check_hedge_fields(request.order, request.shown)
    if (
        named_in_cash(request.order)
        and "cashQty" in request.said
        and (request.shown or not may_be_cash(request.order, request.contract))
    ):
        raise refused(request.order)
    if request.order.hedgeType and not quantity:
        return
    if quantity <= 0:
        raise Refusal(*NO_SIZE)
    if request.contract.secType == "STK" and quantity != int(quantity):
        raise Refusal(*FRACTION)
    if quantity < details.minSize:
        raise Refusal(*TOO_SMALL)
    if not _fits(quantity, details.sizeIncrement):
        raise Refusal(*SIZE_STEP)


def _prices(request: Request) -> None:
    order, kind = request.order, request.kind
    kind.check_terms(order, request.said)
    for price in kind.prices(order):
        if price <= 0:
            raise Invalid(ORDERS, f"The price has to be above zero, not {price}")
        if not _fits(price, step_at(price, request.steps)):
            raise Refusal(*OFF_TICK)
    smallest = step_at(0.0, request.steps)
    if not all(_fits(distance, smallest) for distance in kind.distances(order)):
        raise Refusal(*OFF_TICK)


def _fits(value: float, step: float) -> bool:
    """Return whether a number is a multiple of a step, but for what floats lose."""
    if not step:
        return True
    steps = exact(value) / exact(step)
    return abs(steps - round(steps)) < exact(1e-6)


def _reference(request: Request) -> None:
    """Refuse an order whose price is to follow that of an instrument that is not known."""
    kind = request.kind
    con_id = kind.reference(request.order, request.details.underConId)
    if not con_id or not request.knows(con_id):
        raise NoDefinition
    kind.check_reference(request.order, request.details, request.details_of(con_id))


def _times(request: Request) -> None:
    order = request.order
    if order.goodAfterTime and not _readable(order.goodAfterTime, request.zone):
        raise Refusal(337, f"Start Time: {_BAD_TIME}")
    if order.tif == "GTD" and not _readable(order.goodTillDate, request.zone):
        raise Refusal(343, f"End Time: {_BAD_TIME}")
    if order.tif != "GTD" and "goodTillDate" in request.said:
        raise Refusal(334)


def _counts(request: Request) -> None:
    order = request.order
    for name in ("minQty", "displaySize", "duration"):
        number = getattr(order, name)
        if number not in UNSAID and (number < 0 or (name == "minQty" and number > order.totalQuantity)):
            raise Invalid(ORDERS, f"Invalid {name} {number}")


def _readable(text: str, zone: tzinfo | None) -> bool:
    try:
        parse_time(text, zone)
    except ValueError:
        return False
    return True


def _conditions(request: Request) -> None:
    order, kind = request.order, request.kind
    if not order.conditions:
        return
    if not (kind.may_be_cancelled_by_conditions if order.conditionsCancelOrder else kind.may_be_conditional):
        raise Refusal(*CONDITIONAL_TYPE)
    try:
        times_watched(order.conditions, request.zone)
    except ValueError:
        raise Refusal(337, f"Start Time: {_BAD_TIME}") from None
    if not all(map(request.knows, contracts_watched(order.conditions))):
        raise Refusal(*NO_CONDITION)


_KIND_CHECKS: tuple[Callable[[Request], None], ...] = (_account, _product, _action, _type, _tif)
"""What is looked at first: which fields an order may have depends on its type."""

_VALUE_CHECKS: tuple[Callable[[Request], None], ...] = (_size, _prices, _counts, _times, _conditions)


def check_order(request: Request) -> list[tuple[str, int]]:
    """Return the fields that are ignored, each with the code of the warning that tells so.

    Raises `Refusal` for an order that is not taken.
    """
    order = request.order
    request.said = said(order, request.shown)
    for check in _KIND_CHECKS:
        check(request)
    ignored = judge(RULES, order, request.said, request.kind, request.contract.secType, request.like)
    for check in _VALUE_CHECKS:
        check(request)
    if request.kind.has_reference:
        _reference(request)
    return ignored


def check_modification(entry: WorkingOrder, order: Order, contract: Contract) -> None:
    """Raise `Refusal` unless a live order can become this one. Price, size, type and time in force may change."""
    if entry.done:
        raise Refusal(*(FILLED_ALREADY if entry.status == FILLED else DUPLICATE))
    now = entry.order
    same = (
        not isinstance(entry, Instruction)
        and order.action == now.action
        and (not contract.conId or contract.conId == entry.contract.conId)
        and order.account in ("", now.account)
        and order.parentId == now.parentId
        and all(getattr(order, name) in (0, UNSET_INTEGER, getattr(now, name)) for name in ("slOrderId", "ptOrderId"))
        and (order.hedgeType, order.hedgeParam) == (now.hedgeType, now.hedgeParam)
        and order.ocaGroup in ("", now.ocaGroup)
    )
    if not same:
        raise Refusal(*NOT_THE_SAME)
    if entry.transmitted and entry.ladder is not None:
        raise Invalid(ORDERS, "A scale order that is transmitted cannot be modified")
    if entry.transmitted and not order.transmit:
        raise Invalid(ORDERS, "transmit=False: the order is transmitted already, and no change of it can be held back")
