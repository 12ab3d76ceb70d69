"""How TWS itself is asked and changed: clock, log, settings, groups of windows; not what a setting does."""

import datetime as dt

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.mirror.display_groups import DisplayGroup
from ibdesk.model.config import Config, ConfigUpdate, UpdateConfigWarning
from ibdesk.wire.messages import config, connection, display_groups


class Settings(ApiGroup):
    """Look into TWS. What a server is too old for raises EncodeError."""

    async def reqCurrentTimeInMillisAsync(self) -> dt.datetime | None:
        """The server's clock, in UTC, to the millisecond."""
        found: dt.datetime | None = await in_time(self, connection.ReqCurrentTimeInMillis(), LOOKUP) or None
        return found

    reqCurrentTimeInMillis = blocking(reqCurrentTimeInMillisAsync)

    @call_on_loop
    def setServerLogLevel(self, logLevel: int) -> None:
        """Choose how much TWS logs of this client: 1 system, 2 error, 3 warning, 4 information, 5 detail."""
        self.client.send_message(connection.SetServerLogLevel(logLevel))

    async def reqConfigAsync(self) -> Config | None:
        """The settings of TWS; None when the server refuses."""
        found: Config | None = await in_time(self, config.ReqConfig(self.client.next_id()), LOOKUP) or None
        return found

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
        found: ConfigUpdate | None = await in_time(self, request, LOOKUP) or None
        return found

    updateConfig = blocking(updateConfigAsync)

    # --- groups of windows ----------------------------------------------------------------------------------------

    async def queryDisplayGroupsAsync(self) -> list[int]:
        """The groups of windows that share a contract, most used first."""
        found: list[int] = await in_time(self, display_groups.QueryDisplayGroups(self.client.next_id()), LOOKUP)
        return found

    queryDisplayGroups = blocking(queryDisplayGroupsAsync)

    @call_on_loop
    def subscribeToGroupEvents(self, groupId: int) -> DisplayGroup:
        """Subscribe to the contract that a group shows. The object is kept up to date; see its `updateEvent`."""
        group = DisplayGroup(self.client.next_id(), groupId)
        self.client.send_message(display_groups.SubscribeToGroupEvents(group.reqId, groupId))
        self.session.followed.groups[group.reqId] = group
        return group

    @call_on_loop
    def updateDisplayGroup(self, group: DisplayGroup, contractInfo: str) -> None:
        """Have a group show a contract, `conId@exchange`, or `none`."""
        self.client.send_message(display_groups.UpdateDisplayGroup(group.reqId, contractInfo))

    @call_on_loop
    def unsubscribeFromGroupEvents(self, group: DisplayGroup) -> None:
        """End the subscription to a group."""
        self.session.followed.groups.pop(group.reqId, None)
        self.client.send_message(display_groups.UnsubscribeFromGroupEvents(group.reqId))
