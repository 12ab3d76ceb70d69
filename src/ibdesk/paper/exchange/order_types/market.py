"""The market order."""

from typing import ClassVar

from ..working import OrderType


class Market(OrderType):
    """An order that takes what the market has, at any price."""

    takes: ClassVar[frozenset[str]] = frozenset({"cashQty"})
    may_open = True
    may_be_conditional = True
