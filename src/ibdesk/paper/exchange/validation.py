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

from ..refusals import Invalid, Refusal
from .conditions import times_watched
from .echo import given
from .lifecycle import FILLED
from .moments import moment
from .order_types import LISTED_TIFS, ORDER_TYPES, REFUSED_TYPES, TIFS, Trigger
from .quotes import exact
from .triggers import METHODS
from .working import WorkingOrder


class Request(NamedTuple):
    """An order as it comes in. `zone` is that of times without one."""

    order: Order
    contract: Contract
    details: ContractDetails
    accounts: Container[str]
    zone: tzinfo | None


TAG = "bH"
"""The name that TWS gives to the request that places an order."""

UNTRADABLE = frozenset({"IND", "CONTFUT", "NEWS", "BAG"})
"""Security types that have no market of their own here."""

DUPLICATE = (103, "Duplicate order id")
FILLED_ALREADY = (104, "Cannot modify a filled order")
NOT_THE_SAME = (105, "Order being modified does not match original order")
OFF_TICK = (110, "The price does not conform to the minimum price variation for this contract.")
CONDITIONAL_TYPE = (
    148,
    "Conditional submission of orders is supported for Limit, Market, MidPrice, Relative and Snap order types only. "
    "Conditional cancelation of orders is supported for Limit and MidPrice order types only.",
)
HELD_BY_CONDITIONS = ("LMT", "MKT", "SNAP MID", "SNAP MKT", "SNAP PRIM")
CANCELLED_BY_CONDITIONS = ("LMT",)
UNSUPPORTED = (387, "Unsupported order type for this exchange and security type.")
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
        raise Invalid(TAG, f"Invalid account code '{account}'.")


def _action(request: Request) -> None:
    action = request.order.action
    if action not in ("BUY", "SELL"):
        raise Refusal(303, f"Invalid action: {action}")


def _type(request: Request) -> None:
    name, listed = request.order.orderType, request.details.orderTypes
    kind = ORDER_TYPES.get(name)
    if kind is None and name not in REFUSED_TYPES:
        raise Invalid(TAG, "Invalid order type was entered")
    if kind is None or request.contract.secType in UNTRADABLE or (listed and kind.code not in listed.split(",")):
        raise Refusal(*UNSUPPORTED)


def _tif(request: Request) -> None:
    tif, listed = request.order.tif or "DAY", request.details.orderTypes
    if tif not in TIFS:
        raise Invalid(TAG, "Invalid time in force was entered")
    if tif in LISTED_TIFS and listed and tif not in listed.split(","):
        raise Refusal(*UNSUPPORTED)
    if ORDER_TYPES[request.order.orderType].at_close and tif != "DAY":
        raise Refusal(113, "The Tif option should be set to DAY for MOC and LOC orders.")


def _iceberg(request: Request) -> None:
    if request.order.displaySize not in (0, UNSET_INTEGER):
        raise Refusal(*UNSUPPORTED)


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
    order = request.order
    kind = ORDER_TYPES[order.orderType]
    if kind.trigger in (Trigger.STOP, Trigger.TOUCH) and not (given(order.auxPrice) and order.auxPrice):
        raise Invalid(TAG, "Please enter a stop price")
    if kind.trigger is Trigger.TRAIL:
        _trail(order, kind.limit)
    trails_limit = kind.trigger is Trigger.TRAIL and given(order.lmtPriceOffset)
    names_limit = kind.limit and not trails_limit and kind.trigger is not Trigger.SNAP
    if names_limit and not given(order.lmtPrice):
        raise Invalid(TAG, "Please enter a limit price")
    told = [order.lmtPrice] if names_limit else []
    told += [order.auxPrice] if kind.trigger and given(order.auxPrice) else []
    told += [order.trailStopPrice] if kind.trigger is Trigger.TRAIL and given(order.trailStopPrice) else []
    if not all(_fits(price, request.details.minTick) for price in told):
        raise Refusal(*OFF_TICK)


def _trail(order: Order, limit: bool) -> None:
    amount = given(order.auxPrice) and order.auxPrice > 0
    percent = given(order.trailingPercent) and order.trailingPercent > 0
    if not (amount or percent) or (limit and not given(order.trailStopPrice)):
        raise Invalid(TAG, "Please enter a stop price")


def _fits(value: float, step: float) -> bool:
    """Whether a number is a multiple of a step, but for what floats lose."""
    if not step:
        return True
    steps = exact(value) / exact(step)
    return abs(steps - round(steps)) < exact(1e-6)


def _trigger_method(request: Request) -> None:
    if request.order.triggerMethod not in METHODS:
        raise Invalid(TAG, "Invalid trigger method")


def _times(request: Request) -> None:
    order = request.order
    if order.goodAfterTime and not _readable(order.goodAfterTime, request.zone):
        raise Refusal(337, f"Start Time: {_BAD_TIME}")
    if order.tif == "GTD" and not _readable(order.goodTillDate, request.zone):
        raise Refusal(343, f"End Time: {_BAD_TIME}")


def _readable(text: str, zone: tzinfo | None) -> bool:
    try:
        moment(text, zone)
    except ValueError:
        return False
    return True


def _conditions(request: Request) -> None:
    order = request.order
    if not order.conditions:
        return
    if order.orderType not in (CANCELLED_BY_CONDITIONS if order.conditionsCancelOrder else HELD_BY_CONDITIONS):
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
