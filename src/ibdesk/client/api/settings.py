"""How TWS itself is asked and changed: clock, log, settings, groups of windows; not what a setting does."""

import datetime as dt

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.display_groups import DisplayGroup
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.config import Config, ConfigUpdate, UpdateConfigWarning
from ibdesk.wire.messages import config, connection, display_groups

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Settings(ApiGroup):
    """Look into TWS. What a server is too old for raises EncodeError."""

    async def reqCurrentTimeInMillisAsync(self) -> dt.datetime | None:
        """The server's clock, in UTC, to the millisecond."""
        answer = await in_time(self, connection.ReqCurrentTimeInMillis(), LOOKUP)
        return _EPOCH + dt.timedelta(milliseconds=answer[0].timeInMillis) if answer else None

    reqCurrentTimeInMillis = blocking(reqCurrentTimeInMillisAsync)

    @call_on_loop
    def setServerLogLevel(self, logLevel: int) -> None:
        """Choose how much TWS logs of this client: 1 system, 2 error, 3 warning, 4 information, 5 detail."""
        self.client.send_message(connection.SetServerLogLevel(logLevel))

    async def reqConfigAsync(self) -> Config | None:
        """The settings of TWS; None when the server refuses."""
        answer = await in_time(self, config.ReqConfig(self.client.next_id()), LOOKUP)
        return Config(answer[0].lockAndExit, answer[0].messages, answer[0].api, answer[0].orders) if answer else None

    reqConfig = blocking(reqConfigAsync)

    async def updateConfigAsync(
        self,
        changes: Config,
        acceptedWarnings: list[UpdateConfigWarning] | None = None,
        resetAPIOrderSequence: bool | None = None,
    ) -> ConfigUpdate | None:
        """Change the settings of TWS that `changes` tells, and no others; None when the server refuses.

        It may change nothing and warn instead: ask again with the warnings that are fine. `resetAPIOrderSequence`
        lets order ids begin anew.
        """
        request = config.UpdateConfig(
            self.client.next_id(),
            changes.lockAndExit,
            changes.messages,
            changes.api,
            changes.orders,
            acceptedWarnings or [],
            resetAPIOrderSequence,
        )
        for told in await in_time(self, request, LOOKUP):
            return ConfigUpdate(told.status, told.message, told.changedFields, told.errors, told.warnings)
        return None

    updateConfig = blocking(updateConfigAsync)

    # --- groups of windows ----------------------------------------------------------------------------------------

    async def queryDisplayGroupsAsync(self) -> list[int]:
        """The groups of windows that share a contract, most used first."""
        answer = await in_time(self, display_groups.QueryDisplayGroups(self.client.next_id()), LOOKUP)
        return [int(number) for message in answer for number in message.groups.split("|") if number]

    queryDisplayGroups = blocking(queryDisplayGroupsAsync)

    @call_on_loop
    def subscribeToGroupEvents(self, groupId: int) -> DisplayGroup:
        """Subscribe to the contract that a group shows. The object is kept up to date; see its `updateEvent`."""
        group = DisplayGroup(self.client.next_id(), groupId)
        request = display_groups.SubscribeToGroupEvents(group.reqId, groupId)
        cancel = display_groups.UnsubscribeFromGroupEvents(group.reqId)
        self.dispatcher.subscribe(Subscription(Kind.DISPLAY_GROUP, request, cancel, group, restored_by=(request,)))
        return group

    @call_on_loop
    def updateDisplayGroup(self, group: DisplayGroup, contractInfo: str) -> None:
        """Have a group show a contract, `conId@exchange`, or `none`."""
        self.client.send_message(display_groups.UpdateDisplayGroup(group.reqId, contractInfo))

    @call_on_loop
    def unsubscribeFromGroupEvents(self, group: DisplayGroup) -> None:
        """End the subscription to a group."""
        self.client.subscriptions.end(group.reqId)
        self.client.send_message(display_groups.UnsubscribeFromGroupEvents(group.reqId))
