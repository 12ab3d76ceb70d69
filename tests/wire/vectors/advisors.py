"""Literal messages of advisors and of who is logged in, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.wire.messages import advisors

VECTORS = (
    Vector("ask for groups", 178, CLIENT, text("18|1|1|"), advisors.RequestFA(1)),
    Vector("ask for aliases, with a binary id", 210, CLIENT, raw(18, "1|3|"), advisors.RequestFA(3)),
    Vector("ask for groups in protobuf", 211, CLIENT, tagged(18, "08 01"), advisors.RequestFA(1)),
    Vector("aliases", 178, SERVER, text("16|1|3|<x/>|"), advisors.ReceiveFA(3, "<x/>")),
    Vector("aliases in protobuf", 211, SERVER, tagged(16, "08 03 12 04 3c 78 2f 3e"), advisors.ReceiveFA(3, "<x/>")),
    Vector("replace groups", 157, CLIENT, text("19|1|1|<x/>|7|"), advisors.ReplaceFA(7, 1, "<x/>")),
    Vector(
        "replace groups in protobuf",
        211,
        CLIENT,
        tagged(19, "08 07 10 01 1a 04 3c 78 2f 3e"),
        advisors.ReplaceFA(7, 1, "<x/>"),
    ),
    Vector("groups are replaced", 157, SERVER, text("103|7|done|"), advisors.ReplaceFAEnd(7, "done")),
    Vector(
        "groups are replaced, in protobuf",
        211,
        SERVER,
        tagged(103, "08 07 12 04 64 6f 6e 65"),
        advisors.ReplaceFAEnd(7, "done"),
    ),
    Vector("ask whose login it is", 167, CLIENT, text("104|7|"), advisors.ReqUserInfo(7)),
    Vector("ask whose login it is, in protobuf", 212, CLIENT, tagged(104, "08 07"), advisors.ReqUserInfo(7)),
    Vector("whose login it is: IBKR's own customer's", 167, SERVER, text("107|7||"), advisors.UserInfo(7, "")),
    Vector("whose login it is, in protobuf", 212, SERVER, tagged(107, "08 07 12 02 57 42"), advisors.UserInfo(7, "WB")),
)
