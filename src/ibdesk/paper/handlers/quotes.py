"""Answers with quotes: subscriptions and snapshots; live, frozen and delayed data.

A subscription remembers the quote that was sent last, and each change of the market sends what differs from it. A
client that reads slowly, or a gateway that was busy, misses the quotes in between and nothing else. Headlines are sent
from the first of the day on, and none is missed.

All subscriptions to one instrument share a timer, so that a change of one quote touches no others.

A quote is a function of its moment, so that some are looked at, and what tells of them is encoded, before they are due:
all that is left to do at each moment is to send it. It takes less time to do the same many times in a row.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from ibdesk.model.contract_details import ContractDetails
from ibdesk.wire.messages.market_data import (
    CancelMktData,
    MarketDataType,
    ReqMarketDataType,
    ReqMktData,
    TickSnapshotEnd,
)
from ibdesk.wire.messages.news import TickNews

from ..broker import Broker
from ..client import Client
from ..generic_ticks import NO_TOP_OF_BOOK, TAG, Scene, generic_ticks, news_sources, parse
from ..instruments import COMBINATION, Instrument, Invalid, Refusal, ending_of, has_ended, is_open, latest
from ..market import Quote
from ..news_feed import NewsFeed
from ..refusals import NoPrices
from ..ticks import DELAYED as DELAYED_TYPES
from ..ticks import Computations, computation_ticks, computations, delayed, messages_of, parameters, ticks
from ..timers import EPOCH, Timer, next_beat
from .combination_quotes import CombinationQuotes
from .group import Concerns, NewTimer, SubscriptionHandlers, answers
from .kinds_of_data import BEAT, DELAYED, DELAYED_FROZEN, FROZEN, LAST_STEP, LIVE, delay_of, is_delayed, seen

_MOST_AHEAD = 64
"""How many quotes are looked at, and encoded, before they are due."""


class Beat(NamedTuple):
    """The `moment` of a quote that is told, and when the next one is, which may be long after its moment."""

    moment: datetime
    quote: Quote
    following: datetime


class Encoded(NamedTuple):
    """The messages that lead from one quote to the next."""

    before: Quote | None
    after: Quote
    data: bytes


@dataclass(eq=False)
class Line:
    """One subscription.

    `kind`, `shown` and `computed` are the kind of data, the quote and an option's computations that its client
    was told last. `sources` are the news services that it listens to; their headlines are told up to `read`, and later
    ones by the timer `news`. `ahead` is what is encoded of the next quotes, the next one last: of as many as have been
    told `in_a_row`, for a client that misses some would have no use for it.
    """

    client: Client
    reqId: int
    instrument: Instrument
    details: ContractDetails
    generic: frozenset[str] = field(default_factory=frozenset)
    sources: frozenset[str] = field(default_factory=frozenset)
    streams: bool = True
    kind: int = 0
    shown: Quote | None = None
    computed: Computations = field(default_factory=Computations)
    read: datetime | None = None
    feed: "Feed | None" = None
    news: Timer | None = None
    ahead: list[Encoded] = field(default_factory=list)
    in_a_row: int = 0

    encoders: dict[tuple[type, int], Callable[..., bytes]] = field(default_factory=dict)

    def encoder(self, cls: type, kind: int) -> Callable[..., bytes]:
        """Return what encodes the ticks of a class and a type, as those of delayed data where they are."""
        key = cls, DELAYED_TYPES.get(kind, kind) if is_delayed(self.kind) else kind
        if key not in self.encoders:
            self.encoders[key] = self.client.partial_encoder(cls, self.reqId, key[1])
        return self.encoders[key]

    def end(self) -> None:
        """Tell the client no more headlines."""
        if self.news:
            self.news.stop()


@dataclass(eq=False)
class Feed:
    """The subscriptions to one instrument that show it with the same delay. The timer is set to the next change.

    `beats` are the next moments at which something is told, the next one last.
    """

    instrument: Instrument
    delay: timedelta
    timer: Timer
    lines: list[Line] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)


class QuoteHandlers(SubscriptionHandlers[Line]):
    """Every subscription to market data."""

    def __init__(self, broker: Broker, new_timer: NewTimer) -> None:
        super().__init__(broker, new_timer)
        self._news_feed = NewsFeed(broker.market)
        self._feeds: dict[tuple[int, timedelta], Feed] = {}
        self._combinations = CombinationQuotes(broker, new_timer)

    def _tell(self, feed: Feed) -> None:
        """Tell the subscribers to one instrument what has changed; if the gateway is late, only what is newest."""
        until = feed.timer.until
        if self._broker.moment < until and self._next_change(feed) <= until:
            feed.timer.set(until)
            return
        lines = [line for line in feed.lines if not line.client.hold_back(feed.timer)]
        if not lines:
            return
        beat = self._beat(feed)
        for line in lines:
            self._update(line, beat)
        feed.timer.set(beat.following)

    def _beat(self, feed: Feed) -> Beat:
        """Return what is to be told now."""
        moment, beats = self._broker.moment - feed.delay, feed.beats
        if beats and beats[-1].moment == moment:
            return beats.pop()
        if feed.instrument.option:
            quote = self._broker.market.quote(feed.instrument.conId, moment)
            return Beat(moment, quote, self._next_change(feed))
        beats[:] = reversed(self._beats(feed, moment))
        return beats.pop()

    def _beats(self, feed: Feed, moment: datetime) -> list[Beat]:
        """Return what is to be told at a moment and next."""
        beats: list[Beat] = []
        for quote, change in self._broker.market.coming_quotes(feed.instrument.conId, moment, _MOST_AHEAD):
            if change <= moment:  # of several quotes before a beat, it is the last one that is told
                continue
            if change.microsecond % BEAT.microseconds:
                change = next_beat(EPOCH, BEAT, change)
            beats.append(Beat(moment, quote, change + feed.delay))
            moment = change
        return beats

    def _next_change(self, feed: Feed) -> datetime:
        """Return when there is something to tell next: four times a second at most, as at TWS."""
        instrument, market, moment = feed.instrument, self._broker.market, self._broker.moment - feed.delay
        change = market.next_change(instrument.conId, moment)
        if instrument.option and is_open(instrument.kind.hours, moment) and not has_ended(instrument, moment):
            # The computations of an option follow the price of its underlying as well.
            change = min(change, market.next_change(instrument.option.underlying.conId, moment))
        if change.microsecond % BEAT.microseconds:
            change = next_beat(EPOCH, BEAT, change)
        return change + feed.delay

    def _join_feed(self, line: Line) -> Feed:
        key = line.instrument.conId, delay_of(line.client.market_data_type)
        feed = self._feeds.get(key) or self._new_feed(line.instrument, key[1])
        feed.lines.append(line)
        line.feed = feed
        return feed

    def _new_feed(self, instrument: Instrument, delay: timedelta) -> Feed:
        timer = self._new_timer(lambda: self._tell(feed))
        feed = self._feeds[instrument.conId, delay] = Feed(instrument, delay, timer)
        timer.set(self._next_change(feed))
        return feed

    def _leave_feed(self, line: Line) -> None:
        feed = line.feed
        assert feed is not None, "a line that is open belongs to one"
        feed.lines.remove(line)
        if not feed.lines:
            feed.timer.stop()
            del self._feeds[feed.instrument.conId, feed.delay]

    def _close(self, key: tuple[Any, ...]) -> bool:
        if line := self._open.get(key):
            self._leave_feed(line)
        return super()._close(key)

    def forget(self, client: Client) -> None:
        """End all that a client has subscribed to."""
        super().forget(client)
        self._combinations.forget(client)

    def subscribed(self, request: type) -> list[tuple[Client, int]]:
        """Return the clients that have subscribed by this kind of request, with the ids of the requests."""
        return super().subscribed(request) + self._combinations.subscribed(request)

    def end(self, request: type, concerns: Concerns) -> None:
        """End what all clients have subscribed to by this kind of request, without a word."""
        super().end(request, concerns)
        self._combinations.end(request, concerns)

    def renew(self, concerns: Concerns) -> None:
        """Tell all clients the quotes anew."""
        self._combinations.renew(concerns)
        for line in self._open.values():
            if concerns(line.instrument):
                line.kind = 0
                self._update(line)

    @answers(ReqMktData)
    def _subscribe(self, client: Client, request: ReqMktData) -> None:
        key = client, request.reqId
        if key in self._open or self._combinations.is_open(*key):
            raise Refusal(322, f"Error processing request.-'{TAG}' : cause - Duplicate ticker id")
        if request.contract.secType == COMBINATION:
            self._combinations.subscribe(client, request)
            return
        details = self._broker.market.instruments.resolve(request.contract, TAG)
        assert details.contract is not None
        instrument = self._broker.market.served(details.contract.conId, NoPrices.QUOTES)
        once = request.snapshot or request.regulatorySnapshot
        generic = parse(request.genericTickList, instrument.secType)
        if once and generic:
            raise Invalid(TAG, "Snapshot market data subscription is not applicable to generic ticks")
        sources = news_sources(request.genericTickList, instrument.secType)
        # A snapshot is a subscription that is told once and not kept.
        line = Line(client, request.reqId, instrument, details, generic, sources, streams=not once)
        self._update(line)
        self._tell_headlines(line)
        if once:
            client.send(TickSnapshotEnd(request.reqId))
            return
        self._keep(key, line, instrument)
        self._join_feed(line)
        if line.sources:
            line.news = self._new_timer(lambda: self._tell_headlines(line))
            self._wait_for_headline(line)

    @answers(CancelMktData)
    def _cancel(self, client: Client, request: CancelMktData) -> None:
        if not (self._close((client, request.reqId)) or self._combinations.cancel(client, request.reqId)):
            raise Refusal(300, f"Can't find EId with tickerId:{request.reqId}")

    @answers(ReqMarketDataType)
    def _choose_type(self, client: Client, request: ReqMarketDataType) -> None:
        if request.marketDataType not in (LIVE, FROZEN, DELAYED, DELAYED_FROZEN):
            raise Invalid("b0", "Invalid market data type")
        client.market_data_type = request.marketDataType
        for line in [line for line in self._open.values() if line.client is client]:
            self._leave_feed(line)
            self._join_feed(line).timer.set_to_now()
        self._combinations.choose_type(client)

    def _update(self, line: Line, beat: Beat | None = None) -> None:
        """Tell a client what has changed. `beat` has the quote of its moment, where somebody has looked already."""
        kind, moment = seen(line.instrument, line.client.market_data_type, self._broker.moment)
        if beat is None or beat.moment != moment:
            beat, quote = None, self._broker.market.quote(line.instrument.conId, moment)
        else:
            quote = beat.quote
        send = line.client.send
        if kind != line.kind:
            send(MarketDataType(line.reqId, kind))
            if not line.kind:
                send(parameters(line.reqId, line.details, line.instrument.kind.tick))
            line.kind, line.shown, line.computed = kind, None, Computations()
        # What the model says of an option moves with its underlying, though its own quote stays.
        if quote is line.shown and not line.instrument.option:
            return
        if beat is None or line.generic or line.instrument.option or not line.client.takes_encoded:
            line.client.send_all(self._changes(line, quote, moment))
        else:
            line.client.send_encoded(self._encoded(line, quote))
        line.shown = quote

    def _encoded(self, line: Line, quote: Quote) -> bytes:
        """Return what leads a line to a quote, and encode what leads to those that will probably follow it."""
        if line.ahead:
            before, after, data = line.ahead.pop()
            if before is line.shown and after is quote:
                line.in_a_row += 1
                return data
            line.ahead.clear()
            line.in_a_row = 0
        assert line.feed is not None, "a line that is open belongs to one"
        coming = line.feed.beats[-line.in_a_row :] if line.in_a_row else []
        quotes = [quote, *(beat.quote for beat in reversed(coming))]
        told = ticks(line.encoder, line.shown, quotes, line.instrument.secType, streams=line.streams)
        line.ahead = list(map(Encoded, [line.shown, *quotes], quotes, map(b"".join, told)))
        line.ahead.reverse()
        line.in_a_row += 1
        return line.ahead.pop().data

    def _changes(self, line: Line, quote: Quote, moment: datetime) -> list[Any]:
        told: list[Any] = []
        if NO_TOP_OF_BOOK not in line.generic:
            make, sec_type = messages_of(line.reqId), line.instrument.secType
            (told,) = ticks(make, line.shown, [quote], sec_type, streams=line.streams)
            if line.instrument.option:
                told += self._computed(line, quote, moment)
        if line.generic:
            scene = Scene(line.instrument, self._broker.market, moment)
            told += generic_ticks(line.reqId, line.generic, scene, quote, line.shown)
        return [delayed(message) for message in told] if is_delayed(line.kind) else told

    def _computed(self, line: Line, quote: Quote, moment: datetime) -> Iterator[Any]:
        # The walk of the underlying never rests; the model of an option does when nobody can trade it.
        ending = ending_of(line.instrument)
        assert ending is not None, "options end"
        end = min(latest(line.instrument.kind.hours, moment).end, ending.last_trade)
        when = min(moment, end - LAST_STEP)
        model = self._broker.market.greeks(line.instrument.conId, when)
        found = computations(line.instrument, quote, model, when)
        yield from computation_ticks(line.reqId, found, line.computed)
        line.computed = found

    def _tell_headlines(self, line: Line) -> None:
        if not line.sources or (line.news and line.client.hold_back(line.news)):
            return
        now = self._broker.now
        since = line.read or datetime.combine(now.date(), time(), now.tzinfo)
        for story in reversed(self._news_feed.stories(line.instrument, since, now)):
            if story.provider in line.sources:
                moment = int(story.published.timestamp()) * 1000
                extra = f"K:{story.sentiment:.2f}"
                line.client.send(TickNews(line.reqId, moment, story.provider, story.articleId, story.headline, extra))
        line.read = now
        if line.news:
            self._wait_for_headline(line)

    def _wait_for_headline(self, line: Line) -> None:
        assert line.news is not None
        line.news.set(self._news_feed.next_story(line.instrument, self._broker.moment))
