"""One-cancels-all groups: what the fill of one order does to the others of its group.

A one-cancels-all group is known by account and name. Type 1 cancels the rest at the first fill; types 2 and 3 take
from the rest in proportion, and cancel it when the filled order is complete. The children of one parent are such a
group of their own accord, named after the parent's permId.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from ..decimals import ZERO
from .quotes import on_tick
from .working import WorkingOrder

CANCEL_ALL = 1
"""The `ocaType` that leaves nothing at the first fill."""


@dataclass
class _Group:
    members: dict[int, WorkingOrder] = field(default_factory=dict)
    filled: bool = False


class OcaGroups:
    """The one-cancels-all groups of the exchange."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], _Group] = {}

    def join(self, entry: WorkingOrder) -> None:
        """Take an order into the group that it names, if any."""
        if entry.order.ocaGroup:
            self._groups.setdefault(_name(entry), _Group()).members[entry.key.permId] = entry

    def leave(self, entry: WorkingOrder) -> None:
        """Take an order out of its group, if it is in one."""
        if entry.order.ocaGroup and (group := self._groups.get(_name(entry))):
            group.members.pop(entry.key.permId, None)

    def is_filled(self, entry: WorkingOrder) -> bool:
        """Return whether an order of the group was filled already, so that this one comes too late."""
        group = self._groups.get(_name(entry)) if entry.order.ocaGroup else None
        return group is not None and group.filled

    def after_fill(self, entry: WorkingOrder, size: Decimal) -> list[tuple[WorkingOrder, Decimal]]:
        """Return the other orders of the group, each with the quantity that it may still fill; 0 is to be cancelled."""
        group = self._groups.get(_name(entry)) if entry.order.ocaGroup else None
        if group is None:
            return []
        group.filled = group.filled or entry.done
        others = [other for other in group.members.values() if other is not entry]
        if entry.done or entry.order.ocaType == CANCEL_ALL:
            return [(other, ZERO) for other in others]
        share = size / (entry.remaining + size)
        return [(other, _reduced(other, share)) for other in others]


def _name(entry: WorkingOrder) -> tuple[str, str]:
    return entry.order.account, entry.order.ocaGroup


def _reduced(other: WorkingOrder, share: Decimal) -> Decimal:
    step = 1.0 if other.quantity == other.quantity.to_integral_value() else other.details.sizeIncrement
    return max(ZERO, on_tick(other.remaining * (1 - share), step))
