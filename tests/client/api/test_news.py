"""Headlines, bulletins, articles: as they appear, and asked for."""

import datetime as dt
from typing import Any

import pytest
from client.asking import Case, End, connected, each, versions

from ibdesk import Stock
from ibdesk.model.contract import Contract
from ibdesk.model.reference import HistoricalNews, NewsArticle, NewsBulletin, NewsProvider, NewsTick
from ibdesk.wire.messages import news
from ibdesk.wire.messages.market_data import ReqMktData

HEADLINE = HistoricalNews(dt.datetime(2019, 10, 17, 14, 46, 6, tzinfo=dt.UTC), "BRFG", "BRFG$1", "IBM is up")

CASES = [
    Case(
        lambda ib: ib.reqNewsProvidersAsync(),
        news.ReqNewsProviders,
        lambda m: [news.NewsProviders([NewsProvider("BRFG", "Briefing.com")])],
        [NewsProvider("BRFG", "Briefing.com")],
        [],
        can_be_refused=False,
    ),
    Case(
        lambda ib: ib.reqNewsArticleAsync("BRFG", "BRFG$1"),
        news.ReqNewsArticle,
        lambda m: [news.NewsArticle(m.reqId, 0, "<html>")],
        NewsArticle(0, "<html>"),
        None,
    ),
    Case(
        lambda ib: ib.reqHistoricalNewsAsync(8314, "BRFG", "", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), 10),
        news.ReqHistoricalNews,
        lambda m: [
            news.HistoricalNews(m.reqId, "2019-10-17 14:46:06.0", "BRFG", "BRFG$1", "IBM is up"),
            news.HistoricalNewsEnd(m.reqId, True),
        ],
        [HEADLINE],
        [],
    ),
]


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
    def answer(message: Any) -> list[Any]:
        dated = news.HistoricalNews(message.reqId, "20191017", "BRFG", "BRFG$1", "IBM")
        return [dated, news.HistoricalNewsEnd(message.reqId, False)]

    async with connected({news.ReqHistoricalNews: answer}) as (ib, _):
        with pytest.raises(ValueError, match="without a time of day: '20191017'"):
            await ib.reqHistoricalNewsAsync(8314, "BRFG", "", "", 10)


@each(CASES)
async def test_each_request_ends(end: End, case: Case, version: int) -> None:
    await end(case, version)
