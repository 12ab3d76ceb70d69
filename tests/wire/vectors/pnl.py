"""Literal messages of profit and loss, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.unset import UNSET_DOUBLE
from ibdesk.wire.messages import pnl

VECTORS = (
    Vector("ask for the profit of an account", 178, CLIENT, text("92|7|DU1||"), pnl.ReqPnL(7, "DU1", "")),
    Vector("ask for the profit of a model", 209, CLIENT, raw(92, "7|DU1|M|"), pnl.ReqPnL(7, "DU1", "M")),
    Vector(
        "ask for the profit of an account in protobuf",
        210,
        CLIENT,
        tagged(92, "08 07 12 03 44 55 31"),
        pnl.ReqPnL(7, "DU1", ""),
    ),
    Vector("end the profit of an account", 178, CLIENT, text("93|7|"), pnl.CancelPnL(7)),
    Vector("end the profit of an account in protobuf", 210, CLIENT, tagged(93, "08 07"), pnl.CancelPnL(7)),
    Vector(
        "ask for the profit of a position",
        178,
        CLIENT,
        text("94|7|DU1||265598|"),
        pnl.ReqPnLSingle(7, "DU1", "", 265598),
    ),
    Vector(
        "ask for the profit of a position in protobuf",
        210,
        CLIENT,
        tagged(94, "08 07 12 03 44 55 31 1a 01 4d 20 fe 9a 10"),
        pnl.ReqPnLSingle(7, "DU1", "M", 265598),
    ),
    Vector("end the profit of a position", 178, CLIENT, text("95|7|"), pnl.CancelPnLSingle(7)),
    Vector("end the profit of a position in protobuf", 210, CLIENT, tagged(95, "08 07"), pnl.CancelPnLSingle(7)),
    Vector("profit of an account", 178, SERVER, text("94|7|-2.0|1.5|0.0|"), pnl.PnL(7, -2.0, 1.5, 0.0)),
    Vector(
        "profit of an account of which one part is not known",
        178,
        SERVER,
        text("94|7|-2.0|1.5|1.7976931348623157e+308|"),
        pnl.PnL(7, -2.0, 1.5, UNSET_DOUBLE),
    ),
    Vector(
        "profit of an account of which one part is not known, in protobuf",
        210,
        SERVER,
        tagged(94, "08 07 11 00 00 00 00 00 00 00 c0 19 00 00 00 00 00 00 f8 3f"),
        pnl.PnL(7, -2.0, 1.5, UNSET_DOUBLE),
    ),
    Vector(
        "profit of a position",
        178,
        SERVER,
        text("95|7|100|-2.0|1.5|1.7976931348623157e+308|100.25|"),
        pnl.PnLSingle(7, 100.0, -2.0, 1.5, UNSET_DOUBLE, 100.25),
    ),
    Vector(
        "profit of a position in protobuf",
        210,
        SERVER,
        tagged(
            95,
            "08 07 12 03 31 30 30 19 00 00 00 00 00 00 00 c0 21 00 00 00 00 00 00 f8 3f31 00 00 00 00 00 10 59 40",
        ),
        pnl.PnLSingle(7, 100.0, -2.0, 1.5, UNSET_DOUBLE, 100.25),
    ),
)
