"""Decides which orders are refused before anything else happens, with code and text; must not know the market or funds.

Every check looks at one thing and gives a refusal or None; the first refusal counts. What cannot be a value at all has
been refused before: see `.fitness`.

Source: IBKR's table of message codes, and texts seen on paper gateways.
"""

from collections.abc import Callable, Container
from datetime import tzinfo
from typing import NamedTuple

from ibdesk.model.contract import Contract
from ibdesk.model.contract_details import ContractDetails
from ibdesk.model.order import Order
from ibdesk.model.unset import UNSET_INTEGER

from .conditions import times_watched
from .echo import given
from .lifecycle import FILLED
from .moments import moment
from .order_types import LISTED_TIFS, ORDER_TYPES, REFUSED_TYPES, TIFS, Trigger
from .quotes import exact
from .triggers import METHODS
from .working import WorkingOrder


class Refusal(NamedTuple):
    """Why an order is not taken."""

    code: int
    text: str


class Request(NamedTuple):
    """An order as it comes in. `zone` is that of times without one."""

    order: Order
    contract: Contract
    details: ContractDetails
    accounts: Container[str]
    zone: tzinfo | None


UNTRADABLE = frozenset({"IND", "CONTFUT", "NEWS", "BAG"})

DUPLICATE = Refusal(103, "Duplicate order id")
FILLED_ALREADY = Refusal(104, "Cannot modify a filled order")
NOT_THE_SAME = Refusal(105, "Order being modified does not match original order")
OFF_TICK = Refusal(110, "The price does not conform to the minimum price variation for this contract.")
CONDITIONAL_TYPE = Refusal(
    148,
    "Conditional submission of orders is supported for Limit, Market, MidPrice, Relative and Snap order types only. "
    "Conditional cancelation of orders is supported for Limit and MidPrice order types only.",
)
HELD_BY_CONDITIONS = ("LMT", "MKT", "SNAP MID", "SNAP MKT", "SNAP PRIM")
CANCELLED_BY_CONDITIONS = ("LMT",)
UNSUPPORTED = Refusal(387, "Unsupported order type for this exchange and security type.")
TOO_SMALL = Refusal(388, "Order size is smaller than the minimum requirement.")
NOT_FOR_WHAT_IF = Refusal(413, "What-if order should have the transmit flag set to true.")
NO_SIZE = Refusal(434, "The order size cannot be zero.")
MISSING_PARENT = Refusal(10006, "Missing parent order.")
FRACTION = Refusal(
    10243, "Fractional-sized order cannot be placed via API. Please use desktop version to place this order."
)
SIZE_STEP = Refusal(10250, "The size does not conform to the minimum variation of for this contract")

_BAD_TIME = "The date, time, or time-zone entered is invalid.\nThe correct format is yyyymmdd hh:mm:ss xx/xxxx\n"


def parent_not_found(parent_id: int) -> Refusal:
    """The order that this one is attached to is gone."""
    return Refusal(135, f"Can't find order with id ={parent_id}")


def _invalid(cause: str) -> Refusal:
    return Refusal(321, f"Error validating request.-'bH' : cause - {cause}")


def _action(request: Request) -> Refusal | None:
    action = request.order.action
    return None if action in ("BUY", "SELL") else Refusal(303, f"Invalid action: {action}")


def _type(request: Request) -> Refusal | None:
    name, listed = request.order.orderType, request.details.orderTypes
    kind = ORDER_TYPES.get(name)
    if kind is None:
        return UNSUPPORTED if name in REFUSED_TYPES else _invalid("Invalid order type was entered")
    if request.contract.secType in UNTRADABLE or (listed and kind.code not in listed.split(",")):
        return UNSUPPORTED
    return None


def _tif(request: Request) -> Refusal | None:
    tif, listed = request.order.tif or "DAY", request.details.orderTypes
    if tif not in TIFS:
        return _invalid("Invalid time in force was entered")
    if tif in LISTED_TIFS and listed and tif not in listed.split(","):
        return UNSUPPORTED
    if ORDER_TYPES[request.order.orderType].at_close and tif != "DAY":
        return Refusal(113, "The Tif option should be set to DAY for MOC and LOC orders.")
    return None


def _iceberg(request: Request) -> Refusal | None:
    return None if request.order.displaySize in (0, UNSET_INTEGER) else UNSUPPORTED


def _size(request: Request) -> Refusal | None:
    quantity, details = request.order.totalQuantity, request.details
    if quantity <= 0:
        return NO_SIZE
    if request.contract.secType == "STK" and quantity != int(quantity):
        return FRACTION
    if quantity < details.minSize:
        return TOO_SMALL
    return None if _fits(quantity, details.sizeIncrement) else SIZE_STEP


def _prices(request: Request) -> Refusal | None:
    order = request.order
    kind = ORDER_TYPES[order.orderType]
    if kind.trigger in (Trigger.STOP, Trigger.TOUCH) and not (given(order.auxPrice) and order.auxPrice):
        return _invalid("Please enter a stop price")
    if kind.trigger is Trigger.TRAIL and (missing := _trail(order, kind.limit)):
        return missing
    trails_limit = kind.trigger is Trigger.TRAIL and given(order.lmtPriceOffset)
    names_limit = kind.limit and not trails_limit and kind.trigger is not Trigger.SNAP
    if names_limit and not given(order.lmtPrice):
        return _invalid("Please enter a limit price")
    told = [order.lmtPrice] if names_limit else []
    told += [order.auxPrice] if kind.trigger and given(order.auxPrice) else []
    told += [order.trailStopPrice] if kind.trigger is Trigger.TRAIL and given(order.trailStopPrice) else []
    return None if all(_fits(price, request.details.minTick) for price in told) else OFF_TICK


def _trail(order: Order, limit: bool) -> Refusal | None:
    amount = given(order.auxPrice) and order.auxPrice > 0
    percent = given(order.trailingPercent) and order.trailingPercent > 0
    if not (amount or percent) or (limit and not given(order.trailStopPrice)):
        return _invalid("Please enter a stop price")
    return None


def _fits(value: float, step: float) -> bool:
    """Whether a number is a multiple of a step, but for what floats lose."""
    if not step:
        return True
    steps = exact(value) / exact(step)
    return abs(steps - round(steps)) < exact(1e-6)


def _trigger_method(request: Request) -> Refusal | None:
    return None if request.order.triggerMethod in METHODS else _invalid("Invalid trigger method")


def _account(request: Request) -> Refusal | None:
    account = request.order.account
    return None if not account or account in request.accounts else _invalid(f"Invalid account code '{account}'.")


def _times(request: Request) -> Refusal | None:
    order = request.order
    if order.goodAfterTime and not _readable(order.goodAfterTime, request.zone):
        return Refusal(337, f"Start Time: {_BAD_TIME}")
    if order.tif == "GTD" and not _readable(order.goodTillDate, request.zone):
        return Refusal(343, f"End Time: {_BAD_TIME}")
    return None


def _conditions(request: Request) -> Refusal | None:
    order = request.order
    if not order.conditions:
        return None
    if order.orderType not in (CANCELLED_BY_CONDITIONS if order.conditionsCancelOrder else HELD_BY_CONDITIONS):
        return CONDITIONAL_TYPE
    try:
        times_watched(order.conditions, request.zone)
    except ValueError:
        return Refusal(337, f"Start Time: {_BAD_TIME}")
    return None


def _readable(text: str, zone: tzinfo | None) -> bool:
    try:
        moment(text, zone)
    except ValueError:
        return False
    return True


CHECKS: tuple[Callable[[Request], Refusal | None], ...] = (
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


def refusal(request: Request) -> Refusal | None:
    """Why an order is not taken; None when it is."""
    return next((found for check in CHECKS if (found := check(request))), None)


def modification_refusal(entry: WorkingOrder, order: Order, contract: Contract) -> Refusal | None:
    """Why a live order cannot be changed into this one. Price, size, type and time in force may change."""
    if entry.done:
        return FILLED_ALREADY if entry.status == FILLED else DUPLICATE
    now = entry.order
    same = (
        order.action == now.action
        and (not contract.conId or contract.conId == entry.contract.conId)
        and order.account in ("", now.account)
        and order.parentId == now.parentId
        and order.ocaGroup in ("", now.ocaGroup)
    )
    return None if same else NOT_THE_SAME
