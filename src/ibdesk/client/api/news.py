"""How news are asked for and followed; not how they are kept."""

import datetime as dt

from ibdesk.client.api.deadlines import LOOKUP, REPORT, in_time
from ibdesk.client.api.group import ApiGroup, call_on_loop
from ibdesk.client.blocking import blocking
from ibdesk.client.state.news import headline
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.model.contract import TagValue
from ibdesk.model.reference import HistoricalNews, NewsArticle, NewsBulletin, NewsProvider, NewsTick
from ibdesk.model.times import formatIBDatetime
from ibdesk.wire.messages import news


class News(ApiGroup):
    """Read news. Source: TWS API documentation, "News"."""

    def newsTicks(self) -> list[NewsTick]:
        """The headlines that came with quotes subscribed with the generic tick 292, each with its `contract`.

        The list may be emptied.
        """
        return self.dispatcher.state.news.ticks

    def newsBulletins(self) -> list[NewsBulletin]:
        """The bulletins of IBKR that came."""
        return list(self.dispatcher.state.news.bulletins.values())

    async def reqNewsProvidersAsync(self) -> list[NewsProvider]:
        """The news services that the account subscribes to, with their codes.

        Without further subscriptions to news these are BRFG, BRFUPDN and DJNL.
        Source: TWS API documentation, "News Providers".
        """
        answer = await in_time(self, news.ReqNewsProviders(), LOOKUP)
        return [provider for message in answer for provider in message.newsProviders]

    reqNewsProviders = blocking(reqNewsProvidersAsync)

    async def reqNewsArticleAsync(
        self, providerCode: str, articleId: str, newsArticleOptions: list[TagValue] | None = None
    ) -> NewsArticle | None:
        """The body of an article; None when the server refuses it.

        `providerCode` and `articleId` are those of its headline: of `reqHistoricalNews`, or of a `NewsTick`.
        `articleType` of the result is 0 for text and HTML, and 1 for a PDF or other binary data, in base64.
        `newsArticleOptions`: for IBKR's own use. Source: TWS API documentation, "News Articles".
        """
        request = news.ReqNewsArticle(self.client.next_id(), providerCode, articleId, newsArticleOptions or [])
        answer = await in_time(self, request, REPORT)
        return NewsArticle(answer[0].articleType, answer[0].articleText) if answer else None

    reqNewsArticle = blocking(reqNewsArticleAsync)

    async def reqHistoricalNewsAsync(
        self,
        conId: int,
        providerCodes: str,
        startDateTime: str | dt.date,
        endDateTime: str | dt.date,
        totalResults: int,
        historicalNewsOptions: list[TagValue] | None = None,
    ) -> list[HistoricalNews]:
        """Headlines of the past about the contract with a `conId`.

        * `providerCodes`: those of `reqNewsProviders`, joined by `+`, as `BRFG+DJNL`. One that is not subscribed is
          refused (321).
        * `startDateTime`: from after this moment on, `endDateTime`: up to and with this one, both as in
          `reqHistoricalTicks`; either may be empty.
        * `totalResults`: at most so many, and never more than 300.
        * `historicalNewsOptions`: for IBKR's own use.

        Source: TWS API documentation, "Historical News Headlines".
        """
        request = news.ReqHistoricalNews(
            self.client.next_id(),
            conId,
            providerCodes,
            formatIBDatetime(startDateTime),
            formatIBDatetime(endDateTime),
            totalResults,
            historicalNewsOptions or [],
        )
        return [headline(message) for message in await in_time(self, request, REPORT)]

    reqHistoricalNews = blocking(reqHistoricalNewsAsync)

    @call_on_loop
    def reqNewsBulletins(self, allMessages: bool) -> None:
        """Subscribe to IBKR's bulletins; with `allMessages`, those of today come first. See `newsBulletinEvent`.

        `msgType` of a bulletin: 1 a message, 2 an exchange is not available, 3 it is available again.
        Source: TWS API documentation, "News Bulletins".
        """
        request, again = news.ReqNewsBulletins(allMessages), news.ReqNewsBulletins(False)
        self.dispatcher.subscribe(
            Subscription(Kind.NEWS_BULLETINS, request, news.CancelNewsBulletins(), restored_by=(again,))
        )

    @call_on_loop
    def cancelNewsBulletins(self) -> None:
        """End the subscription to bulletins."""
        self.client.subscriptions.end(news.ReqNewsBulletins)
        self.client.send_message(news.CancelNewsBulletins())
