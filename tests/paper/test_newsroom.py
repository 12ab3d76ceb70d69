"""What the paper news feed says follows from the market, and is the same whenever it is asked for."""

from datetime import datetime, timedelta

import pytest

from ibdesk.paper.clock import NEW_YORK
from ibdesk.paper.newsroom import ANALYSTS, COLUMNS, NEWSLETTERS, Newsroom

AAPL, EURUSD, SPX, ES = 265598, 12087792, 416904, "ES"


@pytest.fixture
def newsroom(floor):
    return Newsroom(floor.world.market)


@pytest.fixture
def apple(floor):
    return floor.world.market.instruments.by_con_id(AAPL)


def daily(floor, instrument, what="TRADES"):
    bars = floor.world.market.bars(instrument.conId, floor.now, "20 D", "1 day", what, True)
    return {bar.date: bar for bar in bars}


def test_a_day_has_its_opening_and_its_close(newsroom, apple, floor):
    stories = newsroom.stories(apple, floor.now - timedelta(days=7), floor.now)
    bars = daily(floor, apple)
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


def test_a_week_begins_with_a_rating(newsroom, apple, floor):
    stories = newsroom.stories(apple, floor.now - timedelta(days=60), floor.now)
    ratings = [story for story in stories if story.provider == ANALYSTS]
    assert {f"{story.published.astimezone(NEW_YORK):%H:%M}" for story in ratings} == {"08:30"}
    assert {story.published.weekday() for story in ratings} <= {0, 1}
    assert len(ratings) in (8, 9)
    for story in ratings:
        word = story.headline.split()[-1]
        assert word == "Neutral" or (word == "Outperform") == (story.sentiment > 0)
    assert len({story.headline.split()[-1] for story in ratings}) > 1


def test_sentiment_follows_the_move(newsroom, apple, floor):
    for story in newsroom.stories(apple, floor.now - timedelta(days=300), floor.now):
        assert -1 <= story.sentiment <= 1
        if story.provider != ANALYSTS:
            percent = float(story.headline.rsplit(" ", 1)[1].rstrip("%"))
            assert story.sentiment == pytest.approx(max(-1, min(1, percent / 5)), abs=0.002)


def test_the_past_is_always_told_the_same(newsroom, apple, floor):
    since, later = floor.now - timedelta(days=30), floor.now + timedelta(days=5, hours=7)
    known = newsroom.stories(apple, since, floor.now)
    assert newsroom.stories(apple, since, later)[-len(known) :] == known
    middle = known[len(known) // 2].published
    newer, older = newsroom.stories(apple, middle, floor.now), newsroom.stories(apple, since, middle)
    assert newer + older == known  # the start is left out and the end is not


def test_nothing_is_told_of_the_future_or_of_more_than_a_year_ago(newsroom, apple, floor):
    everything = newsroom.stories(apple, floor.now - timedelta(days=5000), floor.now)
    assert floor.now - timedelta(days=365) < everything[-1].published < floor.now - timedelta(days=360)
    assert everything[0].published <= floor.now
    assert newsroom.stories(apple, floor.now, floor.now) == []


def test_articles_are_found_by_their_ids(newsroom, apple, floor):
    stories = newsroom.stories(apple, floor.now - timedelta(days=20), floor.now)
    assert len({story.articleId for story in stories}) == len(stories)
    for story in stories:
        assert newsroom.article(story.articleId, floor.now) == story
        assert newsroom.article(story.articleId, story.published - timedelta(seconds=1)) is None
    for unknown in ("", "BRFG", "BRFG$0504e00000001", "BRFG$fffff00040d7e", stories[0].articleId + "0"):
        assert newsroom.article(unknown, floor.now) is None


@pytest.mark.parametrize("conId", [EURUSD, SPX])
def test_pairs_and_indexes_are_reported_too(newsroom, floor, conId):
    instrument = floor.world.market.instruments.by_con_id(conId)
    stories = newsroom.stories(instrument, floor.now - timedelta(days=5), floor.now)
    assert {story.provider for story in stories} == {COLUMNS, NEWSLETTERS, ANALYSTS}


def test_nothing_is_told_of_derivatives(newsroom, floor):
    from ibdesk.model.contract import Future

    (row,) = floor.world.market.instruments.search(Future("ES", "202606", "CME"))
    future = floor.world.market.instruments.by_con_id(row.contract.conId)
    assert newsroom.stories(future, floor.now - timedelta(days=5), floor.now) == []


def test_bulletins_tell_of_the_day(newsroom):
    friday = datetime(2026, 4, 17, tzinfo=NEW_YORK)
    told = list(newsroom.bulletins(friday, friday + timedelta(days=4)))
    assert [bulletin.message.split(" on ")[1] for bulletin in told] == [
        "Friday, 17 April 2026.",
        "Friday, 17 April 2026.",
        "Monday, 20 April 2026.",
        "Monday, 20 April 2026.",
    ]
    assert ["begun" in bulletin.message for bulletin in told] == [True, False, True, False]
    assert len({bulletin.msgId for bulletin in told}) == 4
    opening = friday.replace(hour=9, minute=30)
    assert list(newsroom.bulletins(opening, opening + timedelta(hours=6))) == []
    assert list(newsroom.bulletins(opening - timedelta(seconds=1), opening)) == told[:1]


def test_another_seed_tells_another_story(apple, make_floor, newsroom, floor):
    from ibdesk.paper.market import Market

    other = Newsroom(Market(2, floor.now.date()))
    since = floor.now - timedelta(days=7)
    assert other.stories(apple, since, floor.now) != newsroom.stories(apple, since, floor.now)
