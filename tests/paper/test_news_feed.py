"""What the paper news feed says follows from the market, and is the same whenever it is asked for."""

from datetime import datetime, timedelta

import pytest

from ibdesk.model.contract import Future
from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.news_feed import ANALYSTS, COLUMNS, NEWSLETTERS, NewsFeed

AAPL, EURUSD, SPX, ES = 265598, 12087792, 416904, "ES"


@pytest.fixture
def news_feed(gateway):
    return NewsFeed(gateway.broker.market)


@pytest.fixture
def apple(gateway):
    return gateway.broker.market.instruments.by_con_id(AAPL)


def daily(gateway, instrument, what="TRADES"):
    bars = gateway.broker.market.bars(instrument.conId, gateway.now, "20 D", "1 day", what, True)
    return {bar.date: bar for bar in bars}


def test_a_day_has_its_opening_and_its_close(news_feed, apple, gateway):
    stories = news_feed.stories(apple, gateway.now - timedelta(days=7), gateway.now)
    bars = daily(gateway, apple)
    assert [story.published for story in stories] == sorted((s.published for s in stories), reverse=True)
    for story in stories:
        local = story.published.astimezone(NEW_YORK)
        bar = bars[local.date()]
        if story.provider == COLUMNS:
            assert f"{local:%H:%M}" == "09:32"
            assert f"opens at {bar.open:g}, " in story.headline
        elif story.provider == NEWSLETTERS:
            assert f"{local:%H:%M}" == "16:15"
            assert f"closes at {bar.close:g}, " in story.headline
            assert f"between {bar.low:g} and {bar.high:g}" in story.text
    # Wednesday at ten: no close of today yet, and five days before it.
    assert [story.provider for story in stories].count(NEWSLETTERS) == 5
    assert [story.provider for story in stories].count(COLUMNS) == 5


def test_a_week_begins_with_a_rating(news_feed, apple, gateway):
    stories = news_feed.stories(apple, gateway.now - timedelta(days=60), gateway.now)
    ratings = [story for story in stories if story.provider == ANALYSTS]
    assert {f"{story.published.astimezone(NEW_YORK):%H:%M}" for story in ratings} == {"08:30"}
    assert {story.published.weekday() for story in ratings} <= {0, 1}
    assert len(ratings) in (8, 9)
    for story in ratings:
        word = story.headline.split()[-1]
        assert word == "Neutral" or (word == "Outperform") == (story.sentiment > 0)
    assert len({story.headline.split()[-1] for story in ratings}) > 1


def test_sentiment_follows_the_move(news_feed, apple, gateway):
    for story in news_feed.stories(apple, gateway.now - timedelta(days=300), gateway.now):
        assert -1 <= story.sentiment <= 1
        if story.provider != ANALYSTS:
            percent = float(story.headline.rsplit(" ", 1)[1].rstrip("%"))
            assert story.sentiment == pytest.approx(max(-1, min(1, percent / 5)), abs=0.002)


def test_the_past_is_always_told_the_same(news_feed, apple, gateway):
    since, later = gateway.now - timedelta(days=30), gateway.now + timedelta(days=5, hours=7)
    known = news_feed.stories(apple, since, gateway.now)
    assert news_feed.stories(apple, since, later)[-len(known) :] == known
    middle = known[len(known) // 2].published
    newer, older = news_feed.stories(apple, middle, gateway.now), news_feed.stories(apple, since, middle)
    assert newer + older == known  # the start is left out and the end is not


def test_nothing_is_told_of_the_future_or_of_more_than_a_year_ago(news_feed, apple, gateway):
    everything = news_feed.stories(apple, gateway.now - timedelta(days=5000), gateway.now)
    assert gateway.now - timedelta(days=365) < everything[-1].published < gateway.now - timedelta(days=360)
    assert everything[0].published <= gateway.now
    assert news_feed.stories(apple, gateway.now, gateway.now) == []


def test_articles_are_found_by_their_ids(news_feed, apple, gateway):
    stories = news_feed.stories(apple, gateway.now - timedelta(days=20), gateway.now)
    assert len({story.articleId for story in stories}) == len(stories)
    for story in stories:
        assert news_feed.article(story.articleId, gateway.now) == story
        assert news_feed.article(story.articleId, story.published - timedelta(seconds=1)) is None
    for unknown in ("", "BRFG", "BRFG$0504e00000001", "BRFG$fffff00040d7e", stories[0].articleId + "0"):
        assert news_feed.article(unknown, gateway.now) is None


@pytest.mark.parametrize("conId", [EURUSD, SPX])
def test_pairs_and_indexes_are_reported_too(news_feed, gateway, conId):
    instrument = gateway.broker.market.instruments.by_con_id(conId)
    stories = news_feed.stories(instrument, gateway.now - timedelta(days=5), gateway.now)
    assert {story.provider for story in stories} == {COLUMNS, NEWSLETTERS, ANALYSTS}


def test_nothing_is_told_of_derivatives(news_feed, gateway):
    from ibdesk.model.contract import Future

    (row,) = gateway.broker.market.instruments.search(Future("ES", "202606", "CME"))
    future = gateway.broker.market.instruments.by_con_id(row.contract.conId)
    assert news_feed.stories(future, gateway.now - timedelta(days=5), gateway.now) == []


def test_bulletins_tell_of_the_day(news_feed):
    friday = datetime(2026, 4, 17, tzinfo=NEW_YORK)
    told = list(news_feed.bulletins(friday, friday + timedelta(days=4)))
    assert [bulletin.message.split(" on ")[1] for bulletin in told] == [
        "Friday, 17 April 2026.",
        "Friday, 17 April 2026.",
        "Monday, 20 April 2026.",
        "Monday, 20 April 2026.",
    ]
    assert ["begun" in bulletin.message for bulletin in told] == [True, False, True, False]
    assert len({bulletin.msgId for bulletin in told}) == 4
    opening = friday.replace(hour=9, minute=30)
    assert list(news_feed.bulletins(opening, opening + timedelta(hours=6))) == []
    assert list(news_feed.bulletins(opening - timedelta(seconds=1), opening)) == told[:1]


def test_another_seed_tells_another_story(apple, make_gateway, news_feed, gateway):
    from ibdesk.paper.market import Market

    other = NewsFeed(Market(2, gateway.now.date()))
    since = gateway.now - timedelta(days=7)
    assert other.stories(apple, since, gateway.now) != news_feed.stories(apple, since, gateway.now)


@pytest.mark.parametrize("con_id", [AAPL, EURUSD, SPX])
def test_the_next_story_is_announced(news_feed, gateway, con_id):
    """Nothing is published between a moment and the next one that is announced."""
    instrument = gateway.broker.market.instruments.by_con_id(con_id)
    begin = moment = gateway.now - timedelta(days=20)
    announced = []
    while moment < gateway.now:
        after = news_feed.next_story(instrument, moment)
        assert after > moment
        moment = after
        announced.append(moment)
    stories = news_feed.stories(instrument, begin, gateway.now)
    assert {story.published for story in stories} <= set(announced)
    assert len(announced) < 3 * 20


def test_there_are_no_stories_of_futures(news_feed, gateway):
    future = gateway.broker.market.resolve(Future("ES", "202606", "CME"), "")[1]
    assert news_feed.next_story(future, gateway.now) is None


def test_every_bulletin_is_announced(news_feed, gateway):
    begin = moment = gateway.now - timedelta(days=20)
    count = 0
    while (moment := news_feed.next_bulletin(moment)) <= gateway.now:
        assert len(list(news_feed.bulletins(begin, moment))) == 1
        begin, count = moment, count + 1
    assert count > 20
