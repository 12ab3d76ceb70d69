"""Methods of `IB` about TWS itself: its clock, log, settings and display groups."""

import datetime as dt

from ibdesk.client.api.deadlines import LOOKUP, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.display_groups import DisplayGroup
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.logs import logger
from ibdesk.model.config import Config, ConfigUpdate, UpdateConfigWarning
from ibdesk.wire.messages import config, connection, display_groups

_log = logger("ibdesk.ib")

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Settings(ApiGroup):
    """Clock, log, settings and display groups of TWS. A request for which TWS is too old raises EncodeError."""

    async def reqCurrentTimeInMillisAsync(self) -> dt.datetime | None:
        """Return the server's time in UTC, to the millisecond, or None if the server refuses or does not answer."""
        answer = await in_time(self, connection.ReqCurrentTimeInMillis(), LOOKUP)
        return _EPOCH + dt.timedelta(milliseconds=answer[0].timeInMillis) if answer else None

    reqCurrentTimeInMillis = blocking(reqCurrentTimeInMillisAsync)

    @call_on_loop
    def setServerLogLevel(self, logLevel: int) -> None:
        """Choose how much TWS logs about this client: 1 system, 2 error, 3 warning, 4 information, 5 detail."""
        self.client.send_message(connection.SetServerLogLevel(logLevel))

    async def reqConfigAsync(self) -> Config | None:
        """Return the settings of TWS, or None if the server refuses."""
        answer = await in_time(self, config.ReqConfig(self.client.next_id()), LOOKUP)
        return Config(answer[0].lockAndExit, answer[0].messages, answer[0].api, answer[0].orders) if answer else None

    reqConfig = blocking(reqConfigAsync)

    async def updateConfigAsync(
        self,
        changes: Config,
        acceptedWarnings: list[UpdateConfigWarning] | None = None,
        resetAPIOrderSequence: bool | None = None,
    ) -> ConfigUpdate | None:
        """Change those settings of TWS that are set in `changes`. Returns the outcome, or None if the server refuses.

        TWS may change nothing and return warnings. Then call again with those that you accept in `acceptedWarnings`.
        `resetAPIOrderSequence` has TWS begin anew with its order ids.
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

    # --- display groups -------------------------------------------------------------------------------------------

    async def queryDisplayGroupsAsync(self) -> list[int]:
        """Return the numbers of the display groups of TWS, most used first. Windows in one show the same contract."""
        answer = await in_time(self, display_groups.QueryDisplayGroups(self.client.next_id()), LOOKUP)
        return [int(number) for message in answer for number in message.groups.split("|") if number]

    queryDisplayGroups = blocking(queryDisplayGroupsAsync)

    @call_on_loop
    def subscribeToGroupEvents(self, groupId: int) -> DisplayGroup:
        """Subscribe to the contract that a display group shows. The result stays up to date; see its `updateEvent`."""
        group = DisplayGroup(self.client.next_id(), groupId)
        request = display_groups.SubscribeToGroupEvents(group.reqId, groupId)
        cancel = display_groups.UnsubscribeFromGroupEvents(group.reqId)
        self.dispatcher.subscribe(Subscription(Kind.DISPLAY_GROUP, request, cancel, group, restored_by=(request,)))
        return group

    @call_on_loop
    def updateDisplayGroup(self, group: DisplayGroup, contractInfo: str) -> None:
        """Have a display group show a contract, given as `conId@exchange`, or no contract, given as `none`."""
        self.client.send_message(display_groups.UpdateDisplayGroup(group.reqId, contractInfo))

    @call_on_loop
    def unsubscribeFromGroupEvents(self, group: DisplayGroup) -> None:
        """End the subscription to a display group. If there is none, or none any more, that is logged."""
        if not self.dispatcher.unsubscribe_target(group):
            _log.warning("unsubscribeFromGroupEvents: Display group %s is not subscribed", group.groupId)
