"""Literal messages of bound orders and of fills of orders placed by hand, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import SERVER, Vector, raw, tagged, text

from ibdesk.model.contract import Contract
from ibdesk.model.executions import Execution
from ibdesk.model.unset import UNSET_DOUBLE, UNSET_INTEGER
from ibdesk.wire.messages import executions

VECTORS = (
    Vector("bound order", 178, SERVER, text("100|1518189976|0|-7|"), executions.OrderBound(1518189976, 0, -7)),
    Vector(
        "bound order with a binary id",
        203,
        SERVER,
        raw(100, "7000000000|0|-7|"),
        executions.OrderBound(7000000000, 0, -7),
    ),
    Vector(
        "bound order in protobuf",
        204,
        SERVER,
        tagged(100, "08 98 fb f6 d3 05 10 00 18 f9 ff ff ff ff ff ff ff ff 01"),
        executions.OrderBound(1518189976, 0, -7),
    ),
    Vector(
        "bound order of no client, in protobuf",
        204,
        SERVER,
        tagged(100, "08 07"),
        executions.OrderBound(7, UNSET_INTEGER, UNSET_INTEGER),
    ),
    Vector(
        "a permId is a long, to which this is a number like others",
        204,
        SERVER,
        tagged(100, "08 ff ff ff ff 07 10 00 18 00"),
        executions.OrderBound(2147483647, 0, 0),
    ),
    Vector(
        "status of an order with such a permId",
        203,
        SERVER,
        tagged(
            3,
            "08 07 12 06 46 69 6c 6c 65 64 1a 01 31 22 01 30 29 00 00 00 00 00 00 00 00 30 ff ff ff ff 07 38 00"
            "41 00 00 00 00 00 00 00 00 48 00 59 00 00 00 00 00 00 00 00",
        ),
        executions.OrderStatus(7, "Filled", 1.0, 0.0, 0.0, 2147483647, 0, 0.0, 0),
    ),
)

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
