"""Answers about display groups, which are groups of windows in TWS: here only what they would show.

The groups belong to the gateway. When one client changes what a group shows, all clients that are subscribed to the
group are told.
"""

import re

from ibdesk.wire.messages.display_groups import (
    DisplayGroupList,
    DisplayGroupUpdated,
    QueryDisplayGroups,
    SubscribeToGroupEvents,
    UnsubscribeFromGroupEvents,
    UpdateDisplayGroup,
)

from ..broker import Broker
from ..client import Client
from ..instruments import Invalid
from .group import HandlerGroup, NewTimer, answers

GROUPS = range(1, 8)

TAG = "bU"
_NONE = "none"
_SHOWN = re.compile(r"(\d{1,10})@\w+(\.\w+)?")


class DisplayGroupHandlers(HandlerGroup):
    """Every subscription to a group. Time brings nothing: a group changes when a client wants it."""

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._shown = dict.fromkeys(GROUPS, _NONE)
        self._subscribed: dict[tuple[Client, int], int] = {}

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        self._subscribed = {key: group for key, group in self._subscribed.items() if key[0] is not client}

    @answers(QueryDisplayGroups)
    def _query(self, client: Client, request: QueryDisplayGroups) -> None:
        client.send(DisplayGroupList(request.reqId, "|".join(map(str, GROUPS))))

    @answers(SubscribeToGroupEvents)
    def _subscribe(self, client: Client, request: SubscribeToGroupEvents) -> None:
        if request.groupId not in GROUPS:
            raise Invalid(TAG, f"Invalid display group - {request.groupId}")
        self._subscribed[client, request.reqId] = request.groupId
        client.send(DisplayGroupUpdated(request.reqId, self._shown[request.groupId]))

    @answers(UpdateDisplayGroup)
    def _update(self, client: Client, request: UpdateDisplayGroup) -> None:
        group = self._subscribed.get((client, request.reqId))
        if group is None:
            raise Invalid(TAG, f"Not subscribed to a display group - {request.reqId}")
        match = _SHOWN.fullmatch(request.contractInfo)
        known = match and self._broker.market.instruments.by_con_id(int(match[1]))
        if request.contractInfo != _NONE and not known:
            raise Invalid(TAG, f"Invalid contract info - {request.contractInfo}")
        self._shown[group] = request.contractInfo
        for (subscriber, reqId), each in self._subscribed.items():
            if each == group:
                subscriber.send(DisplayGroupUpdated(reqId, request.contractInfo))

    @answers(UnsubscribeFromGroupEvents)
    def _unsubscribe(self, client: Client, request: UnsubscribeFromGroupEvents) -> None:
        self._subscribed.pop((client, request.reqId), None)
