"""Literal messages of positions by account and model, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, STOCK, Vector, raw, tagged, text

from ibdesk.wire.messages import accounts

VECTORS = (
    Vector(
        "ask for positions of a model", 178, CLIENT, text("74|1|7|DU1|M|"), accounts.ReqPositionsMulti(7, "DU1", "M")
    ),
    Vector(
        "ask for positions of a model in protobuf",
        207,
        CLIENT,
        tagged(74, "08 07 12 03 44 55 31 1a 01 4d"),
        accounts.ReqPositionsMulti(7, "DU1", "M"),
    ),
    Vector("end positions of a model", 178, CLIENT, text("75|1|7|"), accounts.CancelPositionsMulti(7)),
    Vector("end positions of a model in protobuf", 207, CLIENT, tagged(75, "08 07"), accounts.CancelPositionsMulti(7)),
    Vector(
        "position of a model",
        178,
        SERVER,
        text("71|1|7|DU1|0|AAPL|STK||0.0|||SMART|USD|||100|1.5|M|"),
        accounts.PositionMulti(7, "DU1", "M", STOCK, 100.0, 1.5),
    ),
    Vector(
        "position of a model in protobuf",
        207,
        SERVER,
        tagged(
            71,
            "08 07 12 03 44 55 31 1a 19 08 00 12 04 41 41 50 4c 1a 03 53 54 4b 42 05 53 4d 41 52 54 52 03 55 53 44"
            "22 03 31 30 30 29 00 00 00 00 00 00 f8 3f 32 01 4d",
        ),
        accounts.PositionMulti(7, "DU1", "M", STOCK, 100.0, 1.5),
    ),
    Vector("end of the positions of a model", 206, SERVER, raw(72, "1|7|"), accounts.PositionMultiEnd(7)),
    Vector(
        "end of the positions of a model in protobuf", 207, SERVER, tagged(72, "08 07"), accounts.PositionMultiEnd(7)
    ),
)
