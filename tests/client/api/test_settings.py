"""Settings of the server, its clock, and the groups of its windows: each request in all its ends."""

import datetime as dt

from client.asking import Case, End, connected, each, versions

from ibdesk.client.state.display_groups import DisplayGroup
from ibdesk.model.config import ApiConfig, ApiSettingsConfig, Config, ConfigUpdate, UpdateConfigWarning
from ibdesk.wire.messages import advisors, config, connection, display_groups

SETTINGS = Config(api=ApiConfig(settings=ApiSettingsConfig(readOnlyApi=True, socketPort=7496)))


WARNING = UpdateConfigWarning(5, "title", "message")


CASES = [
    Case(
        lambda ib: ib.queryDisplayGroupsAsync(),
        display_groups.QueryDisplayGroups,
        lambda m: [display_groups.DisplayGroupList(m.reqId, "3|1|2")],
        [3, 1, 2],
        [],
    ),
    Case(
        lambda ib: ib.reqCurrentTimeInMillisAsync(),
        connection.ReqCurrentTimeInMillis,
        lambda m: [connection.CurrentTimeInMillis(1767366000123)],
        dt.datetime(2026, 1, 2, 15, 0, 0, 123000, dt.UTC),
        None,
        can_be_refused=False,
        versions=(200, 225),
    ),
    Case(
        lambda ib: ib.reqConfigAsync(),
        config.ReqConfig,
        lambda m: [config.ConfigResponse(m.reqId, api=SETTINGS.api)],
        SETTINGS,
        None,
        versions=(225,),
    ),
    Case(
        lambda ib: ib.updateConfigAsync(SETTINGS, [WARNING]),
        config.UpdateConfig,
        lambda m: [config.UpdateConfigResponse(m.reqId, "OK", "fine", ["readOnlyApi"], ["e"], m.acceptedWarnings)],
        ConfigUpdate("OK", "fine", ["readOnlyApi"], ["e"], [WARNING]),
        None,
        versions=(225,),
    ),
]


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)


@versions
async def test_a_display_group(version: int) -> None:
    async with connected(version=version) as (ib, server):
        group = ib.subscribeToGroupEvents(3)
        seen: list[str] = []
        group.updateEvent += lambda one: seen.append(one.contractInfo)
        (request,) = await server.wait_for(display_groups.SubscribeToGroupEvents)
        assert (request.reqId, request.groupId) == (group.reqId, group.groupId) == (group.reqId, 3)
        shows = [display_groups.DisplayGroupUpdated(group.reqId, what) for what in ("none", "265598@SMART")]
        server.send(*shows)
        await ib.reqExecutionsAsync()
        assert seen == ["none", "265598@SMART"]
        ib.updateDisplayGroup(group, "8314@SMART")
        ib.unsubscribeFromGroupEvents(group)
        await server.wait_for(display_groups.UnsubscribeFromGroupEvents)
        (update,) = server.of(display_groups.UpdateDisplayGroup)
        assert (update.reqId, update.contractInfo) == (group.reqId, "8314@SMART")
        server.send(*shows)
        await ib.reqExecutionsAsync()
        assert seen == ["none", "265598@SMART"]


async def test_a_refused_display_group_is_followed_no_more() -> None:
    async with connected(
        {display_groups.SubscribeToGroupEvents: lambda m: [connection.Error(m.reqId, 321, "no such group")]}
    ) as (ib, server):
        group = ib.subscribeToGroupEvents(9)
        await ib.errorEvent
        server.send(display_groups.DisplayGroupUpdated(group.reqId, "none"))
        await ib.reqExecutionsAsync()
        assert group.contractInfo == ""
        assert group != DisplayGroup(group.reqId, 9)


@versions
async def test_what_has_no_answer(version: int) -> None:
    async with connected(version=version) as (ib, server):
        ib.setServerLogLevel(5)
        ib.replaceFA(1, "<groups/>")
        (replaced,) = await server.wait_for(advisors.ReplaceFA)
        assert (replaced.faDataType, replaced.cxml) == (1, "<groups/>")
        assert server.of(connection.SetServerLogLevel) == [connection.SetServerLogLevel(5)]
