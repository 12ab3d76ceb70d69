"""News as they appear: headlines, bulletins, groups of windows, and what is sent without an answer."""

import pytest
from client.asking import VERSIONS, connected

from ibdesk import Contract, Stock
from ibdesk.client.mirror.display_groups import DisplayGroup
from ibdesk.model.reference import NewsBulletin, NewsTick
from ibdesk.wire.messages import advisors, connection, display_groups, news
from ibdesk.wire.messages.market_data import ReqMktData
from ibdesk.wire.messages.news import HistoricalNews

versions = pytest.mark.parametrize("version", VERSIONS)


@versions
async def test_headlines(version: int) -> None:
    async with connected(version=version) as (ib, server):
        seen: list[NewsTick] = []
        ib.tickNewsEvent += seen.append
        server.send(news.TickNews(7, 1578657239000, "BRFUPDN", "BRFUPDN$1", "Bernstein initiated", "K:1.00"))
        await ib.updateEvent
        assert (
            seen == ib.newsTicks() == [NewsTick(1578657239000, "BRFUPDN", "BRFUPDN$1", "Bernstein initiated", "K:1.00")]
        )
        ib.disconnect()
        assert ib.newsTicks() == []


@versions
async def test_a_headline_tells_its_contract(version: int) -> None:
    """ib_async#110: which of the subscribed contracts a headline is about was lost."""
    async with connected(version=version) as (ib, server):
        apple, wire = Stock("AAPL", "SMART", "USD", conId=265598), Contract("NEWS", symbol="BRFG:BRFG_ALL")
        ib.reqMktData(apple, "mdoff,292")
        ib.reqMktData(wire, "mdoff,292")
        requests = await server.wait_for(ReqMktData, 2)
        seen: list[NewsTick] = []
        ib.tickNewsEvent += seen.append
        server.send(*(news.TickNews(one.reqId, 1578657239000, "BRFG", "BRFG$1", "Up", "") for one in requests))
        await ib.reqExecutionsAsync()
        assert [one.contract for one in seen] == [apple, wire]
        assert seen[0] == seen[1] and hash(seen[0]) == hash(seen[1])
        ib.cancelMktData(apple)
        server.send(news.TickNews(requests[0].reqId, 1578657239000, "BRFG", "BRFG$2", "Down", ""))
        await ib.reqExecutionsAsync()
        assert ib.newsTicks()[-1].contract is None


@versions
async def test_bulletins(version: int) -> None:
    async with connected(
        {news.ReqNewsBulletins: lambda m: [news.UpdateNewsBulletin(5, 2, "CBOE is down", "CBOE")] * 2}, version
    ) as (ib, server):
        seen: list[NewsBulletin] = []
        ib.newsBulletinEvent += seen.append
        ib.reqNewsBulletins(True)
        await server.wait_for(news.ReqNewsBulletins)
        await ib.reqExecutionsAsync()
        bulletin = NewsBulletin(5, 2, "CBOE is down", "CBOE")
        assert seen == [bulletin, bulletin]
        assert ib.newsBulletins() == [bulletin]
        assert server.of(news.ReqNewsBulletins) == [news.ReqNewsBulletins(True)]
        ib.cancelNewsBulletins()
        await server.wait_for(news.CancelNewsBulletins)


async def test_a_headline_without_a_time_ends_its_request() -> None:
    async with connected(
        {news.ReqHistoricalNews: lambda m: [HistoricalNews(m.reqId, "20191017", "BRFG", "BRFG$1", "IBM")]}
    ) as (ib, _):
        with pytest.raises(ValueError, match="without a time of day: '20191017'"):
            await ib.reqHistoricalNewsAsync(8314, "BRFG", "", "", 10)


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
