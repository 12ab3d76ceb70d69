"""`Difference`: what the server and this client did not agree about, and what was done about it."""

from dataclasses import dataclass
from typing import Any, Literal

from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Contract
from ibdesk.model.fields import Noun, shown
from ibdesk.printable import printable

DifferenceKind = Literal["order", "execution", "position", "conflict"]


@dataclass(frozen=True)
class Difference(Noun):
    """A difference between what this client held to be true and what the server says.

    =========== ============================== =============================== =====================================
    `kind`      `ours`                         `theirs`                        what it means
    =========== ============================== =============================== =====================================
    `order`     status and amount filled, as a the same; None if the server    it ended, was filled in part, or
                tuple                          tells of it nowhere             lives, and this client had not heard
    `execution` None                           the `Fill`                      it was not told when it happened
    `position`  size                           size                            no execution that is known explains it
    `conflict`  orderId and permId, as a dict  those that the server uses, too two orders have one name
    =========== ============================== =============================== =====================================

    `account` is "" where it is not known. `trade` is the order that the difference is about, None if there is none.
    `done` says in words what has been done about it.
    """

    kind: DifferenceKind
    account: str
    contract: Contract | None
    trade: Trade | None
    ours: Any
    theirs: Any
    done: str

    @property
    def about(self) -> str:
        """The order or the position in words, for a log: what names it at the server and at the program.

        The `orderRef` is there if the order has one.
        """
        contract = "" if self.contract is None else shown(self.contract)
        if self.trade is None:
            return contract
        order = self.trade.order
        named = f"{order.action} {order.totalQuantity:g} {contract}, orderId {order.orderId}, permId {order.permId}"
        return f"{named}, orderRef {printable(order.orderRef)}" if order.orderRef else named
