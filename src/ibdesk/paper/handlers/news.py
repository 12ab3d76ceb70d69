"""Answers with news: headlines, articles, bulletins."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ibdesk import codes
from ibdesk.model.reference import NewsBulletin, NewsProvider
from ibdesk.model.times import parseIBDatetime
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

from ..broker import Broker
from ..client import Client
from ..instruments import Invalid, NoDefinition, Refusal
from ..news_feed import PROVIDERS, NewsFeed
from ..timers import Timer
from .group import NewTimer, SubscriptionHandlers, answers

MOST_HEADLINES = 300
"""In one answer. Source: TWS API documentation, "Historical News Headlines"."""

TAG = "cg"
REFUSED_ARTICLE = 10172
_LONG_AGO = timedelta(days=36_500)
_HTML = 0


@dataclass(eq=False)
class Reader:
    """A subscription to bulletins. Those up to `told` have been told."""

    client: Client
    told: datetime
    timer: Timer

    def end(self) -> None:
        """Tell the client nothing more."""
        self.timer.stop()


class NewsHandlers(SubscriptionHandlers[Reader]):
    """Every subscription to bulletins; the rest is answered at once."""

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._news_feed = NewsFeed(broker.market)

    @answers(ReqNewsProviders)
    def _providers(self, client: Client, request: ReqNewsProviders) -> None:
        client.send(NewsProviders([NewsProvider(code, name) for code, name in PROVIDERS.items()]))

    @answers(ReqNewsArticle)
    def _article(self, client: Client, request: ReqNewsArticle) -> None:
        if request.providerCode not in PROVIDERS:
            raise Refusal(REFUSED_ARTICLE, codes.text(REFUSED_ARTICLE, detail="Not allowed"))
        story = self._news_feed.article(request.articleId, self._broker.now)
        if story is None or story.provider != request.providerCode:
            raise Refusal(REFUSED_ARTICLE, codes.text(REFUSED_ARTICLE, detail=" No data available"))
        client.send(NewsArticle(request.reqId, _HTML, story.text))

    @answers(ReqHistoricalNews)
    def _headlines(self, client: Client, request: ReqHistoricalNews) -> None:
        now, wanted = self._broker.now, request.providerCodes.split("+")
        for code in wanted:
            if code not in PROVIDERS:
                raise Invalid(TAG, f"Not subscribed for '{code}' provider")
        since = _moment(request.startDateTime, "start") or now - _LONG_AGO
        until = min(_moment(request.endDateTime, "end") or now, now)
        instrument = self._broker.market.instruments.by_con_id(request.conId)
        if instrument is None:
            raise NoDefinition
        stories = [story for story in self._news_feed.stories(instrument, since, until) if story.provider in wanted]
        shown = stories[: max(0, min(request.totalResults, MOST_HEADLINES))]
        for story in shown:
            headline = f"{{K:{story.sentiment:.2f}}}{story.headline}"
            moment = f"{story.published.astimezone(UTC):%Y-%m-%d %H:%M:%S}.0"
            client.send(HistoricalNews(request.reqId, moment, story.provider, story.articleId, headline))
        client.send(HistoricalNewsEnd(request.reqId, len(shown) < len(stories)))

    @answers(ReqNewsBulletins)
    def _subscribe(self, client: Client, request: ReqNewsBulletins) -> None:
        now = self._broker.now
        since = datetime.combine(now.date(), time(), now.tzinfo) if request.allMsgs else now
        self._close((client,))
        reader = self._open[client,] = Reader(client, since, self._new_timer(lambda: self._tell(reader)))
        self._tell(reader)

    @answers(CancelNewsBulletins)
    def _cancel(self, client: Client, request: CancelNewsBulletins) -> None:
        self._close((client,))

    def _tell(self, reader: Reader) -> None:
        """Send the bulletins that have come since."""
        if reader.client.hold_back(reader.timer):
            return
        for bulletin in self._news_feed.bulletins(reader.told, self._broker.now):
            reader.client.send(_told(bulletin))
        reader.told = self._broker.now
        reader.timer.set(self._news_feed.next_bulletin(reader.told))


def _told(bulletin: NewsBulletin) -> UpdateNewsBulletin:
    return UpdateNewsBulletin(bulletin.msgId, bulletin.msgType, bulletin.message, bulletin.origExchange)


def _moment(text: str, which: str) -> datetime | None:
    """Return the moment that a text names, in UTC where it names no zone; None when it is empty."""
    if not text:
        return None
    try:
        found: date = parseIBDatetime(text, UTC)
    except ValueError:
        raise Invalid(TAG, f"Invalid {which} date/time - {text}") from None
    return found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)
