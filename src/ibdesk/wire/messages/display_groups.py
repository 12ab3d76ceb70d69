"""The messages of TWS's groups of windows that share a colour and a contract; not what a window shows."""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server


@from_client(67, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class QueryDisplayGroups:
    """Ask for the groups that there are."""

    reqId: int


@from_server(67, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class DisplayGroupList:
    """The ids of the groups, most used first, joined by bars: `1|2|3`."""

    reqId: int
    groups: str


@from_client(68, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class SubscribeToGroupEvents:
    """Subscribe to the contract that a group shows; `groupId` from 1 to 7."""

    reqId: int
    groupId: int


@from_server(68, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class DisplayGroupUpdated:
    """What a group shows: `conId@exchange`, `none`, or `combo` for any combination."""

    reqId: int
    contractInfo: str


@from_client(69, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class UpdateDisplayGroup:
    """Have the group of a subscription show a contract, `conId@exchange`, or `none`. It has no answer."""

    reqId: int
    contractInfo: str


@from_client(70, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class UnsubscribeFromGroupEvents:
    """End the subscription to a group."""

    reqId: int
