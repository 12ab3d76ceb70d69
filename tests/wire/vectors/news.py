"""Literal messages of news, each with its bytes, as in `wire.vectors`."""

from wire.vectors.vector import CLIENT, SERVER, Vector, raw, tagged, text

from ibdesk.model.contract import TagValue
from ibdesk.model.reference import NewsProvider
from ibdesk.wire.messages import news

VECTORS = (
    Vector("ask for bulletins", 178, CLIENT, text("12|1|1|"), news.ReqNewsBulletins(True)),
    Vector("ask for bulletins, with a binary id", 208, CLIENT, raw(12, "1|0|"), news.ReqNewsBulletins(False)),
    Vector("ask for bulletins in protobuf", 209, CLIENT, tagged(12, "08 01"), news.ReqNewsBulletins(True)),
    Vector("ask for new bulletins in protobuf", 209, CLIENT, tagged(12, ""), news.ReqNewsBulletins(False)),
    Vector("end bulletins", 178, CLIENT, text("13|1|"), news.CancelNewsBulletins()),
    Vector("end bulletins in protobuf", 209, CLIENT, tagged(13, ""), news.CancelNewsBulletins()),
    Vector("bulletin", 178, SERVER, text("14|1|9|2|closed|NYSE|"), news.UpdateNewsBulletin(9, 2, "closed", "NYSE")),
    Vector(
        "bulletin in protobuf",
        209,
        SERVER,
        tagged(14, "08 09 10 02 1a 06 63 6c 6f 73 65 64 22 04 4e 59 53 45"),
        news.UpdateNewsBulletin(9, 2, "closed", "NYSE"),
    ),
    Vector("ask for an article", 178, CLIENT, text("84|7|BRFG|BRFG$1||"), news.ReqNewsArticle(7, "BRFG", "BRFG$1")),
    Vector(
        "ask for an article with options",
        208,
        CLIENT,
        raw(84, "7|BRFG|BRFG$1|a=1;b=2;|"),
        news.ReqNewsArticle(7, "BRFG", "BRFG$1", [TagValue("a", "1"), TagValue("b", "2")]),
    ),
    Vector(
        "ask for an article in protobuf",
        209,
        CLIENT,
        tagged(84, "08 07 12 04 42 52 46 47 1a 06 42 52 46 47 24 31 22 06 0a 01 61 12 01 31"),
        news.ReqNewsArticle(7, "BRFG", "BRFG$1", [TagValue("a", "1")]),
    ),
    Vector("article", 178, SERVER, text("83|7|0|<p>x</p>|"), news.NewsArticle(7, 0, "<p>x</p>")),
    Vector(
        "article in protobuf",
        209,
        SERVER,
        tagged(83, "08 07 10 01 1a 04 4a 56 42 45"),
        news.NewsArticle(7, 1, "JVBE"),
    ),
    Vector(
        "headline in protobuf",
        209,
        SERVER,
        tagged(84, "08 07 10 d8 9f b7 fa f8 2d 1a 01 42 22 03 42 24 31 2a 02 48 69 32 03 4b 3a 31"),
        news.TickNews(7, 1578657239000, "B", "B$1", "Hi", "K:1"),
    ),
    Vector("ask for providers", 178, CLIENT, text("85|"), news.ReqNewsProviders()),
    Vector("ask for providers, with a binary id", 208, CLIENT, raw(85, ""), news.ReqNewsProviders()),
    Vector("ask for providers in protobuf", 209, CLIENT, tagged(85, ""), news.ReqNewsProviders()),
    Vector("no providers", 178, SERVER, text("85|0|"), news.NewsProviders([])),
    Vector(
        "providers in protobuf",
        209,
        SERVER,
        tagged(85, "0a 0e 0a 02 42 5a 12 08 42 65 6e 7a 69 6e 67 61 0a 05 0a 03 46 4c 59"),
        news.NewsProviders([NewsProvider("BZ", "Benzinga"), NewsProvider("FLY", "")]),
    ),
    Vector(
        "ask for headlines",
        178,
        CLIENT,
        text("86|7|8314|BRFG+BRFUPDN|2019-10-10 00:00:00.0||10|a=1;|"),
        news.ReqHistoricalNews(7, 8314, "BRFG+BRFUPDN", "2019-10-10 00:00:00.0", "", 10, [TagValue("a", "1")]),
    ),
    Vector(
        "ask for headlines in protobuf",
        209,
        CLIENT,
        tagged(86, "08 07 10 fa 40 1a 02 42 5a 22 02 74 30 2a 02 74 31 30 0a 3a 06 0a 01 61 12 01 31"),
        news.ReqHistoricalNews(7, 8314, "BZ", "t0", "t1", 10, [TagValue("a", "1")]),
    ),
    Vector(
        "headline of the past in protobuf",
        209,
        SERVER,
        tagged(86, "08 07 12 02 74 30 1a 02 42 5a 22 04 42 5a 24 31 2a 02 48 69"),
        news.HistoricalNews(7, "t0", "BZ", "BZ$1", "Hi"),
    ),
    Vector("end of the headlines", 178, SERVER, text("87|7|0|"), news.HistoricalNewsEnd(7, False)),
    Vector("end of the headlines in protobuf", 209, SERVER, tagged(87, "08 07"), news.HistoricalNewsEnd(7, False)),
    Vector(
        "end of the headlines in protobuf, and there are more",
        209,
        SERVER,
        tagged(87, "08 07 10 01"),
        news.HistoricalNewsEnd(7, True),
    ),
)
