"""Literal messages of the clock, the log and of errors without a request, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.wire.messages import connection

VECTORS = (
    Vector("ask for milliseconds", 200, CLIENT, text("105|"), connection.ReqCurrentTimeInMillis()),
    Vector("ask for milliseconds, with a binary id", 212, CLIENT, raw(105, ""), connection.ReqCurrentTimeInMillis()),
    Vector("ask for milliseconds in protobuf", 213, CLIENT, tagged(105, ""), connection.ReqCurrentTimeInMillis()),
    Vector("milliseconds", 197, SERVER, text("109|1775425766350|"), connection.CurrentTimeInMillis(1775425766350)),
    Vector(
        "milliseconds in protobuf",
        213,
        SERVER,
        tagged(109, "08 ce 87 fd fc d5 33"),
        connection.CurrentTimeInMillis(1775425766350),
    ),
    Vector(
        "the clock in 2038, in protobuf",
        213,
        SERVER,
        tagged(49, "08 ff ff ff ff 07"),
        connection.CurrentTime(2147483647),
    ),
    Vector("log everything", 178, CLIENT, text("14|1|5|"), connection.SetServerLogLevel(5)),
    Vector("log everything, in protobuf", 213, CLIENT, tagged(14, "08 05"), connection.SetServerLogLevel(5)),
    Vector(
        "error of a request that has no id",
        200,
        SERVER,
        text("4|2147483647|321|x||0|"),
        connection.Error(2147483647, 321, "x"),
    ),
    Vector(
        "error of a request that has no id, in protobuf",
        225,
        SERVER,
        tagged(4, "08 ff ff ff ff 07 10 00 18 c1 02 22 01 78"),
        connection.Error(2147483647, 321, "x"),
    ),
)

CAPTURES = (
    Vector(
        "error without an id in protobuf", 225, SERVER, tagged(4, "18 c1 02 22 01 78"), connection.Error(-1, 321, "x")
    ),
)
"""Not recorded: a spelling that the official client reads so."""
