"""The handlers of market data, live and historical: they fill tickers, lists of bars and scans, and collect news."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ibdesk.client.client_state import ClientState
from ibdesk.client.effects import Add, Arrived, AskAgain, Effect, Effects, Emit, Finish, Late, failure
from ibdesk.client.handlers import Handler
from ibdesk.client.health import COMPETING
from ibdesk.client.state import history
from ibdesk.client.state.bar_lists import BarDataList, RealTimeBarList, ScanDataList
from ibdesk.client.state.display_groups import DisplayGroup
from ibdesk.client.state.real_time_bars import realtime_bar
from ibdesk.client.state.scans import scanned
from ibdesk.client.state.statuses import NEEDS_API_RIGHTS
from ibdesk.client.state.ticker import Ticker
from ibdesk.client.subscriptions import Kind, Subscription
from ibdesk.errors import RequestError
from ibdesk.logs import logger
from ibdesk.model.bars import BarData
from ibdesk.wire import versions as V
from ibdesk.wire.messages import (
    connection,
    depth,
    display_groups,
    fundamentals,
    historical_ticks,
    market_data,
    news,
    options,
    real_time_bars,
    scanner,
)
from ibdesk.wire.messages import history as bars

_log = logger("ibdesk.ib")

_NOTHING_FOUND = 165
"""The scan finds nothing, or nothing any more."""

_BOOK_RESET = 317

_LIVE = (1, 2)
"""The types of market data that need a subscription at IBKR: live, and frozen at the close."""

_BEGINS_AGAIN = {10225: (Kind.BARS, Kind.LIVE_BARS), 10182: (Kind.BARS, Kind.LIVE_BARS), 316: (Kind.DEPTH,)}
"""The codes of errors after which a subscription is to be made again, with the kinds that they end.

10225: the exchange has cancelled a trade that is in the bars. 10182: the updates of bars were disconnected. 316: the
market depth was halted.
"""

_AT_ONCE = dt.timedelta(minutes=1)
"""An error that comes so soon after a subscription was asked for again refuses it."""


class MarketHandlers:
    """The handlers of market data. Most ticks are handled by `Quotes` itself."""

    def __init__(self, state: ClientState, restores: Callable[[], bool]) -> None:
        """Make the handlers. `restores` returns whether to ask again for what the server ends."""
        self._state = state
        self._restores = restores
        targets = state.subscriptions.targets
        self._tickers = targets(Ticker)
        self._bars = targets(BarDataList)
        self._live_bars = targets(RealTimeBarList)
        self._scans = targets(ScanDataList)
        self._groups = targets(DisplayGroup)
        self._rerouted: set[tuple[type, int]] = set()

    def table(self) -> dict[type, Handler]:
        """Return the handler for each class of message. For speed, most ticks go to methods of `Quotes` directly."""
        return {
            **self._state.quotes.handlers,
            market_data.MarketDataType: self.data_type,
            options.TickOptionComputation: self.greeks,
            market_data.TickSnapshotEnd: self.snapshot_end,
            historical_ticks.HistoricalTicks: self.past_ticks,
            historical_ticks.HistoricalTicksBidAsk: self.past_ticks,
            historical_ticks.HistoricalTicksLast: self.past_ticks,
            bars.HistoricalData: self.past_bars,
            bars.HistoricalDataUpdate: self.bar_update,
            real_time_bars.RealtimeBar: self.live_bar,
            depth.RerouteMktDataReq: self.reroute,
            depth.RerouteMktDepthReq: self.reroute,
            scanner.ScannerData: self.scan,
            news.TickNews: self.headline,
            news.UpdateNewsBulletin: self._state.news.bulletin,
            fundamentals.WshMetaData: self.calendar_meta,
            fundamentals.WshEventData: self.calendar_event,
            display_groups.DisplayGroupUpdated: self.group,
        }

    def data_type(self, message: market_data.MarketDataType) -> Effects:
        """Record whether ticks are live, frozen or delayed. Live ones show that no other session has the data."""
        self._state.quotes.market_data_type(message)
        is_live = message.marketDataType in _LIVE
        return self._state.health.live_data(self._state.now()) if is_live else []

    def snapshot_end(self, message: market_data.TickSnapshotEnd) -> Effects:
        """Complete a snapshot."""
        self._state.quotes.tick_snapshot_end(message)
        return [Finish(message.reqId)]

    def greeks(self, message: options.TickOptionComputation) -> Effects | None:
        """Update the greeks of a ticker, or answer a request for a calculation."""
        if message.reqId in self._tickers:
            self._state.quotes.tick_option_computation(message)
            return None
        return [Add(message.reqId, message, "TickOptionComputation"), Finish(message.reqId)]

    def past_ticks(self, message: Any) -> Effects | None:
        """Add historical ticks to an answer, or to the ticker of a tick-by-tick subscription that begins with some."""
        if message.reqId in self._tickers:
            self._state.quotes.past_ticks(message)
            return None
        effects: list[Effect] = [Add(message.reqId, message, type(message).__name__)]
        return [*effects, Finish(message.reqId)] if message.done else effects

    def past_bars(self, message: bars.HistoricalData) -> Iterable[Effect]:
        """Add bars to the list that was asked for. From servers that send no `HistoricalDataEnd` they are complete."""
        state, target = self._state, self._bars.get(message.reqId)
        subscription = state.subscriptions.get(message.reqId)
        if target is None or subscription is None:
            return [Late("HistoricalData")]
        subscription.arrived = state.quotes.now
        told = history.historical_data(message, zone=state.zone)
        if message.reqId not in state.requests:
            return self._caught_up(subscription, told, target)
        target.extend(told)
        return [Finish(message.reqId)] if state.server_version < V.HISTORICAL_DATA_END else []

    def _caught_up(self, subscription: Subscription, told: list[BarData], target: BarDataList) -> Iterator[Effect]:
        # They were asked for again, after the server had lost them. Listeners are called before the next bar is added.
        yield Arrived(subscription)
        yield from history.catch_up(told, target)

    def bar_update(self, message: bars.HistoricalDataUpdate) -> Effects | None:
        """Update the newest bar of a list that is kept up to date, or add one."""
        target, subscription = self._bars.get(message.reqId), self._state.subscriptions.get(message.reqId)
        if target is None or subscription is None:
            return None
        subscription.arrived = self._state.quotes.now
        return history.historical_data_update(message, target, zone=self._state.zone)

    def live_bar(self, message: real_time_bars.RealtimeBar) -> Effects | None:
        """Add a real-time bar, one of five seconds, to its list. The first ones after an interruption are held back."""
        target, subscription = self._live_bars.get(message.reqId), self._state.subscriptions.get(message.reqId)
        if target is None or subscription is None:
            return None
        subscription.arrived = self._state.quotes.now
        if subscription.since is None:
            return realtime_bar(message, target, self._state.defaults.timezone)
        target.held = target.held or []
        return [*realtime_bar(message, target, self._state.defaults.timezone), Arrived(subscription)]

    def reroute(self, message: depth.RerouteMktDataReq | depth.RerouteMktDepthReq) -> Effects | None:
        """Log, once, that a CFD has no market data of its own, and that those of its underlying must be requested."""
        ticker, request = self._tickers.get(message.reqId), (type(message), message.reqId)
        if ticker is None:
            return [Late(type(message).__name__)]
        if request not in self._rerouted:
            self._rerouted.add(request)
            target = ticker.contract, message.conId, message.exchange
            _log.warning("%s is a CFD without data of its own: ask for conId %s at %s instead", *target)
        return None

    def scan(self, message: scanner.ScannerData) -> Effects:
        """Replace the rows of a scan by the current ones."""
        rows = self._scans.get(message.reqId)
        if rows is None:
            return [Late("ScannerData")]
        return [*scanned(message.rows, rows), Finish(message.reqId)]

    def headline(self, message: news.TickNews) -> Effects:
        """Add a headline about the contract of a ticker to the news."""
        return self._state.news.tick_news(message, self._state.quotes.contract(message.reqId))

    def calendar_meta(self, message: fundamentals.WshMetaData) -> Effects:
        """Pass on the kinds of events and filters that Wall Street Horizon's calendar has, as JSON."""
        return self._calendar("wshMetaEvent", message)

    def calendar_event(self, message: fundamentals.WshEventData) -> Effects:
        """Pass on events in Wall Street Horizon's calendar, as JSON."""
        return self._calendar("wshEvent", message)

    def _calendar(self, event: str, message: fundamentals.WshMetaData | fundamentals.WshEventData) -> Effects:
        effects: list[Effect] = [Emit(event, (message.dataJson,))]
        # After `reqWshMetaData` and `reqWshEventData` there is a subscription, but nobody waits: the event is enough.
        if message.reqId in self._state.requests or message.reqId not in self._state.subscriptions:
            effects += [Add(message.reqId, message, type(message).__name__), Finish(message.reqId)]
        return effects

    def group(self, message: display_groups.DisplayGroupUpdated) -> Effects | None:
        """Update the contract that a display group of TWS shows."""
        group = self._groups.get(message.reqId)
        return None if group is None else group.shows(message.contractInfo)

    def error(self, message: connection.Error, ends: bool) -> Effects:
        """Return the effects of an error on the subscription that it is about. `ends` says that this ends with it."""
        reqId, code, text = message.reqId, message.errorCode, message.errorString
        subscription = self._state.subscriptions.get(reqId)
        if subscription is not None and self._begins_again(subscription, code, ends):
            target = subscription.target
            told = [Emit(target.errorEvent, (target, code, text))] if isinstance(target, Ticker) else []
            return [*told, AskAgain(subscription, RequestError(reqId, code, text))]
        effects: list[Effect] = []
        if code == _NOTHING_FOUND and (scan := self._scans.get(reqId)) is not None:
            effects += [*scanned([], scan), Finish(reqId)]
        if code == NEEDS_API_RIGHTS:  # it is logged here since it may count as information, which is easily missed
            _log.warning("Request %s gets no live data: %s", reqId, text)
        quotes, subscriptions = self._state.quotes, self._state.subscriptions
        effects += quotes.error(reqId, code, text, ends)
        if code == _BOOK_RESET:
            quotes.reset_book(reqId)
        if ends or (code == NEEDS_API_RIGHTS and reqId in self._live_bars):
            ended = subscriptions.end(reqId)
            if ended is not None and hasattr(ended.target, "updateEvent"):
                effects.append(failure(ended.target.updateEvent, RequestError(reqId, code, text)))
        return effects

    def _begins_again(self, subscription: Subscription, code: int, ends: bool) -> bool:
        """Return whether an error is to be answered by asking for the subscription again."""
        if not subscription.restored_by or subscription.key in self._state.requests:
            return False
        is_taken = code == COMPETING and subscription.last_data() is not None  # it is to have them again after that
        if is_taken or subscription.kind in _BEGINS_AGAIN.get(code, ()):
            return self._restores()
        # The server has accepted it before. So what refuses it now may pass, such as a farm that is not there yet.
        asked = subscription.asked
        is_new = subscription.since is not None or (asked is not None and self._state.now() - asked < _AT_ONCE)
        return is_new and (ends or (code == NEEDS_API_RIGHTS and subscription.kind != Kind.QUOTES))
