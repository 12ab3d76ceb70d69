"""How the messages of TWS's groups of windows are held against the outside clients."""

from conformance.domain import Domain, Request, callback, fields
from conformance.exceptions import IB_ASYNC, Skipped

from ibdesk.wire.messages import display_groups as messages

DOMAIN = Domain(
    requests={
        messages.QueryDisplayGroups: Request("queryDisplayGroups", fields("reqId"), "QueryDisplayGroupsRequest"),
        messages.SubscribeToGroupEvents: Request(
            "subscribeToGroupEvents", fields("reqId", "groupId"), "SubscribeToGroupEventsRequest"
        ),
        messages.UpdateDisplayGroup: Request(
            "updateDisplayGroup", fields("reqId", "contractInfo"), "UpdateDisplayGroupRequest"
        ),
        messages.UnsubscribeFromGroupEvents: Request(
            "unsubscribeFromGroupEvents", fields("reqId"), "UnsubscribeFromGroupEventsRequest"
        ),
    },
    answers={
        messages.DisplayGroupList: callback("displayGroupList", "reqId", "groups"),
        messages.DisplayGroupUpdated: callback("displayGroupUpdated", "reqId", "contractInfo"),
    },
    exceptions=tuple(
        Skipped(message, "", IB_ASYNC, "its wrapper has no such callback")
        for message in (messages.DisplayGroupList, messages.DisplayGroupUpdated)
    ),
)
