"""IB's algos: orders whose quantity goes to the market in parts, over time.

An algo says when how much is released. What is released is filled by the rules of the order's type. Everything
follows from the terms of the order and the time, so that a change of the order loses nothing: an order that has begun
keeps its beginning.

Sources: IBKR's sample code for its API, `AvailableAlgoParams` (the parameters), and its table of message codes (439 to
443). How IBKR cuts an order is not published, nor what it combines an algo with: the schedule and `NOT_COMBINED` are
our guess, and so are the products, order types and times in force of an algo.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ibdesk.model.order import Order

from ..decimals import ZERO
from ..time_texts import parse_time
from .field_rules import Refused
from .hours import TradingHours
from .order_fields import SERVER_DEFAULTS, counted
from .products import STOCKS
from .release_schedule import ReleaseSchedule, whole_step
from .working import WorkingOrder

UNKNOWN_ALGO, NOT_MODIFIED, BAD_VALUE, NOT_ALLOWED, UNKNOWN_PARAMETER = 439, 440, 441, 442, 443

_TIME = re.compile(r"(\d{8}[- ])?\d\d:\d\d:\d\d(?: \S.{0,60})?")
NOT_COMBINED = (
    "parentId",
    "conditions",
    "goodAfterTime",
    "duration",
    "outsideRth",
    "allOrNone",
    "minQty",
    "displaySize",
    "hedgeType",
    "cashQty",
    "postOnly",
    "discretionaryAmt",
    "scalePriceIncrement",
)
"""Fields that an order with an algo may not have; our guess."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an algo: its `form` as the documentation shows it, what it `means`, and what accepts a value."""

    form: str
    means: str
    accepts: Callable[[str], object]


@dataclass(frozen=True)
class Algo:
    """An algo that is traded here: its parameters, the products, order types and times in force that it is for."""

    name: str
    means: str
    parameters: dict[str, Parameter]
    products: frozenset[str] = STOCKS
    order_types: frozenset[str] = frozenset({"MKT", "LMT"})
    tifs: frozenset[str] = frozenset({"", "DAY"})


_START = Parameter("hh:mm:ss zone, or yyyymmdd-hh:mm:ss zone", "begins the releases", _TIME.fullmatch)
_END = Parameter(
    "hh:mm:ss zone, or yyyymmdd-hh:mm:ss zone", "ends the releases; the close if not given", _TIME.fullmatch
)
_PAST_END = Parameter("1 or 0", "1 goes on after the end with what is not filled", re.compile("[01]").fullmatch)
_MARKETABLE = Parameter("Marketable", "is the one strategy that is served", re.compile("Marketable").fullmatch)

ALGOS: dict[str, Algo] = {
    algo.name: algo
    for algo in (
        Algo(
            "Twap",
            "releases equal parts at equal distances of time",
            {"strategyType": _MARKETABLE, "startTime": _START, "endTime": _END, "allowPastEndTime": _PAST_END},
        ),
    )
}

UNTRADED = frozenset(
    {
        "AD",
        "Adaptive",
        "ArrivalPx",
        "BalanceImpactRisk",
        "ClosePx",
        "DarkIce",
        "MinImpact",
        "PctVol",
        "PctVolPx",
        "PctVolSz",
        "PctVolTm",
        "Vwap",
    }
)
"""IBKR knows these; this exchange does not trade them, and refuses them with 442."""


def check_algo(order: Order, sec_type: str, hours: TradingHours, now: datetime, shown: Order | None = None) -> None:
    """Raise `Refusal` for an algo that is not taken, or for a change of the algo of the order `shown`."""
    name = order.algoStrategy
    if shown is not None and shown.algoStrategy != name:
        raise Refused(NOT_MODIFIED).refusal("algoStrategy", name, order)
    if not name:
        if order.algoParams:
            raise Refused(UNKNOWN_ALGO).refusal("algoParams", order.algoParams, order)
        return
    algo = ALGOS.get(name)
    if algo is None:
        raise Refused(NOT_ALLOWED if name in UNTRADED else UNKNOWN_ALGO).refusal("algoStrategy", name, order)
    _check_combination(algo, order, sec_type)
    _check_parameters(algo, order)
    begins, ends = _window(order, hours, now)
    if ends is None or ends <= begins:
        raise Refused(BAD_VALUE).refusal("endTime", _value(order, "endTime"), order)


def _check_combination(algo: Algo, order: Order, sec_type: str) -> None:
    if sec_type not in algo.products:
        raise Refused(NOT_ALLOWED).refusal("secType", sec_type, order)
    for field, allowed in (("orderType", algo.order_types), ("tif", algo.tifs)):
        if (value := getattr(order, field)) not in allowed:
            raise Refused(NOT_ALLOWED).refusal(field, value, order)
    for field in NOT_COMBINED:
        if (value := getattr(order, field)) and counted(value) and value != SERVER_DEFAULTS.get(field):
            raise Refused(NOT_ALLOWED).refusal(field, value, order)


def _check_parameters(algo: Algo, order: Order) -> None:
    seen = set[str]()
    for each in order.algoParams:
        parameter = algo.parameters.get(each.tag)
        if parameter is None:
            raise Refused(UNKNOWN_PARAMETER).refusal("algoParams", [each], order)
        if each.tag in seen or (each.value and not parameter.accepts(each.value)):
            raise Refused(BAD_VALUE).refusal("algoParams", [each], order)
        seen.add(each.tag)


def _window(order: Order, hours: TradingHours, now: datetime) -> tuple[datetime, datetime | None]:
    """Return from when to when a new order is released. Raises `Refusal` for a time that is none."""
    close, zone = hours.regular_close, now.tzinfo
    session = close or now
    opens = None if hours.is_regular else hours.next_regular
    starts = _moment(order, "startTime", session, zone)
    ends = _moment(order, "endTime", session, zone)
    return max(filter(None, (now, opens, starts))), min(filter(None, (ends, close)), default=None)


def _moment(order: Order, name: str, session: datetime, zone: tzinfo | None) -> datetime | None:
    """Return the moment that a parameter means; a clock without a date is one of the day of the session."""
    text = _value(order, name)
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day = match[1]
    try:
        moment = parse_time(text if day else f"{session:%Y%m%d} {text}", zone)
        if not day:
            local = session.astimezone(moment.tzinfo)
            moment = moment.replace(year=local.year, month=local.month, day=local.day)
        return moment.astimezone(zone)
    except ValueError:
        raise Refused(BAD_VALUE).refusal(name, text, order) from None


def _value(order: Order, name: str) -> str:
    return next((str(each.value) for each in order.algoParams if each.tag == name), "")


def plan(entry: WorkingOrder, hours: TradingHours, now: datetime) -> None:
    """Set the releases, the beginning and, unless it goes on, the end of an algo order; release what is due."""
    begins, ends = _window(entry.order, hours, now)
    if entry.releases is not None and entry.releases.begins <= now:
        begins = entry.releases.begins
    goes_on, ends = _value(entry.order, "allowPastEndTime") == "1", ends or begins
    # An order that was held back in the gateway may come too late for its end.
    too_late = ends <= begins and not goes_on
    entry.not_before = begins
    entry.releases = ReleaseSchedule(
        begins, max(begins, ends), ZERO if too_late else entry.quantity, whole_step(entry.details.sizeIncrement)
    )
    if not goes_on:
        entry.expires = min(entry.expires or ends, ends)
    release(entry, now)


def release(entry: WorkingOrder, now: datetime) -> None:
    """Release what is due, and set when the next release is, None after the last."""
    assert entry.releases is not None
    entry.released = entry.releases.released(now)
    entry.next_release = entry.releases.next_after(now)
