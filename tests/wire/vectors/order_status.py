"""Literal messages of bound orders and of an order's status, each with its bytes."""

from wire.vectors.vector import SERVER, Vector, raw, tagged, text

from ibdesk.model.unset import UNSET_INTEGER
from ibdesk.wire.messages import order_status

VECTORS = (
    Vector("bound order", 178, SERVER, text("100|1518189976|0|-7|"), order_status.OrderBound(1518189976, 0, -7)),
    Vector(
        "bound order with a binary id",
        203,
        SERVER,
        raw(100, "7000000000|0|-7|"),
        order_status.OrderBound(7000000000, 0, -7),
    ),
    Vector(
        "bound order in protobuf",
        204,
        SERVER,
        tagged(100, "08 98 fb f6 d3 05 10 00 18 f9 ff ff ff ff ff ff ff ff 01"),
        order_status.OrderBound(1518189976, 0, -7),
    ),
    Vector(
        "bound order of no client, in protobuf",
        204,
        SERVER,
        tagged(100, "08 07"),
        order_status.OrderBound(7, UNSET_INTEGER, UNSET_INTEGER),
    ),
    Vector(
        "a permId is a long, to which this is a number like others",
        204,
        SERVER,
        tagged(100, "08 ff ff ff ff 07 10 00 18 00"),
        order_status.OrderBound(2147483647, 0, 0),
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
        order_status.OrderStatus(7, "Filled", 1.0, 0.0, 0.0, 2147483647, 0, 0.0, 0),
    ),
)
