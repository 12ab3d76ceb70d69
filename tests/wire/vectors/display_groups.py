"""Literal messages of TWS's groups of windows, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.wire.messages import display_groups

VECTORS = (
    Vector("ask for groups of windows", 178, CLIENT, text("67|1|7|"), display_groups.QueryDisplayGroups(7)),
    Vector(
        "ask for groups of windows in protobuf", 213, CLIENT, tagged(67, "08 07"), display_groups.QueryDisplayGroups(7)
    ),
    Vector(
        "groups of windows: bars inside a field",
        178,
        SERVER,
        b"67\x001\x007\x003|1|2\x00",
        display_groups.DisplayGroupList(7, "3|1|2"),
    ),
    Vector(
        "groups of windows in protobuf",
        213,
        SERVER,
        tagged(67, "08 07 12 05 33 7c 31 7c 32"),
        display_groups.DisplayGroupList(7, "3|1|2"),
    ),
    Vector(
        "subscribe to a group of windows", 178, CLIENT, text("68|1|7|3|"), display_groups.SubscribeToGroupEvents(7, 3)
    ),
    Vector(
        "subscribe to a group of windows in protobuf",
        213,
        CLIENT,
        tagged(68, "08 07 10 03"),
        display_groups.SubscribeToGroupEvents(7, 3),
    ),
    Vector(
        "what a group shows",
        178,
        SERVER,
        text("68|1|7|265598@SMART|"),
        display_groups.DisplayGroupUpdated(7, "265598@SMART"),
    ),
    Vector(
        "what a group shows, in protobuf",
        213,
        SERVER,
        tagged(68, "08 07 12 04 6e 6f 6e 65"),
        display_groups.DisplayGroupUpdated(7, "none"),
    ),
    Vector(
        "have a group show a contract",
        212,
        CLIENT,
        raw(69, "1|7|8314@SMART|"),
        display_groups.UpdateDisplayGroup(7, "8314@SMART"),
    ),
    Vector(
        "have a group show nothing, in protobuf",
        213,
        CLIENT,
        tagged(69, "08 07 12 04 6e 6f 6e 65"),
        display_groups.UpdateDisplayGroup(7, "none"),
    ),
    Vector("leave a group", 178, CLIENT, text("70|1|7|"), display_groups.UnsubscribeFromGroupEvents(7)),
    Vector(
        "leave a group, in protobuf", 213, CLIENT, tagged(70, "08 07"), display_groups.UnsubscribeFromGroupEvents(7)
    ),
)
