"""`IB.bracket`: make the orders that give an entry, or an existing position, its targets and stops."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.api.orders import Orders
from ibdesk.model.accounts import Position
from ibdesk.model.order import LimitOrder, Order, StopOrder
from ibdesk.model.unset import UNSET_DOUBLE

if TYPE_CHECKING:
    from typing import Unpack

    from ibdesk.model.keywords import OrderFields

Target = float | tuple[float, float]
"""The limit price of a target, or the price and the quantity that is closed there."""

_INHERITED = (
    "tif",
    "goodTillDate",
    "outsideRth",
    "account",
    "modelCode",
    "faGroup",
    "faMethod",
    "faPercentage",
    "orderRef",
)
_OF_THE_ENTRY_ALONE = frozenset({"IOC", "FOK", "OPG", "AUC"})
"""The times in force that a closing order does not take over from its entry, since they would end it at once."""

_OPPOSITE = {"BUY": "SELL", "SELL": "BUY"}
_REDUCE = 3
"""The `ocaType` that IBKR itself gives to attached orders: a partial fill of one reduces the others by as much."""


class Brackets(Orders, ApiGroup):
    """Brackets with any number of targets."""

    @call_on_loop
    def bracket(
        self,
        /,
        entry: Order | Position,
        targets: Iterable[Target] = (),
        stop: float | Order | None = None,
        **fields: "Unpack[OrderFields]",
    ) -> list[Order]:
        """Return an entry with any number of targets and a stop, as a list of orders to be placed in this order.

        ::

            entry = MarketOrder("BUY", 300, tif="GTC", outsideRth=True)
            for order in ib.bracket(entry, targets=[(105, 100), (110, 100)], stop=95):
                ib.placeOrder(contract, order)

        * `entry`: an order of any type, which is copied, or a position. For a position, the list has closing orders
          only.
        * `targets`: limit prices, or pairs of a limit price and the quantity that is closed there. Without quantities
          the whole quantity is divided equally, into whole units if it is a whole number.
        * `stop`: the price of a stop order, or an order (stop limit, trailing ...) that is copied for each stop.
        * `fields`: fields of `Order` for all closing orders. Otherwise these have the time in force, `outsideRth`,
          account and the like from the entry.

        Each target gets a stop for the same quantity, in a one-cancels-all group with it. So when a target fills, its
        stop is cancelled, and the stops of the others go on protecting the rest. A quantity without a target gets a
        stop only. The order ids are reserved in a row. With an entry, only the last order is transmitted, and the
        others with it.

        Raises ValueError if there is neither a target nor a stop, if the targets add up to more than the entry, and if
        a stop is on the wrong side of a target.

        Source: TWS API documentation, "Bracket Orders" and "One-Cancels-All".
        """
        if isinstance(entry, Position):
            return self._closing(entry, targets, stop, fields)
        if entry.action not in _OPPOSITE:
            raise ValueError(f"the action of a bracket is 'BUY' or 'SELL', not {entry.action!r}")
        inherited = {name: getattr(entry, name) for name in _INHERITED}
        if entry.tif in _OF_THE_ENTRY_ALONE:
            inherited["tif"] = ""
        pairs = _pairs(_OPPOSITE[entry.action], entry.totalQuantity, targets, stop, {**inherited, **fields})
        parent = copy.copy(entry)
        orders = [parent, *(order for pair in pairs for order in pair)]
        for order, orderId in zip(orders, self.orderIds(len(orders)), strict=True):
            order.orderId, order.permId, order.transmit = orderId, 0, order is orders[-1]
            order.parentId = entry.parentId if order is parent else parent.orderId
        if len(pairs) > 1:  # a single target and its stop, IBKR groups itself
            _tie(pairs, parent.orderId)
        return orders

    def _closing(
        self, position: Position, targets: Iterable[Target], stop: float | Order | None, fields: Mapping[str, object]
    ) -> list[Order]:
        if not position.position:
            raise ValueError("there is no position to protect")
        action = "SELL" if position.position > 0 else "BUY"
        inherited: dict[str, object] = {"account": position.account}
        pairs = _pairs(action, abs(position.position), targets, stop, {**inherited, **fields})
        orders = [order for pair in pairs for order in pair]
        for order, orderId in zip(orders, self.orderIds(len(orders)), strict=True):
            order.orderId, order.permId, order.transmit = orderId, 0, True
        _tie(pairs, orders[0].orderId)
        return orders


def _pairs(
    action: str, quantity: float, targets: Iterable[Target], stop: float | Order | None, fields: Mapping[str, object]
) -> list[list[Order]]:
    """Return the closing orders, in pairs for the same quantity: a target and its stop, or one of them alone."""
    # The fields are set last, so that they take precedence over those of the order that is copied for the stops.
    prices = list(targets)
    if stop is None and not prices:
        raise ValueError("a bracket needs a target or a stop")
    pairs: list[list[Order]] = []
    for price, size in _shared_out(quantity, prices):
        pair: list[Order] = []
        if price is not None:
            pair.append(LimitOrder(action, size, price))
        if stop is not None:
            closing = copy.copy(stop) if isinstance(stop, Order) else StopOrder(action, size, stop)
            closing.action, closing.totalQuantity = action, size
            _check_sides(action, price, closing)
            pair.append(closing)
        for order in pair:
            for name, value in fields.items():
                if not hasattr(order, name):
                    raise ValueError(f"an order has no {name}")
                setattr(order, name, value)
        pairs.append(pair)
    return [pair for pair in pairs if pair]


def _shared_out(quantity: float, targets: Sequence[Target]) -> list[tuple[float | None, float]]:
    """Return price and quantity of each target, and at the end the quantity that has none, with None as its price."""
    pairs: list[tuple[float | None, float]] = [target for target in targets if isinstance(target, tuple)]
    prices = [target for target in targets if not isinstance(target, tuple)]
    if pairs and prices:
        raise ValueError("give the quantity of each target, or of none")
    if prices:
        is_whole = quantity == int(quantity) and quantity >= len(prices)
        share = quantity // len(prices) if is_whole else quantity / len(prices)
        return [(prices[0], quantity - share * (len(prices) - 1)), *((price, share) for price in prices[1:])]
    left = quantity - sum(size for _, size in pairs)
    if left < 0 or any(size <= 0 for _, size in pairs):
        raise ValueError(f"the targets {[size for _, size in pairs]} do not add up to {quantity} or less")
    return [*pairs, (None, left)] if left else pairs


def _check_sides(action: str, target: float | None, stop: Order) -> None:
    if target is None or stop.auxPrice == UNSET_DOUBLE or stop.orderType not in ("STP", "STP LMT"):
        return
    if (stop.auxPrice >= target) if action == "SELL" else (stop.auxPrice <= target):
        raise ValueError(f"the stop {stop.auxPrice} is on the wrong side of the target {target} for a {action}")


def _tie(pairs: Iterable[Sequence[Order]], number: int) -> None:
    for index, pair in enumerate(pairs, 1):
        if len(pair) > 1:
            for order in pair:
                order.ocaGroup, order.ocaType = f"ibdesk-{number}-{index}", _REDUCE
