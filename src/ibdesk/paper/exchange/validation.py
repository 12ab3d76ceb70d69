"""The checks that an order must pass before anything else happens.

Each check looks at one thing and raises `Refusal` when it is wrong; the first one that raises decides. Values that no
field could hold (a NaN, a NUL) have been refused before: see `.fitness`.

Source: IBKR's table of message codes, and texts seen on paper gateways.
"""

from collections.abc import Callable, Container
from datetime import tzinfo
from typing import NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_INTEGER

from ..decimals import exact
from ..refusals import ORDERS, Invalid, Refusal, Unsupported
from ..time_texts import parse_time
from .conditions import times_watched
from .lifecycle import FILLED
from .order_types import ORDER_TYPES, UNTRADED
from .triggers import METHODS
from .working import WorkingOrder


class Request(NamedTuple):
    """An order as it comes in. `zone` is that of times without one."""

    order: Order
    contract: Contract
    details: ContractDetails
    accounts: Container[str]
    zone: tzinfo | None


TIFS = frozenset({"DAY", "GTC", "IOC", "FOK", "GTD", "OPG", "GTX"})
"""How long an order may be good."""

LISTED_TIFS = frozenset({"IOC", "FOK", "GTD", "OPG"})
"""Contract details name these among the order types where they may be used."""

UNTRADABLE = frozenset({"IND", "CONTFUT", "NEWS", "BAG"})
"""Security types that have no market of their own here."""

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
TOO_SMALL = (388, "Order size is smaller than the minimum requirement.")
NOT_FOR_WHAT_IF = (413, "What-if order should have the transmit flag set to true.")
NO_SIZE = (434, "The order size cannot be zero.")
MISSING_PARENT = (10006, "Missing parent order.")
FRACTION = (10243, "Fractional-sized order cannot be placed via API. Please use desktop version to place this order.")
SIZE_STEP = (10250, "The size does not conform to the minimum variation of for this contract")

_BAD_TIME = "The date, time, or time-zone entered is invalid.\nThe correct format is yyyymmdd hh:mm:ss xx/xxxx\n"


def parent_not_found(parent_id: int) -> tuple[int, str]:
    """Return the code and the text for an order that is attached to one that is gone."""
    return 135, f"Can't find order with id ={parent_id}"


def _account(request: Request) -> None:
    account = request.order.account
    if account and account not in request.accounts:
        raise Invalid(ORDERS, f"Invalid account code '{account}'.")


def _action(request: Request) -> None:
    action = request.order.action
    if action not in ("BUY", "SELL"):
        raise Refusal(303, f"Invalid action: {action}")


def _type(request: Request) -> None:
    name, listed = request.order.orderType, request.details.orderTypes
    kind = ORDER_TYPES.get(name)
    if kind is None and name not in UNTRADED:
        raise Invalid(ORDERS, "Invalid order type was entered")
    if kind is None or request.contract.secType in UNTRADABLE or (listed and kind.code not in listed.split(",")):
        raise Unsupported


def _tif(request: Request) -> None:
    tif, listed = request.order.tif or "DAY", request.details.orderTypes
    if tif not in TIFS:
        raise Invalid(ORDERS, "Invalid time in force was entered")
    if tif in LISTED_TIFS and listed and tif not in listed.split(","):
        raise Unsupported
    ORDER_TYPES[request.order.orderType].check_time_in_force(tif)


def _iceberg(request: Request) -> None:
    if request.order.displaySize not in (0, UNSET_INTEGER):
        raise Unsupported


def _size(request: Request) -> None:
    quantity, details = request.order.totalQuantity, request.details
    if quantity <= 0:
        raise Refusal(*NO_SIZE)
    if request.contract.secType == "STK" and quantity != int(quantity):
        raise Refusal(*FRACTION)
    if quantity < details.minSize:
        raise Refusal(*TOO_SMALL)
    if not _fits(quantity, details.sizeIncrement):
        raise Refusal(*SIZE_STEP)


def _prices(request: Request) -> None:
    prices = ORDER_TYPES[request.order.orderType].prices(request.order)
    if not all(_fits(price, request.details.minTick) for price in prices):
        raise Refusal(*OFF_TICK)


def _fits(value: float, step: float) -> bool:
    """Return whether a number is a multiple of a step, but for what floats lose."""
    if not step:
        return True
    steps = exact(value) / exact(step)
    return abs(steps - round(steps)) < exact(1e-6)


def _trigger_method(request: Request) -> None:
    if request.order.triggerMethod not in METHODS:
        raise Invalid(ORDERS, "Invalid trigger method")


def _times(request: Request) -> None:
    order = request.order
    if order.goodAfterTime and not _readable(order.goodAfterTime, request.zone):
        raise Refusal(337, f"Start Time: {_BAD_TIME}")
    if order.tif == "GTD" and not _readable(order.goodTillDate, request.zone):
        raise Refusal(343, f"End Time: {_BAD_TIME}")


def _readable(text: str, zone: tzinfo | None) -> bool:
    try:
        parse_time(text, zone)
    except ValueError:
        return False
    return True


def _conditions(request: Request) -> None:
    order = request.order
    if not order.conditions:
        return
    kind = ORDER_TYPES[order.orderType]
    if not (kind.may_be_cancelled_by_conditions if order.conditionsCancelOrder else kind.may_be_conditional):
        raise Refusal(*CONDITIONAL_TYPE)
    try:
        times_watched(order.conditions, request.zone)
    except ValueError:
        raise Refusal(337, f"Start Time: {_BAD_TIME}") from None


CHECKS: tuple[Callable[[Request], None], ...] = (
    _account,
    _action,
    _type,
    _tif,
    _iceberg,
    _size,
    _prices,
    _trigger_method,
    _times,
    _conditions,
)


def check_order(request: Request) -> None:
    """Raise `Refusal` for an order that is not taken."""
    for check in CHECKS:
        check(request)


def check_modification(entry: WorkingOrder, order: Order, contract: Contract) -> None:
    """Raise `Refusal` unless a live order can become this one. Price, size, type and time in force may change."""
    if entry.done:
        raise Refusal(*(FILLED_ALREADY if entry.status == FILLED else DUPLICATE))
    now = entry.order
    same = (
        order.action == now.action
        and (not contract.conId or contract.conId == entry.contract.conId)
        and order.account in ("", now.account)
        and order.parentId == now.parentId
        and order.ocaGroup in ("", now.ocaGroup)
    )
    if not same:
        raise Refusal(*NOT_THE_SAME)
