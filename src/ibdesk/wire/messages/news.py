"""Messages of news: bulletins, providers, headlines and articles."""

from dataclasses import field

from ibdesk.model.contract import TagValue
from ibdesk.model.reference import NewsProvider
from ibdesk.wire import versions as V
from ibdesk.wire.catalogue import from_client, from_server
from ibdesk.wire.layout import many, pairs, record, refs, repeat, spelled
from ibdesk.wire.scalars import OPTIONS, MomentText

_provider = refs(NewsProvider)


@from_client(12, version=1, protobuf=V.PROTOBUF_NEWS_DATA)
class ReqNewsBulletins:
    """Subscribe to IBKR's bulletins. With `allMsgs`, those of today come first."""

    allMsgs: bool


@from_client(13, version=1, protobuf=V.PROTOBUF_NEWS_DATA)
class CancelNewsBulletins:
    """End the subscription to bulletins."""


@from_server(14, version=1, protobuf=V.PROTOBUF_NEWS_DATA)
class UpdateNewsBulletin:
    """A bulletin of IBKR. `msgType`: 1 regular, 2 an exchange is not available, 3 it is available again."""

    msgId: int
    msgType: int
    message: str
    origExchange: str


@from_client(84, protobuf=V.PROTOBUF_NEWS_DATA, text=(
    "reqId", "providerCode", "articleId", spelled(OPTIONS, "newsArticleOptions"),
), tags={1: "reqId", 2: "providerCode", 3: "articleId", 4: pairs("newsArticleOptions")})  # fmt: skip
class ReqNewsArticle:
    """Ask for the body of an article. `articleId` comes from its headline."""

    reqId: int
    providerCode: str
    articleId: str
    newsArticleOptions: list[TagValue] = field(default_factory=list)


@from_server(83, answers=ReqNewsArticle, protobuf=V.PROTOBUF_NEWS_DATA)
class NewsArticle:
    """The body of an article. `articleType` is 0 for text or HTML and 1 for binary data in base64."""

    reqId: int
    articleType: int
    articleText: str


# A headline answers a request for quotes, but becomes protobuf in the version of the news messages.
@from_server(84, protobuf=V.PROTOBUF_NEWS_DATA)
class TickNews:
    """A new headline about a contract whose quotes are subscribed with the generic tick 292.

    `timeStamp` is in milliseconds since 1970. `extraData` is `K:` and the sentiment, from -1 to 1, or `n/a`.
    """

    reqId: int
    timeStamp: int
    providerCode: str
    articleId: str
    headline: str
    extraData: str


@from_client(85, protobuf=V.PROTOBUF_NEWS_DATA)
class ReqNewsProviders:
    """Ask which news services the account subscribes to."""


@from_server(85, answers=ReqNewsProviders, protobuf=V.PROTOBUF_NEWS_DATA, text=(
    many("newsProviders", NewsProvider, _provider.code, _provider.name),
), tags={1: repeat("newsProviders", record(NewsProvider, {1: _provider.code, 2: _provider.name}))})  # fmt: skip
class NewsProviders:
    """The news services that the account subscribes to."""

    newsProviders: list[NewsProvider]


@from_client(86, protobuf=V.PROTOBUF_NEWS_DATA, text=(
    "reqId",
    "conId",
    "providerCodes",
    "startDateTime",
    "endDateTime",
    "totalResults",
    spelled(OPTIONS, "historicalNewsOptions"),
), tags={
    1: "reqId",
    2: "conId",
    3: "providerCodes",
    4: "startDateTime",
    5: "endDateTime",
    6: "totalResults",
    7: pairs("historicalNewsOptions"),
})  # fmt: skip
class ReqHistoricalNews:
    """Ask for past headlines: at most `totalResults`, and never more than 300.

    `providerCodes` are joined by `+`. The headlines are later than `startDateTime` and not later than `endDateTime`.
    Source: TWS API documentation, "Historical News Headlines".
    """

    reqId: int
    conId: int
    providerCodes: str
    startDateTime: MomentText
    endDateTime: MomentText
    totalResults: int
    historicalNewsOptions: list[TagValue] = field(default_factory=list)


@from_server(86, part_of=ReqHistoricalNews, protobuf=V.PROTOBUF_NEWS_DATA)
class HistoricalNews:
    """A past headline. `time` is in UTC: `2019-10-17 14:46:06.0`."""

    reqId: int
    time: str
    providerCode: str
    articleId: str
    headline: str


@from_server(87, ends=ReqHistoricalNews, protobuf=V.PROTOBUF_NEWS_DATA)
class HistoricalNewsEnd:
    """All headlines of an answer have been sent. `hasMore` tells that there are older ones."""

    reqId: int
    hasMore: bool
