"""The news of a login: headlines in the order of their arrival, and bulletins by their number."""

import datetime as dt

from ibdesk.client.effects import Emissions, Emit
from ibdesk.model.contract import Contract
from ibdesk.model.reference import HistoricalNews, NewsBulletin, NewsTick
from ibdesk.model.times import parseIBDatetime
from ibdesk.wire.messages import news as messages


class News:
    """The headlines and bulletins that were received."""

    def __init__(self) -> None:
        self.ticks: list[NewsTick] = []
        self.bulletins: dict[int, NewsBulletin] = {}

    def tick_news(self, message: messages.TickNews, contract: Contract | None) -> Emissions:
        """Take in a headline that came with the quotes of a contract."""
        text = message.headline, message.extraData
        news = NewsTick(message.timeStamp, message.providerCode, message.articleId, *text, contract)
        self.ticks.append(news)
        return [Emit("tickNewsEvent", (news,))]

    def bulletin(self, message: messages.UpdateNewsBulletin) -> Emissions:
        """Take in a bulletin."""
        bulletin = NewsBulletin(message.msgId, message.msgType, message.message, message.origExchange)
        self.bulletins[bulletin.msgId] = bulletin
        return [Emit("newsBulletinEvent", (bulletin,))]


def headline(message: messages.HistoricalNews) -> HistoricalNews:
    """Return a past headline, its time in UTC. Raises ValueError for a time that cannot be read."""
    time = parseIBDatetime(message.time, dt.UTC)
    if not isinstance(time, dt.datetime):
        raise ValueError(f"a headline without a time of day: {message.time!r}")
    return HistoricalNews(time, message.providerCode, message.articleId, message.headline)
