"""How the messages of news are held against the outside clients."""

from typing import Any

from conformance.domain import Arguments, Domain, Request, callback, fields
from conformance.exceptions import Avoided
from conformance.strategies import LONGS, TAG_VALUES, few, noun
from oracles import Official

from ibdesk.model.reference import NewsProvider
from ibdesk.wire.messages import news as messages


def _with_options(*names: str) -> Arguments:
    """These fields as they are, but for the last, which holds options."""

    def arguments(oracle: Official, message: Any, version: int) -> tuple[Any, ...]:
        *plain, options = (getattr(message, name) for name in names)
        return (*plain, oracle.tag_values(options))

    return arguments


DOMAIN = Domain(
    requests={
        messages.ReqNewsBulletins: Request("reqNewsBulletins", fields("allMsgs"), "NewsBulletinsRequest"),
        messages.CancelNewsBulletins: Request("cancelNewsBulletins", fields(), "CancelNewsBulletins"),
        messages.ReqNewsArticle: Request(
            "reqNewsArticle",
            _with_options("reqId", "providerCode", "articleId", "newsArticleOptions"),
            "NewsArticleRequest",
        ),
        messages.ReqNewsProviders: Request("reqNewsProviders", fields(), "NewsProvidersRequest"),
        messages.ReqHistoricalNews: Request(
            "reqHistoricalNews",
            _with_options(
                "reqId",
                "conId",
                "providerCodes",
                "startDateTime",
                "endDateTime",
                "totalResults",
                "historicalNewsOptions",
            ),
            "HistoricalNewsRequest",
        ),
    },
    answers={
        messages.UpdateNewsBulletin: callback("updateNewsBulletin", "msgId", "msgType", "message", "origExchange"),
        messages.NewsArticle: callback("newsArticle", "reqId", "articleType", "articleText"),
        messages.TickNews: callback(
            "tickNews", "reqId", "timeStamp", "providerCode", "articleId", "headline", "extraData"
        ),
        messages.NewsProviders: callback("newsProviders", "newsProviders"),
        messages.HistoricalNews: callback("historicalNews", "reqId", "time", "providerCode", "articleId", "headline"),
        messages.HistoricalNewsEnd: callback("historicalNewsEnd", "reqId", "hasMore"),
    },
    values={
        messages.ReqNewsArticle: {"newsArticleOptions": TAG_VALUES},
        messages.ReqHistoricalNews: {"historicalNewsOptions": TAG_VALUES},
        messages.TickNews: {"timeStamp": LONGS},
        messages.NewsProviders: {"newsProviders": few(noun(NewsProvider))},
    },
    schemas={
        messages.UpdateNewsBulletin: "NewsBulletin",
    },
    exceptions=(
        Avoided(
            messages.ReqHistoricalNews,
            "historicalNewsOptions",
            ("10.37.2", "10.30.1", "10.19.4"),
            "never sent, by a bug: it loops over the text that it is about to fill",
            [("a", "1")],
            instead=[],
        ),
    ),
)
