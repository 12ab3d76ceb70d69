"""Methods of `IB` about news: headlines, articles, providers and IBKR's bulletins."""

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
    """Headlines, articles and bulletins. Source: TWS API documentation, "News"."""

    def newsTicks(self) -> list[NewsTick]:
        """Return the headlines that have come with quotes for which generic tick 292 was requested.

        Each has the `contract` that it is about. It is the list itself, and you may clear it.
        """
        return self.dispatcher.state.news.ticks

    def newsBulletins(self) -> list[NewsBulletin]:
        """Return the bulletins of IBKR that have come."""
        return list(self.dispatcher.state.news.bulletins.values())

    async def reqNewsProvidersAsync(self) -> list[NewsProvider]:
        """Return the news providers that the account is subscribed to, with their codes.

        Without any further subscription these are BRFG, BRFUPDN and DJNL.
        Source: TWS API documentation, "News Providers".
        """
        answer = await in_time(self, news.ReqNewsProviders(), LOOKUP)
        return [provider for message in answer for provider in message.newsProviders]

    reqNewsProviders = blocking(reqNewsProvidersAsync)

    async def reqNewsArticleAsync(
        self, providerCode: str, articleId: str, newsArticleOptions: list[TagValue] | None = None
    ) -> NewsArticle | None:
        """Return an article, or None if the server refuses.

        `providerCode` and `articleId` are those of its headline, from `reqHistoricalNews` or a `NewsTick`. The
        `articleType` of the result is 0 for text or HTML, and 1 for a PDF or other binary data in base64.
        `newsArticleOptions` are for IBKR's own use. Source: TWS API documentation, "News Articles".
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
        """Return past headlines about the contract with this `conId`.

        * `providerCodes`: codes from `reqNewsProviders`, joined by `+`, as in `BRFG+DJNL`. The server refuses one to
          which the account is not subscribed (error 321).
        * `startDateTime` and `endDateTime`: the headlines are later than the first, and not later than the second. They
          are given as in `reqHistoricalTicks`, and either may be empty.
        * `totalResults`: the largest number of headlines to return. There are never more than 300.
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
        """Subscribe to IBKR's bulletins. With `allMessages`, those of today come first. See `newsBulletinEvent`.

        The `msgType` of a bulletin is 1 for a message, 2 if an exchange is not available, and 3 if it is again.
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
