"""`Difference`: what the server and this client did not agree about, and what was done about it."""

from dataclasses import dataclass
from typing import Any, Literal

from ibdesk.client.state.trade import Trade
from ibdesk.model.contract import Contract
from ibdesk.model.fields import Noun

DifferenceKind = Literal["order", "execution", "position", "conflict", "journal"]


@dataclass(frozen=True)
class Difference(Noun):
    """A difference between what this client held to be true and what the server says.

    ============= ============================ ================================= ======================================
    `kind`        `ours`                       `theirs`                          what it means
    ============= ============================ ================================= ======================================
    `order`       the status, the amount       the same by the server; None if   it ended, was filled in part or lives
                  filled: `(text, float)`      the server tells of it nowhere    on, and this client had not heard of it
    `execution`   None                         the `Fill`                        it was missed when it happened
    `position`    the size                     the size                          no known execution explains it
    `conflict`    permIds or ids of the orders permId or ids that the server     two orders have one name, so that one
                  that have the name           uses for another one              may be taken for the other
    `journal`     what the journal says        what the server says              the order journal was behind
    ============= ============================ ================================= ======================================

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
