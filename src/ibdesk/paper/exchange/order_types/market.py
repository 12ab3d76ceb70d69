"""The market order."""

from ..working import OrderType


class Market(OrderType):
    """An order that takes what the market has, at any price."""

    may_open = True
    may_be_conditional = True
