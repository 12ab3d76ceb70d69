"""Literal messages of fills of orders placed by hand, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import SERVER, Vector, tagged

from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution
from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages import executions

CAPTURES = (
    Vector(
        "fill of an order placed by hand, of no request",
        225,
        SERVER,
        tagged(11, "12 02 08 00 1a 10 08 ff ff ff ff 07 1a 08 32 30 32 35 30 36 32 30"),
        executions.ExecDetails(
            -1,
            Contract(),
            Execution(
                orderId=2147483647,
                time="20250620",  # type: ignore[arg-type]
                **dict.fromkeys(("shares", "price", "cumQty", "avgPrice"), UNSET_DOUBLE),  # type: ignore[arg-type]
            ),
        ),
    ),
)
"""Not recorded: a spelling that the official client reads so."""
