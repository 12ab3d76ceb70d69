"""Messages about display groups: windows of TWS that share a colour and show the same contract."""

from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server


@from_client(67, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class QueryDisplayGroups:
    """Ask which display groups there are."""

    reqId: int


@from_server(67, answers=QueryDisplayGroups, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class DisplayGroupList:
    """The ids of the display groups, most used first, joined by bars: `1|2|3`."""

    reqId: int
    groups: str


@from_client(68, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class SubscribeToGroupEvents:
    """Subscribe to the contract that a display group shows. `groupId` is from 1 to 7."""

    reqId: int
    groupId: int


@from_server(68, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class DisplayGroupUpdated:
    """The contract that a display group shows: `conId@exchange`, `none`, or `combo` for any combination."""

    reqId: int
    contractInfo: str


@from_client(69, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class UpdateDisplayGroup:
    """Make a subscribed display group show a contract, `conId@exchange`, or `none`. There is no answer."""

    reqId: int
    contractInfo: str


@from_client(70, version=1, protobuf=V.PROTOBUF_REST_MESSAGES_3)
class UnsubscribeFromGroupEvents:
    """End the subscription to a display group."""

    reqId: int
