"""The conditions of an order, and whether they are true.

Conditions are read from left to right; `a` binds closer than `o`. One for which the data are missing is not true.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Any, Protocol

from ..decimals import exact
from ..time_texts import parse_time
from .quotes import Prices
from .triggers import BID_ASK, reached, trigger_method
from .working import WorkingOrder

PRICE, TIME, MARGIN, EXECUTION, VOLUME, PERCENT_CHANGE = 1, 3, 4, 5, 6, 7
_OF_CONTRACTS = (PRICE, VOLUME, PERCENT_CHANGE)
AND = "a"


class Surroundings(Protocol):
    """What conditions look at."""

    def sec_type(self, con_id: int) -> str:
        """Return the security type of a contract, "" when it is not known."""
        ...

    def prices(self, con_id: int) -> tuple[Prices, Prices]:
        """Return the last quote of a contract and the one before."""
        ...

    def volume(self, con_id: int) -> float | None:
        """Return the volume of the day."""
        ...

    def percent_change(self, con_id: int) -> float | None:
        """Return the change since yesterday's close."""
        ...

    def cushion(self, account: str) -> float:
        """Return the margin cushion of an account, in percent."""
        ...

    def executed(self, account: str, symbol: str, sec_type: str, since: int) -> bool:
        """Return whether the account traded such a contract after its first `since` executions."""
        ...


def met(entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    """Return whether the conditions are true, all together."""
    return _hold(entry.order.conditions, lambda each: _TESTS[each.condType](each, entry, now, around))


def hopeless(entry: WorkingOrder, now: datetime, around: Surroundings, ended: Callable[[int], bool]) -> bool:
    """Return whether the conditions can never be true any more, since contracts that decide have `ended`.

    Nothing new is heard of these: what is not true of them now never will be.
    """

    def may_be_true(condition: Any) -> bool:
        is_fixed = condition.condType in _OF_CONTRACTS and ended(condition.conId)
        return not is_fixed or _TESTS[condition.condType](condition, entry, now, around)

    return not _hold(entry.order.conditions, may_be_true)


def _hold(conditions: Sequence[Any], is_true: Callable[[Any], bool]) -> bool:
    alternative = True
    for condition in conditions:
        alternative = alternative and is_true(condition)
        if condition.conjunction != AND and condition is not conditions[-1]:
            if alternative:
                return True
            alternative = True
    return alternative


def contracts_watched(conditions: Sequence[Any]) -> set[int]:
    """Return the conIds whose quotes decide."""
    return {condition.conId for condition in conditions if condition.condType in _OF_CONTRACTS}


def watches_margin(conditions: Sequence[Any]) -> bool:
    """Return whether the margin of the account decides."""
    return any(condition.condType == MARGIN for condition in conditions)


def times_watched(conditions: Sequence[Any], zone: tzinfo | None) -> list[datetime]:
    """Return the moments that decide; `zone` is that of times without one.

    Raises ValueError when one cannot be read.
    """
    return [parse_time(condition.time, zone) for condition in conditions if condition.condType == TIME]


def _compare(is_more: bool, value: float | None, level: float) -> bool:
    if value is None:
        return False
    return value >= level if is_more else value <= level


def _price(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    prices, before = around.prices(condition.conId)
    method = trigger_method(around.sec_type(condition.conId), condition.triggerMethod)
    if not condition.triggerMethod and prices.last is None:
        method = BID_ASK
    return reached(method, condition.isMore, exact(condition.price), prices, before)


def _time(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    when = parse_time(condition.time, now.tzinfo)
    return now >= when if condition.isMore else now <= when


def _margin(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    return _compare(condition.isMore, around.cushion(entry.order.account), condition.percent)


def _execution(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    return around.executed(entry.order.account, condition.symbol, condition.secType, entry.executions_before)


def _volume(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    return _compare(condition.isMore, around.volume(condition.conId), condition.volume)


def _percent_change(condition: Any, entry: WorkingOrder, now: datetime, around: Surroundings) -> bool:
    return _compare(condition.isMore, around.percent_change(condition.conId), condition.changePercent)


_TESTS: dict[int, Callable[[Any, WorkingOrder, datetime, Surroundings], bool]] = {
    PRICE: _price,
    TIME: _time,
    MARGIN: _margin,
    EXECUTION: _execution,
    VOLUME: _volume,
    PERCENT_CHANGE: _percent_change,
}
