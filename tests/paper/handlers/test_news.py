"""Who is told which news."""

from datetime import datetime

import pytest

from ibdesk.model.reference import NewsProvider
from ibdesk.paper.clock import NEW_YORK
from ibdesk.wire import versions as V
from ibdesk.wire.messages.news import (
    CancelNewsBulletins,
    HistoricalNews,
    HistoricalNewsEnd,
    NewsArticle,
    NewsProviders,
    ReqHistoricalNews,
    ReqNewsArticle,
    ReqNewsBulletins,
    ReqNewsProviders,
    UpdateNewsBulletin,
)

AAPL = 265598
ALL = "BRFG+BRFUPDN+DJNL"
OLD_AND_NEW = [V.MIN, V.MAX]


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_the_providers_that_everybody_has(gateway, version):
    (answer,) = gateway.connect(1, version).ask(ReqNewsProviders())
    assert answer == NewsProviders(
        [
            NewsProvider("BRFG", "Briefing.com General Market Columns"),
            NewsProvider("BRFUPDN", "Briefing.com Analyst Actions"),
            NewsProvider("DJNL", "Dow Jones Newsletters"),
        ]
    )


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_headlines_and_the_article_of_one(gateway, version):
    client = gateway.connect(1, version)
    *rows, end = client.ask(ReqHistoricalNews(4, AAPL, ALL, "", "", 5))
    assert end == HistoricalNewsEnd(4, True)
    assert len(rows) == 5
    assert rows[0].time == "2026-04-15 13:32:00.0"
    assert rows[0].headline.startswith("{K:")
    assert "}APPLE INC (AAPL) opens at " in rows[0].headline
    assert [row.time for row in rows] == sorted((row.time for row in rows), reverse=True)
    (article,) = client.ask(ReqNewsArticle(6, rows[0].providerCode, rows[0].articleId))
    assert isinstance(article, NewsArticle)
    assert (article.reqId, article.articleType) == (6, 0)
    assert rows[0].headline.partition("}")[2] in article.articleText


@pytest.mark.parametrize("spelled", ["{0:%Y-%m-%d %H:%M:%S}.0", "{0:%Y%m%d-%H:%M:%S}", "{0:%Y%m%d %H:%M:%S} UTC"])
def test_the_start_is_left_out_and_the_end_is_not(client, spelled):
    *rows, _ = client.ask(ReqHistoricalNews(4, AAPL, ALL, "", "", 9))
    start, stop = (spelled.format(datetime.fromisoformat(rows[place].time)) for place in (6, 2))
    *between, end = client.ask(ReqHistoricalNews(4, AAPL, ALL, start, stop, 300))
    assert between == rows[2:6]
    assert end == HistoricalNewsEnd(4, False)


def test_a_date_is_its_first_moment_in_utc(client):
    *rows, _ = client.ask(ReqHistoricalNews(4, AAPL, ALL, "20260414", "20260415", 300))
    assert {row.time[:10] for row in rows} == {"2026-04-14"}


def test_only_the_providers_that_are_asked_for(client):
    *rows, end = client.ask(ReqHistoricalNews(4, AAPL, "BRFUPDN", "", "", 3))
    assert [row.providerCode for row in rows] == ["BRFUPDN"] * 3
    assert end.hasMore


@pytest.mark.parametrize(("asked", "count"), [(1000, 300), (0, 0), (-1, 0)])
def test_three_hundred_headlines_at_most(client, asked, count):
    *rows, end = client.ask(ReqHistoricalNews(4, AAPL, ALL, "", "", asked))
    assert len(rows) == count
    assert all(isinstance(row, HistoricalNews) for row in rows)
    assert end.hasMore


def test_nothing_is_told_of_the_future(client):
    *rows, _ = client.ask(ReqHistoricalNews(4, AAPL, ALL, "", "20270101-00:00:00", 1))
    assert rows[0].time == "2026-04-15 13:32:00.0"


@pytest.mark.parametrize(
    ("request_", "code", "text"),
    [
        (
            ReqHistoricalNews(4, AAPL, "BRFG+BZ", "", "", 5),
            321,
            "Error validating request.-'cg' : cause - Not subscribed for 'BZ' provider",
        ),
        (
            ReqHistoricalNews(4, AAPL, "BRFG", "soon", "", 5),
            321,
            "Error validating request.-'cg' : cause - Invalid start date/time - soon",
        ),
        (
            ReqHistoricalNews(4, AAPL, "BRFG", "", "late", 5),
            321,
            "Error validating request.-'cg' : cause - Invalid end date/time - late",
        ),
        (
            ReqHistoricalNews(4, 1, "BRFG", "", "", 5),
            200,
            "No security definition has been found for the request",
        ),
        (ReqNewsArticle(4, "BZ", "BZ$1"), 10172, "Failed to request news article:Not allowed"),
        (ReqNewsArticle(4, "BRFG", "BRFG$1"), 10172, "Failed to request news article: No data available"),
    ],
)
def test_refusals(client, request_, code, text):
    (answer,) = client.ask(request_)
    assert (answer.reqId, answer.errorCode, answer.errorString) == (4, code, text)


def test_an_article_belongs_to_one_provider(client):
    row, _ = client.ask(ReqHistoricalNews(4, AAPL, "DJNL", "", "", 1))
    (answer,) = client.ask(ReqNewsArticle(5, "BRFG", row.articleId))
    assert answer.errorCode == 10172


@pytest.mark.parametrize("version", OLD_AND_NEW)
def test_bulletins_of_today_and_from_now_on(make_gateway, version):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, tzinfo=NEW_YORK))
    curious, patient = gateway.connect(1, version), gateway.connect(2, version)
    (begun,) = curious.ask(ReqNewsBulletins(True))
    assert isinstance(begun, UpdateNewsBulletin)
    assert (begun.msgType, begun.origExchange) == (1, "NYSE")
    assert begun.message == "Regular trading of US stocks has begun on Wednesday, 15 April 2026."
    assert patient.ask(ReqNewsBulletins(False)) == []
    gateway.wait(30)
    assert curious.heard() == patient.heard() == []
    gateway.wait(31)
    (ended,) = curious.heard()
    assert "has ended on" in ended.message
    assert patient.heard() == [ended]
    assert ended.msgId == begun.msgId + 1
    gateway.wait(60)
    assert curious.heard() == patient.heard() == []


@pytest.mark.parametrize("leave", [True, False], ids=["cancels", "goes"])
def test_bulletins_end(make_gateway, leave):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqNewsBulletins(False))
    assert gateway.router.next_due is not None
    if leave:
        assert client.ask(CancelNewsBulletins(), CancelNewsBulletins()) == []
    else:
        gateway.router.disconnect(client.seat)
    assert gateway.router.next_due is None
    gateway.wait(120)
    assert client.heard() == []


def test_a_client_that_does_not_read_gets_its_bulletins_later(make_gateway):
    gateway = make_gateway(datetime(2026, 4, 15, 15, 59, tzinfo=NEW_YORK))
    client = gateway.connect(1)
    client.ask(ReqNewsBulletins(False))
    client.seat.is_congested = True
    gateway.wait(120)
    assert client.heard() == []
    client.seat.is_congested = False
    gateway.wait(0)
    assert len(client.heard()) == 1
