"""What the paper news feed reports, as a function of the market.

There is no news service behind it: the feed reports the paper market itself, so that headlines, articles and bulletins
can be asked for, and come out the same from the same seed. For every trading day of a stock, an index or a currency
pair it says at what price it opened (Briefing.com, two minutes later) and closed (Dow Jones, fifteen minutes later),
and an hour before the first opening of a week it rates it by the week that has gone by (Briefing.com's analysts). The
bulletins tell of the beginning and the end of regular trading in New York. The feed goes back one year.

Names and codes of the services are those that every account has at IBKR.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from ibdesk.model.reference import NewsBulletin

from .instruments import Instrument, Refusal, sessions
from .market import Bar, Market

COLUMNS, ANALYSTS, NEWSLETTERS = "BRFG", "BRFUPDN", "DJNL"

PROVIDERS = {
    COLUMNS: "Briefing.com General Market Columns",
    ANALYSTS: "Briefing.com Analyst Actions",
    NEWSLETTERS: "Dow Jones Newsletters",
}
"""The services that everybody has, by their codes."""

REPORTED = ("STK", "IND", "CASH")
"""The security types of which there are news."""

_AFTER_OPEN, _AFTER_CLOSE, _BEFORE_OPEN = timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1)
_YEAR = timedelta(days=365)
_FORTNIGHT = timedelta(days=14)
_ARTICLE_ID = re.compile(r"([A-Z]+)\$([0-9a-f]{5})([0-9a-f]{8})")
_EPOCH = date(1970, 1, 1)
_GREAT_MOVE = 5.0
_GOOD_WEEK = 2.0
_REGULAR = 1


@dataclass(frozen=True, slots=True)
class Story:
    """A headline and what is below it. `sentiment` goes from -1 to 1."""

    published: datetime
    provider: str
    articleId: str
    headline: str
    sentiment: float
    text: str


class _Day(NamedTuple):
    """A trading day, what it brought, and what the days before did: the last is the day before."""

    opens: datetime
    closes: datetime
    bar: Bar
    before: list[Bar]


class NewsFeed:
    """Everything that is reported of one market."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def stories(self, instrument: Instrument, since: datetime, until: datetime) -> list[Story]:
        """Return what was published after `since` and up to `until`, the newest first; nothing from before the year."""
        since = max(since, until - _YEAR)
        if instrument.secType not in REPORTED or since >= until:
            return []
        found = [story for day in self._days(instrument, since, until) for story in _reports(instrument, day)]
        known = (story for story in found if since < story.published <= until)
        return sorted(known, key=lambda story: story.published, reverse=True)

    def next_story(self, instrument: Instrument, after: datetime) -> datetime | None:
        """Return the first moment after `after` (aware) at which a story may be published; None if there never is."""
        if instrument.secType not in REPORTED:
            return None
        day = after.date() - timedelta(days=2)
        moments: list[datetime] = []
        while not moments:
            legs = sessions(instrument.kind.hours, day, day + _FORTNIGHT, regular=True)
            for leg in legs:
                moments += [leg.start - _BEFORE_OPEN, leg.start + _AFTER_OPEN, leg.end + _AFTER_CLOSE]
            moments = [moment for moment in moments if moment > after]
            day += _FORTNIGHT
        return min(moments)

    def article(self, articleId: str, now: datetime) -> Story | None:
        """Return the story with an id, if it has been published by `now`."""
        match = _ARTICLE_ID.fullmatch(articleId)
        instrument = self._market.instruments.by_con_id(int(match[3], 16)) if match else None
        if match is None or instrument is None:
            return None
        noon = datetime.combine(_EPOCH + timedelta(days=int(match[2], 16)), datetime.min.time(), UTC)
        around = self.stories(instrument, noon - timedelta(days=2), min(now, noon + timedelta(days=3)))
        return next((story for story in around if story.articleId == articleId), None)

    def bulletins(self, since: datetime, until: datetime) -> Iterator[NewsBulletin]:
        """Yield what was announced after `since` and up to `until`, in order."""
        for session in sessions("us_stock", since.date() - timedelta(days=1), until.date(), regular=True):
            number = 2 * (session.day - _EPOCH).days
            for msgId, moment, what in ((number, session.start, "begun"), (number + 1, session.end, "ended")):
                if since < moment <= until:
                    text = f"Regular trading of US stocks has {what} on {session.day:%A, %d %B %Y}."
                    yield NewsBulletin(msgId, _REGULAR, text, "NYSE")

    def next_bulletin(self, after: datetime) -> datetime:
        """Return the first moment after `after` (aware) at which a bulletin is published."""
        day, moments = after.date() - timedelta(days=1), list[datetime]()
        while not moments:
            found = sessions("us_stock", day, day + _FORTNIGHT, regular=True)
            moments = [moment for each in found for moment in (each.start, each.end) if moment > after]
            day += _FORTNIGHT
        return min(moments)

    def _days(self, instrument: Instrument, since: datetime, until: datetime) -> Iterator[_Day]:
        first, last = since.date() - timedelta(days=2), until.date() + timedelta(days=2)
        legs = sessions(instrument.kind.hours, first, last, regular=True)
        count = (last - first).days + 7  # enough trading days for a week before the first
        what = "MIDPOINT" if instrument.secType == "CASH" else "TRADES"
        # The rating of a day comes before its opening, so its bar is wanted even when it has not begun.
        end = until + timedelta(days=2)
        try:
            bars = self._market.bars(instrument.conId, end, f"{min(count, 365)} D", "1 day", what, True)
        except Refusal:  # there are no prices of which anything could be told
            return
        positions = {bar.date: place for place, bar in enumerate(bars)}
        for day in dict.fromkeys(leg.day for leg in legs):
            place = positions.get(day)
            if place:
                spans = [leg for leg in legs if leg.day == day]
                yield _Day(spans[0].start, spans[-1].end, bars[place], bars[max(place - 6, 0) : place])


def _reports(instrument: Instrument, day: _Day) -> Iterator[Story]:
    """Yield what is reported of one day: its opening and its close, and on the first of a week a rating."""
    name, yesterday = f"{instrument.longName or instrument.localSymbol} ({instrument.symbol})", day.before[-1]
    gap, move = _percent(day.bar.open, yesterday.close), _percent(day.bar.close, yesterday.close)
    yield _story(
        instrument,
        day,
        (COLUMNS, day.opens + _AFTER_OPEN, gap),
        f"{name} opens at {day.bar.open:g}, {gap:+.2f}%",
        f"The day before it closed at {yesterday.close:g}.",
    )
    yield _story(
        instrument,
        day,
        (NEWSLETTERS, day.closes + _AFTER_CLOSE, move),
        f"{name} closes at {day.bar.close:g}, {move:+.2f}%",
        f"It traded between {day.bar.low:g} and {day.bar.high:g}; the day before it closed at {yesterday.close:g}.",
    )
    if len(day.before) > 1 and _week(yesterday) != _week(day.bar):
        week = _percent(yesterday.close, day.before[0].close)
        rating = "Neutral" if abs(week) < _GOOD_WEEK else "Outperform" if week > 0 else "Underperform"
        yield _story(
            instrument,
            day,
            (ANALYSTS, day.opens - _BEFORE_OPEN, week),
            f"Paper Research rates {name} {rating}",
            f"Over the week before, its price changed by {week:+.2f}%.",
        )


def _story(instrument: Instrument, day: _Day, how: tuple[str, datetime, float], headline: str, detail: str) -> Story:
    provider, published, percent = how
    number = (_date(day.bar) - _EPOCH).days
    sentiment = max(-1.0, min(1.0, percent / _GREAT_MOVE))
    text = f"<html><body><h1>{headline}</h1><p>{detail}</p></body></html>"
    return Story(published, provider, f"{provider}${number:05x}{instrument.conId:08x}", headline, sentiment, text)


def _percent(now: float, before: float) -> float:
    return 100 * (now / before - 1)


def _date(bar: Bar) -> date:
    assert not isinstance(bar.date, datetime)
    return bar.date


def _week(bar: Bar) -> int:
    return _date(bar).isocalendar().week
